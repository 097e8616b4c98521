// fork(2), two pipes to each worker, and poll(2) over them. A message is its
// size, eight bytes, and itself.
#include "scenarios/live_workers.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "loop/check.h"

namespace simloop::scenarios {
namespace {

absl::Duration Uptime() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return absl::DurationFromTimespec(now);
}

bool WriteAll(int fd, const char* data, size_t size) {
  while (size > 0) {
    const ssize_t count = write(fd, data, size);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    data += count;
    size -= static_cast<size_t>(count);
  }
  return true;
}

bool ReadAll(int fd, char* data, size_t size) {
  while (size > 0) {
    const ssize_t count = read(fd, data, size);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    data += count;
    size -= static_cast<size_t>(count);
  }
  return true;
}

bool WriteMessage(int fd, const std::string& message) {
  const uint64_t size = message.size();
  return WriteAll(fd, reinterpret_cast<const char*>(&size), sizeof size) &&
         WriteAll(fd, message.data(), message.size());
}

bool ReadMessage(int fd, std::string* message) {
  uint64_t size = 0;
  if (!ReadAll(fd, reinterpret_cast<char*>(&size), sizeof size)) return false;
  message->resize(size);
  return ReadAll(fd, message->data(), size);
}

}  // namespace

WorkerPool::WorkerPool(size_t workers, absl::Duration deadline, Body body)
    : deadline_(deadline), body_(std::move(body)), workers_(workers) {
  signal(SIGPIPE, SIG_IGN);
  for (Worker& worker : workers_) Start(&worker);
}

WorkerPool::~WorkerPool() {
  for (Worker& worker : workers_) Bury(&worker, worker.busy);
}

void WorkerPool::Start(Worker* worker) {
  int down[2];
  int up[2];
  SIMLOOP_CHECK(pipe2(down, O_CLOEXEC) == 0 && pipe2(up, O_CLOEXEC) == 0,
                "no pipe for a worker");
  fflush(nullptr);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  SIMLOOP_CHECK(pid >= 0, "no worker process");
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    // An interrupt is for the one who leads.
    signal(SIGINT, SIG_IGN);
    close(down[1]);
    close(up[0]);
    // Else they would never see the end of the others' pipes.
    for (const Worker& other : workers_) {
      if (other.pid > 0) close(other.to);
    }
    Work(down[0], up[1]);
  }
  close(down[0]);
  close(up[1]);
  *worker = {pid, down[1], up[0], false, absl::ZeroDuration()};
}

void WorkerPool::Work(int from, int to) {
  std::string message;
  while (ReadMessage(from, &message)) {
    if (!WriteMessage(to, body_(message))) break;
  }
  // Nothing of this process's copy of the other is to be torn down.
  _exit(0);
}

std::string WorkerPool::Bury(Worker* worker, bool kill_it) {
  if (kill_it) kill(worker->pid, SIGKILL);
  close(worker->to);
  close(worker->from);
  int status = 0;
  while (waitpid(worker->pid, &status, 0) < 0 && errno == EINTR) continue;
  worker->pid = -1;
  if (WIFSIGNALED(status)) {
    return absl::StrCat("crashed: ", strsignal(WTERMSIG(status)));
  }
  return absl::StrCat("crashed: exit status ", WEXITSTATUS(status));
}

void WorkerPool::Ask(size_t worker, const std::string& message) {
  SIMLOOP_CHECK(!workers_[worker].busy, "a worker has one thing to do");
  workers_[worker].busy = true;
  workers_[worker].asked_at = Uptime();
  // If it has died, the answer will say so.
  WriteMessage(workers_[worker].to, message);
}

bool WorkerPool::Wait(absl::Duration timeout, Answer* answer) {
  std::vector<pollfd> polled;
  for (const Worker& worker : workers_) {
    polled.push_back({worker.busy ? worker.from : -1, POLLIN, 0});
  }
  if (poll(polled.data(), polled.size(),
           static_cast<int>(absl::ToInt64Milliseconds(timeout))) < 0) {
    return false;
  }
  const absl::Duration now = Uptime();
  for (size_t i = 0; i < workers_.size(); ++i) {
    Worker& worker = workers_[i];
    if (!worker.busy) continue;
    const bool late = now - worker.asked_at > deadline_;
    if (polled[i].revents == 0 && !late) continue;
    answer->worker = i;
    answer->error.clear();
    if (polled[i].revents != 0 && ReadMessage(worker.from, &answer->message)) {
      worker.busy = false;
      return true;
    }
    answer->error = Bury(&worker, late);
    if (late) {
      answer->error =
          absl::StrCat("no end in ", absl::FormatDuration(deadline_));
    }
    Start(&worker);
    return true;
  }
  return false;
}

size_t WorkerPool::Processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return static_cast<size_t>(std::max(1, CPU_COUNT(&set)));
}

}  // namespace simloop::scenarios
