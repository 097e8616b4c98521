// WorkerPool: processes beside this one that answer what they are asked. They
// are forks: what was made before the pool they have too.
#ifndef SCENARIOS_LIVE_WORKERS_H_
#define SCENARIOS_LIVE_WORKERS_H_

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"

namespace simloop::scenarios {

class WorkerPool final {
 public:
  // Answers a message, in a worker.
  using Body = absl::AnyInvocable<std::string(const std::string& message)>;

  // REQUIRES: the process has one thread. A worker that takes longer than
  // `deadline` for one answer is killed.
  WorkerPool(size_t workers, absl::Duration deadline, Body body);
  // Ends the workers.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  size_t size() const { return workers_.size(); }
  bool busy(size_t worker) const { return workers_[worker].busy; }
  // REQUIRES: the worker is not busy.
  void Ask(size_t worker, const std::string& message);

  struct Answer {
    size_t worker = 0;
    std::string message;
    // What became of the worker instead: "crashed: Aborted", "no answer in
    // 60s". Another has taken its place.
    std::string error;
  };
  // Waits for an answer, at most so long. False: there is none yet. A signal
  // that this process handles ends the wait.
  bool Wait(absl::Duration timeout, Answer* answer);

  // How many processors this process may run on.
  static size_t Processors();

 private:
  struct Worker {
    pid_t pid = -1;
    int to = -1;
    int from = -1;
    bool busy = false;
    absl::Duration asked_at;
  };

  void Start(Worker* worker);
  [[noreturn]] void Work(int from, int to);
  // Ends it and says how it ended.
  std::string Bury(Worker* worker, bool kill_it);

  const absl::Duration deadline_;
  Body body_;
  std::vector<Worker> workers_;
};

}  // namespace simloop::scenarios

#endif  // SCENARIOS_LIVE_WORKERS_H_
