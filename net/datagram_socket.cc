// UDP sockets. The names in the comments are those of Node's lib/dgram.js and
// of libuv's src/unix/udp.c.
#include "net/datagram_socket.h"

#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "loop/abi.h"
#include "loop/kernel.h"
#include "loop/socket_option.h"
#include "net/lookup.h"

namespace simloop::net {
namespace {

using loop::Address;
using loop::Errno;
using loop::Family;
using loop::Ip;

// uv__udp_recvmsg(): datagrams of one readiness.
constexpr int kMostMessages = 32;

bool WouldBlock(Errno error) {
  return error == Errno::kEAGAIN || error == Errno::kENOBUFS;
}

}  // namespace

Error DatagramSocket::BadPort(absl::string_view received) {
  return Error(
      "ERR_SOCKET_BAD_PORT",
      absl::StrCat("Port should be > 0 and < 65536. Received ", received, "."));
}

std::shared_ptr<DatagramSocket> DatagramSocket::Create(
    Stack& stack, Options options, MessageListener listener) {
  if (stack.loop().discipline() == loop::Discipline::kV0196) {
    throw Error("", "Node v0.1.96 has no dgram");
  }
  const std::shared_ptr<DatagramSocket> socket(
      new DatagramSocket(stack, std::move(options)));
  if (listener != nullptr) socket->on.message(std::move(listener));
  const auto& signal = socket->options_.signal;
  if (signal != nullptr && signal->aborted()) {
    socket->Close();
  } else if (signal != nullptr) {
    socket->abort_listener_ = signal->abort([weak = socket->weak_from_this()] {
      const auto self = weak.lock();
      if (self != nullptr && !self->closed_) self->Close();
    });
  }
  return socket;
}

DatagramSocket::DatagramSocket(Stack& stack, Options options)
    : stack_(&stack), options_(std::move(options)) {
  stack_->MoveIn(*this);
  watcher_.emplace(stack.loop(),
                   [this](loop::Interest ready) { OnReady(ready); });
}

DatagramSocket::~DatagramSocket() {
  if (stack_ == nullptr) return;
  CloseDescriptor();
  stack_->MoveOut(*this);
}

void DatagramSocket::Abandon() {
  const auto alive = weak_from_this().lock();
  CloseDescriptor();
  watcher_.reset();
  stack_ = nullptr;
  closed_ = true;
  waiting_.clear();
  queue_.clear();
  on.Clear();
  self_ = nullptr;
}

void DatagramSocket::CheckRunning() const {
  if (closed_) throw Error("ERR_SOCKET_DGRAM_NOT_RUNNING", "Not running");
}

// dns.lookup(): one tick even for an address.
void DatagramSocket::LookUp(
    absl::string_view host, uint16_t port,
    absl::AnyInvocable<void(const Error*, const Address&)> then) {
  const bool v6 = options_.ipv6;
  auto answer = [self = shared_from_this(), port, v6, host = std::string(host),
                 then = std::move(then)](const Resolution& resolution) mutable {
    if (self->stack_ == nullptr || self->closed_) return;
    if (resolution.error.empty() && !resolution.addresses.empty()) {
      then(nullptr, {v6 ? Family::kInet6 : Family::kInet,
                     port,
                     0,
                     resolution.addresses.front(),
                     {}});
      return;
    }
    const Error error = LookupError(
        self->stack_->quirks(),
        resolution.error.empty() ? "ENOTFOUND" : resolution.error, host);
    then(&error, Address());
  };
  Ask(*stack_, host, v6 ? AddressFamily::kIpv6 : AddressFamily::kIpv4,
      std::move(answer));
}

void DatagramSocket::Bind(uint16_t port, absl::string_view address) {
  CheckRunning();
  if (state_ != State::kUnbound) {
    throw Error("ERR_SOCKET_ALREADY_BOUND", "Socket is already bound");
  }
  state_ = State::kBinding;
  self_ = shared_from_this();
  if (address.empty()) address = options_.ipv6 ? "::" : "0.0.0.0";
  LookUp(address, port, [this](const Error* error, const Address& found) {
    if (error != nullptr) {
      state_ = State::kUnbound;
      EmitError(*error);
    } else {
      BindNow(found);
    }
  });
}

Errno DatagramSocket::Open() {
  loop::Kernel& kernel = stack_->kernel();
  const auto fd = kernel.Socket(
      options_.ipv6 ? Family::kInet6 : Family::kInet,
      loop::kSockDgram | loop::kSockNonblock | loop::kSockCloexec, 0);
  if (!fd.ok()) return fd.error();
  fd_ = *fd;
  if (options_.reuse_addr) {
    (void)loop::SetIntOption(kernel, fd_, loop::kSolSocket, loop::kSoReuseaddr,
                             1);
  }
  if (options_.ipv6_only) {
    (void)loop::SetIntOption(kernel, fd_, loop::kIpprotoIpv6, loop::kIpv6V6only,
                             1);
  }
  return Errno::kOk;
}

void DatagramSocket::BindNow(const Address& address) {
  const bool was_open = fd_.valid();  // a membership has bound it
  Errno error = was_open ? Errno::kOk : Open();
  if (error == Errno::kOk) {
    error = stack_->kernel().Bind(fd_, address).error();
  }
  if (error != Errno::kOk) {
    if (!was_open) CloseDescriptor();
    state_ = State::kUnbound;
    // onListenError(): what waits is dropped.
    waiting_.clear();
    EmitError(AddressError(stack_->quirks(), error, "bind", address));
    return;
  }
  OnBound();
}

// startListening().
void DatagramSocket::OnBound() {
  state_ = State::kBound;
  UpdateInterest();
  watcher_->SetRef(ref_);
  if (options_.receive_buffer_size > 0) {
    SetReceiveBufferSize(options_.receive_buffer_size);
  }
  if (options_.send_buffer_size > 0) {
    SetSendBufferSize(options_.send_buffer_size);
  }
  on.listening.Emit();
}

// enqueue(): a listener of 'listening' for all that waits.
void DatagramSocket::WhenBound(loop::Task task) {
  if (state_ == State::kUnbound) Bind(0);
  if (state_ == State::kBound) {
    task();
    return;
  }
  waiting_.push_back(std::move(task));
  if (waiting_.size() > 1) return;
  on.listening.Once([this] {
    std::vector<loop::Task> ready = std::exchange(waiting_, {});
    for (loop::Task& next : ready) next();
  });
}

void DatagramSocket::Send(absl::string_view data, uint16_t port,
                          absl::string_view address, SendCallback sent) {
  if (peer_ == Peer::kConnected) {
    // Node takes port and address for an offset and a length, and a callback
    // for a port.
    if (sent != nullptr && !address.empty()) {
      throw Error("ERR_SOCKET_DGRAM_IS_CONNECTED", "Already connected");
    }
    Send(data, nullptr);
    return;
  }
  if (port == 0) throw BadPort("type number (0)");
  CheckRunning();
  WhenBound([this, port, host = std::string(address),
             message = Outgoing{std::string(data), std::nullopt,
                                std::move(sent)}]() mutable {
    CheckRunning();  // a Close() may have waited, too
    SendLookedUp(std::move(message), host, port);
  });
}

void DatagramSocket::Send(absl::string_view data, SendCallback sent) {
  if (peer_ != Peer::kConnected) throw BadPort("undefined");
  CheckRunning();
  WhenBound([this, message = Outgoing{std::string(data), std::nullopt,
                                      std::move(sent)}]() mutable {
    CheckRunning();
    SendNow(std::move(message));
  });
}

void DatagramSocket::SendLookedUp(Outgoing message, absl::string_view host,
                                  uint16_t port) {
  if (host.empty()) host = options_.ipv6 ? "::1" : "127.0.0.1";
  LookUp(host, port,
         [this, message = std::move(message)](const Error* error,
                                              const Address& to) mutable {
           if (error == nullptr) {
             message.to = to;
             SendNow(std::move(message));
             return;
           }
           stack_->loop().NextTick([self = shared_from_this(), error = *error,
                                    sent = std::move(message.sent)]() mutable {
             if (sent != nullptr) {
               sent(&error, 0);
             } else {
               self->EmitError(error);
             }
           });
         });
}

// doSend() over uv_udp_try_send() and uv_udp_send().
void DatagramSocket::SendNow(Outgoing message) {
  if (closed_ || stack_ == nullptr) return;
  loop::Kernel& kernel = stack_->kernel();
  const auto data =
      absl::MakeConstSpan(message.data.data(), message.data.size());
  loop::Result<size_t> sent = Errno::kEAGAIN;
  if (queue_.empty()) {
    do {
      sent = message.to.has_value() ? kernel.Sendto(fd_, data, 0, *message.to)
                                    : kernel.Send(fd_, data, 0);
    } while (sent.error() == Errno::kEINTR);
  }
  if (WouldBlock(sent.error())) {
    queued_bytes_ += message.data.size();
    queue_.push_back(std::move(message));
    UpdateInterest();
    return;
  }
  if (message.sent == nullptr) return;
  std::optional<Error> error;
  if (!sent.ok()) {
    error = AddressError(stack_->quirks(), sent.error(), "send",
                         message.to.value_or(Address()));
  }
  stack_->loop().NextTick([alive = shared_from_this(), error,
                           bytes = sent.ok() ? *sent : 0,
                           callback = std::move(message.sent)]() mutable {
    callback(error.has_value() ? &*error : nullptr, bytes);
  });
}

// uv__udp_sendmsg(): what had to wait; its callbacks come from the loop.
void DatagramSocket::Flush() {
  std::vector<Outgoing> waiting = std::exchange(queue_, {});
  queued_bytes_ = 0;
  for (Outgoing& message : waiting) SendNow(std::move(message));
  if (!closed_) UpdateInterest();
}

void DatagramSocket::Close() {
  CheckRunning();
  const auto alive = shared_from_this();
  if (state_ == State::kBinding && !waiting_.empty()) {
    waiting_.push_back([this] { Close(); });
    return;
  }
  closed_ = true;
  CloseDescriptor();
  queue_.clear();
  stack_->loop().NextTick([self = shared_from_this()] {
    const absl::Cleanup drop = [&] {
      self->on.Clear();
      self->self_ = nullptr;
    };
    self->on.close.Emit();
  });
}

void DatagramSocket::CloseDescriptor() {
  if (abort_listener_ != 0) {
    options_.signal->abort.Remove(std::exchange(abort_listener_, 0));
  }
  if (watcher_.has_value() && watcher_->active()) watcher_->Stop();
  if (!fd_.valid()) return;
  const loop::Fd fd = std::exchange(fd_, loop::Fd());
  stack_->loop().Forget(fd);
  (void)stack_->kernel().Close(fd);
  stack_->DescriptorClosed();
}

void DatagramSocket::UpdateInterest() {
  const auto interest = static_cast<loop::Interest>(
      loop::kReadable | (queue_.empty() ? 0 : loop::kWritable));
  if (watcher_->active()) {
    if (watcher_->interest() == interest) return;
    watcher_->Stop();
  }
  watcher_->Set(fd_, interest);
  watcher_->Start();
}

void DatagramSocket::OnReady(loop::Interest ready) {
  const auto alive = shared_from_this();
  if ((ready & loop::kReadable) != 0) Receive();
  if ((ready & loop::kWritable) != 0 && fd_.valid() && !queue_.empty()) Flush();
}

void DatagramSocket::Receive() {
  for (int count = 0; count < kMostMessages && fd_.valid(); ++count) {
    const absl::Span<char> space = stack_->ReadSpace();
    Address from;
    const auto got = stack_->kernel().Recvfrom(fd_, space, 0, &from);
    if (!got.ok()) {
      if (got.error() == Errno::kEINTR) continue;
      if (got.error() != Errno::kEAGAIN) {
        EmitError(SystemError(stack_->quirks(), got.error(), "recvmsg"));
      }
      return;
    }
    on.message.Emit(absl::string_view(space.data(), *got), from);
    if (stack_ == nullptr) return;
    stack_->loop().RunTicks();
  }
}

void DatagramSocket::EmitError(const Error& error) {
  if (state_ == State::kUnbound && !fd_.valid() && !closed_) self_ = nullptr;
  if (!on.error.Emit(error)) throw error;
}

}  // namespace simloop::net
