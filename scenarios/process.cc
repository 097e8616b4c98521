#include "scenarios/process.h"

#include <exception>
#include <utility>

#include "absl/strings/str_cat.h"

namespace simloop::scenarios {

Process::Process(Parts parts)
    : recorder_(*parts.recorder),
      id_(parts.id),
      tracer_(*parts.kernel, *parts.recorder, parts.id,
              std::move(parts.ready_cause)) {
  loop_ = std::make_unique<loop::EventLoop>(
      tracer_, *parts.clock,
      loop::EventLoop::Options{parts.discipline, &tracer_});
  // Not through loop_: a loop that is destroyed still calls its kernel.
  tracer_.SetCurrentOwner([loop = loop_.get()] { return loop->owner(); });
  loop_->SetUncaughtHandler(
      [this](std::exception_ptr exception) { Uncaught(exception); });
  net::Stack::Options options;
  options.ipv6 = parts.ipv6;
  if (parts.names != nullptr) {
    options.resolver =
        std::make_shared<net::DelayedResolver>(*loop_, std::move(parts.names));
  }
  stack_ = std::make_unique<net::Stack>(*loop_, options);
  log_ = std::make_unique<Log>(parts.recorder, id_, *loop_);
}

Process::~Process() {
  // Sockets outlive neither their stack nor the programs that listen to them.
  stack_.reset();
  members_.clear();
  loop_.reset();
}

size_t Process::AddProgram(const ProgramKind& kind, Site::Parts site,
                           loop::Owner owner) {
  Member member;
  member.owner = owner != 0 ? owner : recorder_.AddOwner(id_, site.name);
  member.site = std::make_unique<Site>(*stack_, *log_, std::move(site));
  // What a program makes belongs to it from the first, its watchers too.
  As(member.owner, [&] { member.program = kind.make(*member.site); });
  members_.push_back(std::move(member));
  return members_.size() - 1;
}

void Process::Start(size_t program) {
  if (exited_ || members_[program].started) return;
  members_[program].started = true;
  As(members_[program].owner,
     [this, program] { members_[program].program->Start(); });
}

bool Process::Do(size_t program, absl::string_view command) {
  if (exited_) return true;
  if (!members_[program].started) return false;
  As(members_[program].owner,
     [this, program, command] { members_[program].program->Do(command); });
  return true;
}

template <typename Call>
void Process::As(loop::Owner owner, Call call) {
  const loop::Owner before = loop_->SetOwner(owner);
  try {
    call();
  } catch (...) {
    Uncaught(std::current_exception());
  }
  loop_->SetOwner(before);
}

void Process::Uncaught(std::exception_ptr exception) {
  std::string what = "an exception that is no std::exception";
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& thrown) {
    what = thrown.what();
  } catch (...) {
  }
  log_->Write("process", "uncaught", what);
}

loop::EventLoop::Turn Process::RunOnce(loop::Instant until) {
  using Turn = loop::EventLoop::Turn;
  if (exited_) return Turn::kDone;
  if (outstanding_ > 0 && !loop_->alive()) return Turn::kParked;
  const Turn turn = loop_->RunOnce(until);
  if (turn != Turn::kDone) return turn;
  if (outstanding_ > 0) return Turn::kParked;
  Exit();
  return turn;
}

void Process::Exit() {
  exited_ = true;
  const loop::Owner before = loop_->SetOwner(0);
  log_->Write("process", "exit",
              loop_->discipline() == loop::Discipline::kModern ? "code=0" : "");
  // What nobody closed, the kernel closes now.
  stack_.reset();
  members_.clear();
  loop_->SetOwner(before);
}

}  // namespace simloop::scenarios
