#include "scenarios/live_search.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "explore/message.h"
#include "explore/trying.h"
#include "loop/check.h"
#include "scenarios/live_workers.h"

namespace simloop::scenarios {
namespace {

using explore::Attempt;
using explore::Observation;

// A batch should take about so long: an answer costs a wake-up of two
// processes, and an interrupt waits for it.
constexpr absl::Duration kBatchTime = absl::Milliseconds(20);
constexpr size_t kMostInBatch = 256;
constexpr absl::Duration kGlance = absl::Milliseconds(200);

absl::Duration Uptime() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return absl::DurationFromTimespec(now);
}

struct Batch {
  uint64_t place = 0;
  std::vector<Attempt> attempts;
  absl::Duration asked_at;
};

class Lead final {
 public:
  Lead(WorkerPool& pool, explore::Search& search)
      : pool_(pool), search_(search), given_(pool.size()) {}

  void Run(absl::FunctionRef<bool(absl::Duration)> progress) {
    const absl::Duration start = Uptime();
    WorkerPool::Answer answer;
    while (true) {
      bool busy = false;
      for (size_t i = 0; i < pool_.size(); ++i) {
        if (!pool_.busy(i)) Give(i);
        busy = busy || pool_.busy(i);
      }
      if (!busy) return;
      if (pool_.Wait(kGlance, &answer)) Take(answer);
      const absl::Duration now = Uptime();
      if (now - told_at_ < kGlance) continue;
      told_at_ = now;
      if (!progress(now - start)) search_.Stop();
    }
  }

 private:
  void Give(size_t worker) {
    Batch batch;
    if (!again_.empty()) {
      batch = std::move(again_.front());
      again_.pop_front();
    } else {
      batch.place = search_.Next(batch_size_, &batch.attempts);
    }
    if (batch.attempts.empty()) return;
    batch.asked_at = Uptime();
    pool_.Ask(worker, explore::AttemptsMessage(batch.attempts));
    given_[worker] = std::move(batch);
  }

  void Take(const WorkerPool::Answer& answer) {
    Batch& batch = given_[answer.worker];
    if (answer.error.empty()) {
      std::vector<Observation> seen = explore::ReadObservations(answer.message);
      SIMLOOP_CHECK(seen.size() == batch.attempts.size(), "one of each");
      for (size_t i = 0; i < seen.size(); ++i) {
        search_.Take(batch.place + i, std::move(seen[i]));
      }
      Adapt(Uptime() - batch.asked_at, batch.attempts.size());
    } else if (batch.attempts.size() == 1) {
      Observation seen;
      seen.number = batch.attempts[0].number;
      seen.ways = {answer.error};
      search_.Take(batch.place, std::move(seen));
    } else {
      // Which of them it was is seen when each runs alone.
      for (size_t i = 0; i < batch.attempts.size(); ++i) {
        again_.push_back({batch.place + i, {batch.attempts[i]}, {}});
      }
    }
    batch.attempts.clear();
  }

  void Adapt(absl::Duration took, size_t runs) {
    if (took > 2 * kBatchTime) {
      batch_size_ = std::max<size_t>(1, batch_size_ / 2);
    } else if (runs == batch_size_ && took < kBatchTime) {
      batch_size_ = std::min(kMostInBatch, batch_size_ * 2);
    }
  }

  WorkerPool& pool_;
  explore::Search& search_;
  std::vector<Batch> given_;  // by worker
  std::deque<Batch> again_;
  size_t batch_size_ = 4;
  absl::Duration told_at_;
};

// Tells each decision as it is taken.
class TellingScheduler final : public sim::Scheduler {
 public:
  TellingScheduler(sim::Scheduler& scheduler, int fd)
      : scheduler_(scheduler), fd_(fd) {}
  uint32_t Pick(const sim::Choice& choice) override {
    const uint32_t pick = scheduler_.Pick(choice);
    if (pick == 0) return 0;
    const std::string line = absl::StrCat(choice.name, "=", pick, "\n");
    if (write(fd_, line.data(), line.size()) < 0) _exit(1);
    return pick;
  }
  void OnEvent(const sim::Event& event) override { scheduler_.OnEvent(event); }

 private:
  sim::Scheduler& scheduler_;
  const int fd_;
};

}  // namespace

std::vector<explore::Decision> DecisionsOfCrash(
    explore::Subject& subject, const explore::Strategy& strategy,
    const Attempt& attempt, absl::Duration deadline) {
  int ends[2];
  SIMLOOP_CHECK(pipe2(ends, O_CLOEXEC) == 0, "no pipe for a child");
  const pid_t pid = fork();
  SIMLOOP_CHECK(pid >= 0, "no child process");
  if (pid == 0) {
    // What it says as it dies was said before.
    const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere >= 0) dup2(nowhere, STDERR_FILENO);
    alarm(static_cast<unsigned>(absl::ToInt64Seconds(deadline)) + 1);
    const auto scheduler = strategy.MakeScheduler(attempt);
    TellingScheduler telling(*scheduler, ends[1]);
    subject.Run(&telling, nullptr);
    _exit(0);
  }
  close(ends[1]);
  std::string text;
  char buffer[4096];
  ssize_t count = 0;
  while ((count = read(ends[0], buffer, sizeof buffer)) > 0) {
    text.append(buffer, static_cast<size_t>(count));
  }
  close(ends[0]);
  waitpid(pid, nullptr, 0);
  std::vector<explore::Decision> decisions;
  for (const absl::string_view line :
       absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    const size_t equals = line.rfind('=');
    explore::Decision decision{std::string(line.substr(0, equals)), 0};
    if (absl::SimpleAtoi(line.substr(equals + 1), &decision.pick)) {
      decisions.push_back(std::move(decision));
    }
  }
  return decisions;
}

void RunSearch(explore::Subject& subject, const explore::Strategy& strategy,
               const LiveSearchOptions& options,
               absl::FunctionRef<bool(absl::Duration)> progress,
               explore::Search* search) {
  WorkerPool pool(
      options.jobs, options.deadline, [&](const std::string& message) {
        std::vector<Observation> seen;
        for (const Attempt& attempt : explore::ReadAttempts(message)) {
          const bool check = options.check_one_in != 0 &&
                             attempt.number % options.check_one_in == 0;
          seen.push_back(explore::Try(subject, strategy, attempt, check));
        }
        return explore::ObservationsMessage(seen);
      });
  Lead(pool, *search).Run(progress);
}

}  // namespace simloop::scenarios
