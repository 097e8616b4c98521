// fork(2), a pipe to each child, and poll(2) over the pipes.
#include "conformance/children.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "loop/check.h"

namespace simloop::conformance {
namespace {

constexpr int kReservedDescriptor = 900;
constexpr rlim_t kMostDescriptors = 1024;
// How often deadlines are looked at.
constexpr int kTickMs = 100;

absl::Duration Uptime() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return absl::DurationFromTimespec(now);
}

struct Child {
  size_t index;
  pid_t pid;
  int pipe;
  absl::Duration deadline;
  std::string output;
};

void SendAll(int fd, const std::string& output) {
  for (size_t sent = 0; sent < output.size();) {
    const ssize_t count = write(fd, output.data() + sent, output.size() - sent);
    if (count < 0 && errno != EINTR) _exit(1);
    if (count > 0) sent += static_cast<size_t>(count);
  }
}

// The child's side. Its end is told by its status: a body that kills its
// process by a signal, or leaves it, has not answered.
[[noreturn]] void BeChild(size_t index, int pipe, pid_t parent,
                          absl::FunctionRef<std::string(size_t)> body) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = std::min(limit.rlim_max, kMostDescriptors);
  setrlimit(RLIMIT_NOFILE, &limit);
  const int reserved = fcntl(pipe, F_DUPFD, kReservedDescriptor);
  if (reserved < 0) _exit(1);
  close_range(3, kReservedDescriptor - 1, 0);
  SendAll(reserved, body(index));
  fflush(nullptr);
  _exit(0);
}

Child Start(size_t index, absl::Duration deadline,
            absl::FunctionRef<std::string(size_t)> body) {
  int ends[2];
  SIMLOOP_CHECK(pipe2(ends, O_CLOEXEC) == 0, "no pipe for a child");
  fflush(nullptr);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  SIMLOOP_CHECK(pid >= 0, "no child process");
  if (pid == 0) BeChild(index, ends[1], parent, body);
  close(ends[1]);
  return {index, pid, ends[0], Uptime() + deadline, ""};
}

// Whether there will be no more of its output.
bool ReadSome(Child* child) {
  char buffer[1 << 16];
  const ssize_t count = read(child->pipe, buffer, sizeof buffer);
  if (count > 0) child->output.append(buffer, static_cast<size_t>(count));
  return count == 0 || (count < 0 && errno != EINTR);
}

ChildEnd Bury(Child* child, bool killed, absl::Duration deadline) {
  if (killed) kill(child->pid, SIGKILL);
  close(child->pipe);
  int status = 0;
  while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR) continue;
  ChildEnd end;
  if (killed) {
    end.error = absl::StrCat("no answer in ", absl::FormatDuration(deadline));
  } else if (WIFSIGNALED(status)) {
    end.error = absl::StrCat("crashed: ", strsignal(WTERMSIG(status)));
  } else if (WEXITSTATUS(status) != 0) {
    end.error = absl::StrCat("crashed: exit status ", WEXITSTATUS(status));
  } else {
    end.output = std::move(child->output);
  }
  return end;
}

}  // namespace

void RunInChildren(size_t count, const ChildOptions& options,
                   absl::FunctionRef<std::string(size_t index)> body,
                   absl::FunctionRef<void(size_t index, ChildEnd end)> done) {
  const size_t jobs = static_cast<size_t>(std::max(1, options.jobs));
  std::vector<Child> running;
  size_t next = 0;
  while (next < count || !running.empty()) {
    while (next < count && running.size() < jobs) {
      running.push_back(Start(next++, options.deadline, body));
    }
    std::vector<pollfd> pipes;
    for (const Child& child : running) pipes.push_back({child.pipe, POLLIN, 0});
    poll(pipes.data(), pipes.size(), kTickMs);
    const absl::Duration now = Uptime();
    for (size_t i = pipes.size(); i-- > 0;) {
      const bool over = now >= running[i].deadline;
      if (!over && (pipes[i].revents == 0 || !ReadSome(&running[i]))) continue;
      ChildEnd end = Bury(&running[i], over, options.deadline);
      const size_t index = running[i].index;
      running.erase(running.begin() + static_cast<ptrdiff_t>(i));
      done(index, std::move(end));
    }
  }
}

}  // namespace simloop::conformance
