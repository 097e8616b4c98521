#include "tests/sim/echo_world.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "loop/abi.h"
#include "loop/check.h"

namespace simloop::sim {
namespace {

constexpr int kType = loop::kSockStream | loop::kSockNonblock;
constexpr uint16_t kPort = 7;

HostOptions Options(const char* name, uint32_t address) {
  HostOptions options;
  options.name = name;
  options.address = {address};
  options.loopback_jitter = absl::Milliseconds(3);
  options.wakeup_jitter = absl::Milliseconds(2);
  return options;
}

}  // namespace

EchoWorld::EchoWorld(Scheduler* scheduler, int clients)
    : world_(scheduler),
      recorder_(world_, nullptr),
      server_host_(world_.AddHost(Options("server", 0x0a000001))),
      client_host_(world_.AddHost(Options("client", 0x0a000002))),
      server_(server_host_),
      echoes_(clients),
      sockets_(clients),
      epolls_(clients),
      asked_(clients) {
  world_.SetRecorder(&recorder_);
  world_.AddLink(server_host_, client_host_,
                 {absl::Milliseconds(5), absl::Milliseconds(7)});
  StartServer();
  for (int i = 0; i < clients; ++i) {
    Host& host = i % 2 == 0 ? client_host_ : server_host_;
    clients_.push_back(std::make_unique<Kernel>(host));
    StartClient(i);
  }
}

World::End EchoWorld::Run() { return world_.Run(loop::Instant::Infinite()); }

std::string EchoWorld::Says(int index) {
  return absl::StrCat("client ", index, std::string(index * 700, '.'));
}

void EchoWorld::StartServer() {
  listener_ = *server_.Socket(loop::Family::kInet, kType, 0);
  const loop::Address any = loop::Address::Inet(loop::Ipv4::Any(), kPort);
  SIMLOOP_CHECK(server_.Bind(listener_, any).ok(), "bind");
  SIMLOOP_CHECK(server_.Listen(listener_, 2).ok(), "listen");
  epoll_ = *server_.EpollCreate1(0);
  static_cast<void>(server_.EpollCtl(
      epoll_, loop::kEpollCtlAdd, listener_,
      {loop::kEpollIn, static_cast<uint64_t>(listener_.number)}));
  server_.Start([this] { return StepServer(); });
}

bool EchoWorld::StepServer() {
  loop::EpollEvent event;
  while (*server_.EpollWait(epoll_, absl::MakeSpan(&event, 1),
                            absl::InfiniteDuration()) > 0) {
    const loop::Fd fd{static_cast<int>(event.data)};
    if (fd == listener_) {
      const auto accepted = server_.Accept4(listener_, loop::kSockNonblock);
      if (!accepted.ok()) continue;
      const auto data = static_cast<uint64_t>(accepted->fd.number);
      static_cast<void>(server_.EpollCtl(epoll_, loop::kEpollCtlAdd,
                                         accepted->fd, {loop::kEpollIn, data}));
      continue;
    }
    std::string buffer(512, '\0');
    const auto count = server_.Read(fd, absl::MakeSpan(buffer));
    if (count.ok() && *count > 0) {
      buffer.resize(*count);
      static_cast<void>(server_.Write(fd, buffer));
    } else {
      static_cast<void>(server_.Close(fd));
    }
  }
  return false;
}

void EchoWorld::StartClient(int index) {
  Kernel& kernel = *clients_[index];
  sockets_[index] = *kernel.Socket(loop::Family::kInet, kType, 0);
  epolls_[index] = *kernel.EpollCreate1(0);
  static_cast<void>(kernel.EpollCtl(epolls_[index], loop::kEpollCtlAdd,
                                    sockets_[index], {loop::kEpollOut, 0}));
  kernel.Start([this, index] { return StepClient(index); });
  static_cast<void>(kernel.Connect(
      sockets_[index], loop::Address::Inet(server_host_.address(), kPort)));
}

bool EchoWorld::StepClient(int index) {
  Kernel& kernel = *clients_[index];
  loop::EpollEvent event;
  while (sockets_[index].valid() &&
         *kernel.EpollWait(epolls_[index], absl::MakeSpan(&event, 1),
                           absl::InfiniteDuration()) > 0) {
    if (!asked_[index]) {
      asked_[index] = true;
      static_cast<void>(kernel.Write(sockets_[index], Says(index)));
      static_cast<void>(kernel.EpollCtl(epolls_[index], loop::kEpollCtlMod,
                                        sockets_[index], {loop::kEpollIn, 0}));
      continue;
    }
    std::string buffer(512, '\0');
    const auto count = kernel.Read(sockets_[index], absl::MakeSpan(buffer));
    if (count.ok()) echoes_[index].append(buffer.data(), *count);
    const bool done = echoes_[index].size() >= Says(index).size();
    if (!count.ok() || *count == 0 || done) CloseClient(index);
  }
  return false;
}

void EchoWorld::CloseClient(int index) {
  static_cast<void>(clients_[index]->Close(sockets_[index]));
  sockets_[index] = loop::Fd();
}

}  // namespace simloop::sim
