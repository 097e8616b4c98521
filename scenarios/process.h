// Process: one process of a run: a kernel seen through a tracer, a loop, and
// the programs that share it. The same for a simulated and a live run.
#ifndef SCENARIOS_PROCESS_H_
#define SCENARIOS_PROCESS_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "loop/clock.h"
#include "loop/event_loop.h"
#include "loop/kernel.h"
#include "net/delayed_resolver.h"
#include "net/stack.h"
#include "scenarios/log.h"
#include "scenarios/program.h"
#include "scenarios/site.h"
#include "trace/process_tracer.h"
#include "trace/recorder.h"

namespace simloop::scenarios {

class Process final {
 public:
  struct Parts {
    // Not owned; must outlive the process.
    loop::Kernel* kernel;
    const loop::Clock* clock;
    trace::Recorder* recorder;
    loop::Discipline discipline;
    trace::ProcessId id;
    trace::ProcessTracer::ReadyCause ready_cause;
    // The host has an IPv6 address: who listens nowhere in particular listens
    // on [::].
    bool ipv6 = false;
    // Who knows addresses of names; null: nobody.
    net::NameQuestion names;
  };

  explicit Process(Parts parts);
  // Ends the process as the kernel would: descriptors are closed, nothing is
  // called back.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Adds a program, not started; answers its index. `owner` is the one that
  // it had before its host crashed; 0: it is new.
  size_t AddProgram(const ProgramKind& kind, Site::Parts site,
                    loop::Owner owner = 0);
  loop::Owner OwnerOf(size_t program) const { return members_[program].owner; }
  bool Started(size_t program) const { return members_[program].started; }
  // Runs the program's Start() or Do() under its owner. What is thrown is
  // logged as an uncaught exception. Does nothing once the process has
  // exited. Nests: a program may be told something while another runs.
  // The second Start() does nothing; Do() before it answers false.
  void Start(size_t program);
  bool Do(size_t program, absl::string_view command);

  // While this is above 0 the process stays, though its loop has nothing to
  // do: so many starts or steps are to come.
  void Expect(int more) { outstanding_ += more; }

  // One turn of the loop; logs the exit when there is no other.
  loop::EventLoop::Turn RunOnce(loop::Instant until);
  bool exited() const { return exited_; }
  loop::EventLoop& loop() { return *loop_; }

 private:
  struct Member {
    loop::Owner owner;
    std::unique_ptr<Site> site;
    std::unique_ptr<Program> program;
    bool started = false;
  };

  void Uncaught(std::exception_ptr exception);
  void Exit();
  template <typename Call>
  void As(loop::Owner owner, Call call);

  trace::Recorder& recorder_;
  const trace::ProcessId id_;
  trace::ProcessTracer tracer_;
  std::unique_ptr<loop::EventLoop> loop_;
  std::unique_ptr<net::Stack> stack_;
  std::unique_ptr<Log> log_;
  std::vector<Member> members_;
  int outstanding_ = 0;
  bool exited_ = false;
};

}  // namespace simloop::scenarios

#endif  // SCENARIOS_PROCESS_H_
