// Socket: a TCP or Unix connection as Node shows it: net.Socket
// (https://nodejs.org/api/net.html#class-netsocket), or net.Stream of v0.1.96.
//
// 1. A socket lives on without any handle to it while its descriptor is open
//    or one of its events is due.
// 2. All callbacks come from the loop; any may destroy the socket, and drop the
//    last handle to it.
// 3. After 'close' its listeners are dropped, so that one may hold the socket
//    it listens to, unless a listener of 'close' has called Connect() again.
//    Connect() on a socket that has dropped them throws.
// 4. Where Node throws, net::Error is thrown; other errors are 'error' events,
//    and an 'error' without a listener is thrown out of the callback.
#ifndef NET_SOCKET_H_
#define NET_SOCKET_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "loop/address.h"
#include "loop/stream_watcher.h"
#include "loop/task.h"
#include "net/connect_options.h"
#include "net/error.h"
#include "net/event.h"
#include "net/io_batch.h"
#include "net/protocol.h"
#include "net/readable_base.h"
#include "net/self_owned.h"
#include "net/socket_events.h"
#include "net/socket_state.h"
#include "net/stack.h"

namespace simloop::net {

class Server;

class Socket final : private loop::StreamWatcher,
                     public Resident,
                     private ReadableBase<Socket>,
                     public SelfOwned<Socket> {
 public:
  struct Options {
    // Modern: do not End() by itself when the peer has ended. v0.1.96 never
    // does.
    bool allow_half_open = false;
    // Modern: when it is aborted the socket is destroyed, with an ABORT_ERR.
    std::shared_ptr<AbortSignal> signal;
  };

  using Events = SocketEvents;

  static std::shared_ptr<Socket> Create(Stack& stack, const Options& options);
  static std::shared_ptr<Socket> Create(Stack& stack) {
    return Create(stack, Options());
  }
  // Create() is how one is made: it takes what only it has.
  class Creation;
  Socket(const Creation&, Stack& stack, const Options& options);
  ~Socket();
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  // socket.connect(): connect(2) follows in the next tick if the host is an
  // address, when its addresses are known if it is a name, and at once for a
  // Unix path. Without a resolver only "localhost" is known (127.0.0.1); else
  // 'error' ENOTFOUND, syscall "getaddrinfo". Throws "Stream already opened"
  // (v0.1.96) if it is open.
  void Connect(ConnectOptions options);
  void Connect(uint16_t port, absl::string_view host = "");

  // stream.open(fd), new net.Socket({fd}): takes a connected descriptor, and
  // closes it in the end. v0.1.96 reads from it when told to Resume().
  void Open(loop::Fd fd);

  // socket.write(): true if the kernel took it, or if so little is buffered
  // that the caller may go on; after false wait for 'drain'. `data` is copied
  // if it is kept. v0.1.96 throws if the socket is not writable, and never
  // calls `written`.
  bool Write(absl::string_view data, WriteCallback written = nullptr);
  // v0.1.96: stream.write() of a string, which goes through the buffer of 40
  // KiB that all reads share, and is cut where that ends: the rest waits, and
  // is joined with the strings behind it. Else as Write().
  bool WriteString(absl::string_view text);
  // v0.1.96: stream.flush(): writes what waits; answers whether all is with
  // the kernel, and then no 'drain' comes.
  bool Flush();
  // Write() within Cork() and Uncork(), without the copy: what is more than may
  // be buffered is followed by 'drain' even if the kernel takes it at once.
  bool WriteAsCorked(absl::string_view data);
  // socket.end(): writes `data`, then shuts down the sending side.
  void End(absl::string_view data = "", WriteCallback ended = nullptr);
  // socket.destroy(): closes the descriptor now; 'error' (if one is given) and
  // 'close' follow. Does nothing the second time.
  void Destroy();
  void Destroy(const Error& error);
  // socket.destroySoon(): Destroy() after End() has finished.
  void DestroySoon();
  // socket.resetAndDestroy(): RST instead of FIN (SO_LINGER of 0, socket(7));
  // while it connects, after 'connect'. Without a descriptor: destroyed with
  // ERR_SOCKET_CLOSED. Throws ERR_INVALID_HANDLE_TYPE if it is a Unix socket.
  void ResetAndDestroy();

  // v0.1.96: throws on a closed socket.
  void Pause();
  void Resume();

  // socket.setTimeout(): 'timeout' after so long without reading or writing;
  // it closes nothing. Zero switches it off (v0.1.96: has no effect).
  void SetTimeout(absl::Duration idle,
                  absl::AnyInvocable<void()> listener = nullptr);
  // socket.timeout: zero if there is none.
  absl::Duration timeout() const {
    return has_idle_ ? extras_->idle : absl::ZeroDuration();
  }
  bool has_timeout() const { return has_idle_; }
  // TCP_NODELAY; SO_KEEPALIVE and TCP_KEEPIDLE (tcp(7)). Before 'connect' they
  // are remembered; v0.1.96 sets them at once, or never.
  void SetNoDelay(bool on);
  void SetKeepAlive(bool on, absl::Duration idle = absl::ZeroDuration());
  // Modern: between Cork() and Uncork() writes are gathered for one writev(2).
  void Cork();
  void Uncork();
  void UncorkAll();
  bool corked() const { return corked_; }

  // socket.ref(), socket.unref(): whether it keeps the loop going. A connect or
  // a write under way does in any case.
  void Ref() { SetRef(true); }
  void Unref() { SetRef(false); }

  // "opening", "open", "readOnly", "writeOnly", "closed".
  absl::string_view ready_state() const;
  bool connecting() const { return connecting_; }
  // Neither connected nor on its way.
  bool pending() const { return connecting_ || !fd_.valid(); }
  bool destroyed() const { return destroyed_; }
  // v0.1.96: its fields; modern: readable, writable.
  bool readable() const;
  bool writable() const;
  bool writable_ended() const { return ending_; }
  bool writable_finished() const { return finished_; }
  bool writable_need_drain() const {
    return need_drain_ && !ending_ && !destroyed_;
  }
  bool readable_ended() const { return end_emitted(); }
  // Null where Node's readableFlowing is: nobody has asked for data as yet.
  std::optional<bool> readable_flowing() const {
    return reader() == nullptr ? mode() : mode().value_or(true);
  }
  bool paused() const;
  // closed: there is nothing any more but the events that say so.
  bool closed() const { return destroyed_; }
  // What it was destroyed with, or a write came to (errored); null for none.
  const Error* errored() const { return failure(); }
  // What is read and not yet given out (readableLength), or accepted and not
  // yet taken by the kernel (writableLength, bufferSize).
  size_t readable_bytes() const;
  size_t writable_bytes() const {
    return has_backlog() ? extras_->backlog->unsent_bytes : 0;
  }
  uint64_t bytes_read() const { return bytes_read_; }
  // What was given to Write(), as far as it was not thrown away.
  uint64_t bytes_written() const;
  // getsockname(2), getpeername(2); nullopt when not connected. As in Node the
  // peer's is known for ever if it was asked for in time, and who asks for its
  // own too early is told that there is none until 'connect'.
  std::optional<loop::Address> local_address();
  std::optional<loop::Address> remote_address();
  // autoSelectFamilyAttemptedAddresses: of the last Connect() to a name of
  // several addresses; else empty.
  std::vector<loop::Address> attempted_addresses() const;
  // Not valid when there is none.
  using StreamWatcher::fd;
  Stack& stack() const { return *stack_; }

  // For net's own use, not for programs.
  // Adopts an accepted descriptor, and reads from it unless `paused`.
  static std::shared_ptr<Socket> Adopt(Stack& stack, const Options& options,
                                       const loop::Accepted& accepted,
                                       Server* server, bool paused);
  // All that its peer was to send has come. So close(2) of this socket sends FIN,
  // not RST (RFC 1122 section 4.2.2.13), and shutdown(2) before it may be spared.
  void DestroySoonAfterAll();
  // It has TCP_NODELAY already.
  void HasNoDelay() { no_delay_ = true; }
  // The reader besides the listeners; null for none.
  void SetProtocol(std::shared_ptr<Protocol> protocol);
  std::shared_ptr<Protocol> protocol() const {
    return extras_ == nullptr ? nullptr : extras_->protocol;
  }
  void StartReading();
  void StopReading();
  // Its counts of pipes.
  ReadableBuffer& pipes() { return extras().read; }
  // Emits 'connect' of an accepted socket; an exception destroys the socket and
  // answers false.
  bool EmitConnect();

  void Abandon();

 private:
  using Piece = WritePiece;
  using Backlog = WriteBacklog;
  using Extras = SocketExtras;

  // Keeps a socket that keeps itself until the end of a callback: Release()
  // waits for it.
  class Stay final {
   public:
    explicit Stay(Socket& socket) : socket_(socket) { ++socket_.stays_; }
    ~Stay() {
      if (--socket_.stays_ > 0 || !socket_.leaving_) return;
      socket_.leaving_ = false;
      socket_.ReleaseSelf();  // possibly the end of the socket
    }
    Stay(const Stay&) = delete;
    Stay& operator=(const Stay&) = delete;

   private:
    Socket& socket_;
  };

  // socket_lookup.cc.
  void LookUp();
  void OnResolved(const Resolution& resolution);
  void FailLookup(absl::string_view code);
  void TakeAddresses(const Resolution& resolution);
  ResolveCallback OnAnswer();
  loop::Task IfStillConnecting(void (Socket::*step)());

  // socket_connect.cc.
  void Renew();
  void ConnectTwice(const ConnectOptions& options);
  void BeginOld();
  void TryNext();
  void TryConnect();
  bool BindLocal(const loop::Address& target);
  loop::Result<void> OpenAndConnect(const loop::Address& target);
  void FailAttempt(loop::Errno error, bool reported_late);
  void OnAttemptTimeout();
  void OnWritable();
  void OnConnectReady();
  void OnConnected();

  // socket.cc.
  void Retain();
  void Release();
  void OnReady(loop::Interest ready) override;
  void ReadAhead() override;
  void DestroyWith(const Error* error);
  void CloseOld(const Error* error);
  void CloseModern(const Error* error);
  void OnClosed(bool had_error);
  void CloseDescriptor();
  void CloseFd();
  void SetRef(bool ref);
  void UpdateRef();
  void FollowSignal(const std::shared_ptr<AbortSignal>& signal);
  void ForgetSignal();
  void EmitError(const Error& error);
  void EmitClose(bool had_error);

  // socket_option.cc: timeouts and options.
  bool TakesOptions() const;
  void ApplyOptions();
  void Touch();
  void DropIdleTimer();
  friend class IdleLists;
  void OnIdle();
  void EmitTimeout();

  // ReadableBase.
  friend class ReadableBase<Socket>;
  friend class SocketDataEvent;
  loop::EventLoop& readable_loop() const { return stack_->loop(); }
  bool EmitData(absl::string_view chunk) { return on.data.Emit(chunk); }
  int data_listeners() const { return on.data.count(); }
  void OnReadMore();
  void EmitEnd();
  void EmitPause() { on.pause.Emit(); }
  void EmitResume() { on.resume.Emit(); }
  std::shared_ptr<Socket> Alive() { return shared_from_this(); }
  ReadableBuffer* readable_buffer() {
    return extras_ == nullptr ? nullptr : &extras_->read;
  }
  const ReadableBuffer* readable_buffer() const {
    return extras_ == nullptr ? nullptr : &extras_->read;
  }
  ReadableBuffer& MakeBuffer() { return extras().read; }

  // socket_read.cc.
  void OnReadable();
  // kMore: there may be; kPart: the kernel had less than it was asked for.
  enum class ReadResult : uint8_t { kDone, kPart, kMore };
  ReadResult ReadOnce();
  ReadResult OnRead(const IoBatch::Arrival& arrival);
  // Of what was read ahead.
  friend class IoBatch;
  IoBatch::Arrival TakeArrival();
  void KeepArrival(const IoBatch::Arrival& arrival);
  void QueueArrival();
  void DropArrival();
  void OnReadData(absl::string_view data);
  void OnReadEnd();

  // socket_write.cc: Node's Writable.
  bool WriteBuffered(absl::string_view data, WriteCallback&& written);
  void EndBuffered(absl::string_view data, WriteCallback ended);
  void StartWrite(absl::string_view data, WriteCallback&& written);
  void SendNow(absl::string_view data, WriteCallback&& written);
  bool ExtendBehind(absl::string_view data, bool called);
  void SendBehind(absl::string_view data);
  void StartInFlight(bool tried);
  void CountInFlight();
  void DeferToConnect();
  void OnWriteReady();
  bool SendInFlight(bool synchronous);
  void OnSent(bool synchronous);
  void WriteNext();
  void AfterWrite(std::vector<Piece>& done);
  void FailWrite(const Error& error, bool synchronous);
  void FailBuffered();
  void CancelInFlight();
  bool NeedsFinish() const;
  Backlog& backlog();
  void Sent(size_t bytes);
  bool has_backlog() const {
    return extras_ != nullptr && extras_->backlog != nullptr;
  }
  bool HasInFlight() const {
    return has_backlog() && !extras_->backlog->in_flight.empty();
  }
  bool HasBuffered() const {
    return has_backlog() && !extras_->backlog->buffered.empty();
  }
  void FinishIfDone();
  void ShutDown();
  void ShutDownNow();
  bool SparesShutdown() const;
  void OnShutDown();
  void Finish();

  // socket_write_old.cc: the write queue of v0.1.96.
  bool WriteQueued(absl::string_view data, bool is_text);
  bool WriteOut(absl::string_view data, bool is_text);
  void PutBack(absl::string_view data, bool is_text);
  void EndQueued(absl::string_view data);
  void ShutDownInline();

  Extras& extras();
  // Frees them if all is as it was made.
  void DropPlainExtras();
  Protocol* reader() const {
    return extras_ == nullptr ? nullptr : extras_->protocol.get();
  }
  const Error* failure() const {
    return failed_ ? &*extras_->failure : nullptr;
  }
  void SetFailure(const Error& error);
  Dial* dial() const {
    return extras_ == nullptr ? nullptr : extras_->dial.get();
  }
  const Quirks& quirks() const {
    return QuirksOf(v0196_ ? loop::Discipline::kV0196
                           : loop::Discipline::kModern);
  }
  void StartWay(loop::Interest way);
  void StopWay(loop::Interest way);

  // The bytes are counted: a process may have a hundred thousand of these, each
  // of few lines of the cache.
  uint8_t stays_ = 0;     // of Stay
  uint16_t attempt_ = 0;  // counts Connect()s, so that a late step is known
  const bool v0196_ : 1;
  const bool allow_half_open_ : 1;
  bool has_handle_ : 1 = false;  // a descriptor, or one to come
  bool connecting_ : 1 = false;
  bool destroyed_ : 1 = false;
  bool dropped_ : 1 = false;  // 'close' has come, the listeners are gone
  bool leaving_ : 1 = false;  // it stops keeping itself with the last Stay
  bool writing_ : 1 = false;
  bool ending_ : 1 = false;
  bool shutting_down_ : 1 = false;
  bool shut_ : 1 = false;  // shutdown(2) was called
  bool finished_ : 1 = false;
  bool failed_ : 1 = false;  // there is an Extras::failure
  bool need_drain_ : 1 = false;
  bool corked_ : 1 = false;
  bool reset_on_close_ : 1 = false;
  bool no_delay_ : 1 = false;
  bool keep_alive_ : 1 = false;
  bool has_idle_ : 1 = false;  // Extras::idle is not 0
  bool error_emitted_ : 1 = false;
  bool is_unix_ : 1 = false;
  bool ref_ : 1 = true;
  bool read_waits_ : 1 = false;   // for 'connect'
  bool nameless_ : 1 = false;     // local_address() was asked for too early
  bool read_ahead_ : 1 = false;   // the next read is done
  bool behind_ : 1 = false;       // what it writes waits in the batch
  bool closes_soon_ : 1 = false;  // DestroySoonAfterAll()
  // v0.1.96's fields.
  bool old_readable_ : 1 = false;
  bool old_writable_ : 1 = false;
  Stack* stack_;  // null once abandoned
  uint64_t bytes_read_ = 0;
  uint64_t bytes_written_ = 0;
  std::unique_ptr<Extras> extras_;
  Server* server_ = nullptr;  // that counts it, and lives so long

 public:
  Events on;
};

// net.createConnection(port, host), (options, socket options).
std::shared_ptr<Socket> Connect(Stack& stack, uint16_t port,
                                absl::string_view host = "");
std::shared_ptr<Socket> Connect(Stack& stack, ConnectOptions options,
                                Socket::Options socket_options);
inline std::shared_ptr<Socket> Connect(Stack& stack, ConnectOptions options) {
  return Connect(stack, std::move(options), Socket::Options());
}
// net.createConnection(path).
std::shared_ptr<Socket> ConnectPath(Stack& stack, absl::string_view path);

}  // namespace simloop::net

#endif  // NET_SOCKET_H_
