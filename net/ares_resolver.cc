// c-ares driven by an event loop.
#include "net/ares_resolver.h"

#include <ares.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "loop/check.h"
#include "loop/io_watcher.h"
#include "loop/task.h"
#include "loop/timer.h"

namespace simloop::net {
namespace {

uint64_t Word(const uint8_t* bytes) {
  uint64_t word = 0;
  for (int i = 0; i < 8; ++i) word = word << 8 | bytes[i];
  return word;
}

Resolution ResolutionOf(int status, const ares_addrinfo* found) {
  Resolution resolution;
  if (status == ARES_ENOTFOUND || status == ARES_ENODATA) {
    resolution.error = "ENOTFOUND";
  } else if (status != ARES_SUCCESS) {
    resolution.error = "EAI_AGAIN";
  }
  const ares_addrinfo_node* node = found == nullptr ? nullptr : found->nodes;
  for (; node != nullptr; node = node->ai_next) {
    if (node->ai_family == AF_INET) {
      const auto* in = reinterpret_cast<const sockaddr_in*>(node->ai_addr);
      resolution.addresses.push_back(loop::Ipv4{ntohl(in->sin_addr.s_addr)});
    } else if (node->ai_family == AF_INET6) {
      const auto* in6 = reinterpret_cast<const sockaddr_in6*>(node->ai_addr);
      const uint8_t* const bytes = in6->sin6_addr.s6_addr;
      resolution.addresses.push_back(loop::Ip(Word(bytes), Word(bytes + 8)));
    }
  }
  if (resolution.error.empty() && resolution.addresses.empty()) {
    resolution.error = "ENOTFOUND";
  }
  return resolution;
}

}  // namespace

class AresResolver::Channel final {
 public:
  Channel(loop::EventLoop& loop, const Options& options)
      : loop_(loop), timer_(loop, [this] { OnTimeout(); }) {
    static const int begun = ares_library_init(ARES_LIB_INIT_ALL);
    SIMLOOP_CHECK(begun == ARES_SUCCESS, ares_strerror(begun));
    ares_options wanted = {};
    int mask = ARES_OPT_SOCK_STATE_CB;
    wanted.sock_state_cb = &Channel::OnSocketState;
    wanted.sock_state_cb_data = this;
    if (options.timeout > absl::ZeroDuration()) {
      wanted.timeout =
          static_cast<int>(absl::ToInt64Milliseconds(options.timeout));
      mask |= ARES_OPT_TIMEOUTMS;
    }
    if (options.tries > 0) {
      wanted.tries = options.tries;
      mask |= ARES_OPT_TRIES;
    }
    int status = ares_init_options(&channel_, &wanted, mask);
    SIMLOOP_CHECK(status == ARES_SUCCESS, ares_strerror(status));
    if (options.servers.empty()) return;
    status = ares_set_servers_ports_csv(channel_, options.servers.c_str());
    SIMLOOP_CHECK(status == ARES_SUCCESS, ares_strerror(status));
  }

  ~Channel() {
    ending_ = true;
    ares_destroy(channel_);
  }

  void Resolve(absl::string_view name, AddressFamily family,
               ResolveCallback done) {
    ares_addrinfo_hints hints = {};
    hints.ai_family = family == AddressFamily::kIpv4   ? AF_INET
                      : family == AddressFamily::kIpv6 ? AF_INET6
                                                       : AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    auto* const question = new Question{this, std::move(done)};
    asking_ = true;
    ares_getaddrinfo(channel_, std::string(name).c_str(), nullptr, &hints,
                     &Channel::OnAnswer, question);
    asking_ = false;
    SetTimer();
  }

 private:
  struct Question {
    Channel* channel;
    ResolveCallback done;
  };

  static void OnAnswer(void* argument, int status, int, ares_addrinfo* found) {
    const std::unique_ptr<Question> question(static_cast<Question*>(argument));
    Channel& channel = *question->channel;
    Resolution resolution = ResolutionOf(status, found);
    if (found != nullptr) ares_freeaddrinfo(found);
    if (channel.ending_) return;
    // What hosts(5) knows is answered inside the question.
    auto tell = [done = std::move(question->done),
                 resolution = std::move(resolution)]() mutable {
      done(resolution);
    };
    if (channel.asking_ || !channel.processing_) {
      channel.loop_.NextTick(std::move(tell));
    } else {
      channel.answers_.push_back(std::move(tell));
    }
  }

  // What is to be watched of a descriptor; nothing: it is about to be closed.
  static void OnSocketState(void* self, ares_socket_t number, int readable,
                            int writable) {
    static_cast<Channel*>(self)->Watch(
        number,
        static_cast<loop::Interest>((readable != 0 ? loop::kReadable : 0) |
                                    (writable != 0 ? loop::kWritable : 0)));
  }

  void Watch(int number, loop::Interest interest) {
    const loop::Fd fd{number};
    std::unique_ptr<loop::IoWatcher>& watcher = watchers_[number];
    if (watcher != nullptr) watcher->Stop();
    if (interest == 0) {
      watchers_.erase(number);
      loop_.Forget(fd);
      return;
    }
    if (watcher == nullptr) {
      watcher = std::make_unique<loop::IoWatcher>(
          loop_,
          [this, number](loop::Interest ready) { OnReady(number, ready); });
    }
    watcher->Set(fd, interest);
    watcher->Start();
  }

  void OnReady(int number, loop::Interest ready) {
    Process((ready & loop::kReadable) != 0 ? number : ARES_SOCKET_BAD,
            (ready & loop::kWritable) != 0 ? number : ARES_SOCKET_BAD);
  }

  void OnTimeout() { Process(ARES_SOCKET_BAD, ARES_SOCKET_BAD); }

  // c-ares may be asked, and destroyed, by who is answered: it comes last.
  void Process(ares_socket_t readable, ares_socket_t writable) {
    processing_ = true;
    ares_process_fd(channel_, readable, writable);
    processing_ = false;
    SetTimer();
    std::vector<loop::Task> answers = std::exchange(answers_, {});
    for (loop::Task& tell : answers) tell();
  }

  void SetTimer() {
    timeval time = {};
    if (ares_timeout(channel_, nullptr, &time) == nullptr) {
      timer_.Stop();
      return;
    }
    timer_.Start(absl::DurationFromTimeval(time));
  }

  loop::EventLoop& loop_;
  ares_channel channel_ = nullptr;
  loop::Timer timer_;
  std::map<int, std::unique_ptr<loop::IoWatcher>> watchers_;
  std::vector<loop::Task> answers_;
  bool asking_ = false;
  bool processing_ = false;
  bool ending_ = false;
};

AresResolver::AresResolver(loop::EventLoop& loop, Options options)
    : channel_(std::make_unique<Channel>(loop, options)) {}

AresResolver::~AresResolver() = default;

void AresResolver::Resolve(absl::string_view name, AddressFamily family,
                           ResolveCallback done) {
  channel_->Resolve(name, family, std::move(done));
}

}  // namespace simloop::net
