// Sanitizer: watches the records of a run for one kind of mistake that programs
// make with descriptors, connections and loops. An interface because each kind
// is a class of its own and can be switched off by its name.
#ifndef EXPLORE_SANITIZER_H_
#define EXPLORE_SANITIZER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "explore/subject.h"
#include "trace/recorder.h"

namespace simloop::explore {

class Sanitizer {
 public:
  virtual ~Sanitizer() = default;
  virtual void Take(const trace::Record& record) = 0;
  // The run is over. `quiet`: somebody waits for what cannot come.
  virtual void End(bool quiet) {}
};

// All of them but those that are switched off.
class SanitizerSet final : public trace::Sink {
 public:
  // "two-closes", "callback-after-close", ... in order.
  static const std::vector<std::string>& Names();

  // REQUIRES: `without` are of those names.
  explicit SanitizerSet(const std::vector<std::string>& without);
  ~SanitizerSet() override;

  void Take(const trace::Record& record) override;
  void End(bool quiet);

  // Names of hosts for what is found: by ProcessId.
  void SetHosts(std::vector<std::string> hosts) { hosts_ = std::move(hosts); }
  // A run that turns in circles is to be stopped.
  bool wants_stop() const { return wants_stop_; }
  // Each way once.
  const std::vector<Failure>& found() const { return found_; }

  // For the sanitizers --------------------------------------------------------

  // `what` says it of the process, without numbers that differ from run to run:
  // "closes a descriptor twice". `more` may have them.
  void Report(absl::string_view name, trace::ProcessId process,
              absl::string_view what, const std::string& more);
  void Stop() { wants_stop_ = true; }

 private:
  std::vector<std::unique_ptr<Sanitizer>> sanitizers_;
  std::vector<std::string> hosts_;
  std::vector<Failure> found_;
  bool wants_stop_ = false;
};

// In their own files.
std::unique_ptr<Sanitizer> MakeTwoCloses(SanitizerSet* set);
std::unique_ptr<Sanitizer> MakeUseAfterClose(SanitizerSet* set);
std::unique_ptr<Sanitizer> MakeCallbackAfterClose(SanitizerSet* set);
std::unique_ptr<Sanitizer> MakeReusedDescriptor(SanitizerSet* set);
std::unique_ptr<Sanitizer> MakeDescriptorLeak(SanitizerSet* set);
std::unique_ptr<Sanitizer> MakeHalfOpen(SanitizerSet* set);
std::unique_ptr<Sanitizer> MakeTimerLeak(SanitizerSet* set);
std::unique_ptr<Sanitizer> MakeErrorTaken(SanitizerSet* set);
std::unique_ptr<Sanitizer> MakeLostEdge(SanitizerSet* set);
std::unique_ptr<Sanitizer> MakeWriteSwallowed(SanitizerSet* set);
std::unique_ptr<Sanitizer> MakeDeadlock(SanitizerSet* set);
std::unique_ptr<Sanitizer> MakeBusyLoop(SanitizerSet* set);
std::unique_ptr<Sanitizer> MakeStarvation(SanitizerSet* set);

}  // namespace simloop::explore

#endif  // EXPLORE_SANITIZER_H_
