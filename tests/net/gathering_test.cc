// A loop that gathers: in which order streams are read, called and written, and
// what becomes of one that another's callback has closed, paused or ended.
#include <algorithm>
#include <exception>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "net/server.h"
#include "net/socket.h"
#include "net/stack.h"
#include "tests/loop/forwarding_kernel.h"
#include "tests/net/back_end.h"

namespace simloop::net {
namespace {

using testing::ElementsAre;

// Notes what is read, written and accepted.
class Calls final : public loop::ForwardingKernel {
 public:
  Calls(loop::Kernel& kernel, std::vector<std::string>& lines)
      : ForwardingKernel(kernel), lines_(lines) {}

  loop::Result<size_t> Read(loop::Fd fd, absl::Span<char> buffer) override {
    const auto read = kernel_.Read(fd, buffer);
    lines_.push_back(
        read.ok()
            ? absl::StrCat("read ", absl::string_view(buffer.data(), *read))
            : "read fails");
    return read;
  }
  loop::Result<size_t> Write(loop::Fd fd,
                             absl::Span<const char> data) override {
    lines_.push_back(absl::StrCat(
        "write ", data.size() > 20 ? absl::StrCat(data.size(), " bytes")
                                   : std::string(data.data(), data.size())));
    return kernel_.Write(fd, data);
  }
  loop::Result<loop::Accepted> Accept4(loop::Fd fd, int flags) override {
    const auto accepted = kernel_.Accept4(fd, flags);
    accepts.push_back(accepted.ok() ? "accept" : "nobody");
    return accepted;
  }
  loop::Result<size_t> EpollWait(loop::Fd epoll,
                                 absl::Span<loop::EpollEvent> events,
                                 absl::Duration timeout) override {
    if (!accepts.empty() && accepts.back() != "poll") accepts.push_back("poll");
    return kernel_.EpollWait(epoll, events, timeout);
  }

  std::vector<std::string> accepts;  // since which poll

 private:
  std::vector<std::string>& lines_;
};

// So many connections within one process. When all are made, every client
// writes its number: one poll reports the server's ends.
class Gathering : public testing::Test {
 protected:
  ~Gathering() override {
    served_.clear();
    clients_.clear();
  }

  // `on_data`: of the server's end of connection `i`.
  void Run(int connections,
           std::function<void(int i, absl::string_view data)> on_data) {
    server_ = Server::Create(stack_);
    server_->on.connection([this, connections,
                            on_data](const std::shared_ptr<Socket>& socket) {
      const int i = static_cast<int>(served_.size());
      served_.push_back(socket);
      socket->on.data([this, i, on_data](absl::string_view data) {
        lines_.push_back(absl::StrCat("data ", i));
        on_data(i, data);
      });
      socket->on.end([this, i] { lines_.push_back(absl::StrCat("end ", i)); });
      socket->on.error([](const Error&) {});
      if (i + 1 == connections) {
        loop_.SetTimeout(absl::Milliseconds(50), [this] { Begin(); });
      }
    });
    server_->Listen(0);
    for (int i = 0; i < connections; ++i) ConnectOne(i);
    back_end_->Run(loop_);
  }

  void ConnectOne(int i) {
    got_.emplace_back();
    clients_.push_back(Connect(stack_, server_->address()->port));
    clients_[i]->on.data(
        [this, i](absl::string_view data) { absl::StrAppend(&got_[i], data); });
    clients_[i]->on.end([this, i] { absl::StrAppend(&got_[i], "."); });
    clients_[i]->on.error([](const Error&) {});
  }

  void Begin() {
    for (size_t i = 0; i < clients_.size(); ++i) {
      clients_[i]->Write(absl::StrCat(i));
    }
    lines_.clear();
    loop_.SetTimeout(absl::Milliseconds(20), [this] {
      seen_ = lines_;
      for (const auto& client : clients_) client->Destroy();
      for (const auto& socket : served_) socket->Destroy();
      server_->Close();
    });
  }

  const std::unique_ptr<BackEnd> back_end_ = GatheringBackEnd().make();
  std::vector<std::string> lines_;
  Calls calls_{back_end_->kernel(), lines_};
  loop::EventLoop loop_{
      calls_, back_end_->clock(), {loop::Discipline::kModern, nullptr, true}};
  Stack stack_{loop_};
  std::shared_ptr<Server> server_;
  std::vector<std::shared_ptr<Socket>> clients_;
  std::vector<std::shared_ptr<Socket>> served_;
  std::vector<std::string> got_;   // by the clients
  std::vector<std::string> seen_;  // from Begin() on, for 20 ms
};

TEST_F(Gathering, ReadsAllThenCallsAllThenWritesAll) {
  Run(3, [&](int i, absl::string_view data) {
    served_[i]->Write(absl::StrCat("got ", data));
  });
  EXPECT_THAT(seen_, ElementsAre("read 0", "read 1", "read 2",  //
                                 "data 0", "data 1", "data 2",  //
                                 "write got 0", "write got 1",  //
                                 "write got 2",                 //
                                 "read got 0", "read got 1", "read got 2"));
  EXPECT_THAT(got_, ElementsAre("got 0", "got 1", "got 2"));
}

// One, two, four, as long as there are more; each with its ticks.
TEST_F(Gathering, AcceptsAsManyAsCameTheLastTime) {
  server_ = Server::Create(stack_);
  server_->on.connection([&](const std::shared_ptr<Socket>& socket) {
    served_.push_back(socket);
    calls_.accepts.push_back("connection");
    socket->on.error([](const Error&) {});  // ECONNRESET, in the end
    loop_.NextTick([&] { calls_.accepts.push_back("tick"); });
    socket->Write("so that the next poll reports a client");
    if (served_.size() == 8) {
      server_->Close();
      for (const auto& client : clients_) client->Destroy();
    }
  });
  server_->Listen(0);
  for (int i = 0; i < 8; ++i) ConnectOne(i);
  back_end_->Run(loop_);
  std::vector<std::string> expected;
  for (const int burst : {1, 2, 4, 1}) {
    for (int i = 0; i < burst; ++i) {
      for (const auto* line : {"accept", "connection", "tick"}) {
        expected.push_back(line);
      }
    }
    expected.push_back("poll");
  }
  EXPECT_EQ(calls_.accepts, expected);
}

TEST_F(Gathering, OneAloneIsNotGathered) {
  Run(1, [&](int, absl::string_view) {
    served_[0]->Write("a");
    served_[0]->Write("b");
  });
  EXPECT_THAT(seen_,
              ElementsAre("read 0", "data 0", "write a", "write b", "read ab"));
}

TEST_F(Gathering, WhatOneCallbackWritesGoesInOneCall) {
  Run(2, [&](int i, absl::string_view) {
    served_[i]->Write("a");
    served_[i]->Write("b");
    EXPECT_EQ(served_[i]->bytes_written(), 2);
    EXPECT_EQ(served_[i]->writable_bytes(), 0);
  });
  EXPECT_THAT(seen_, ElementsAre("read 0", "read 1", "data 0", "data 1",
                                 "write ab", "write ab", "read ab", "read ab"));
  EXPECT_EQ(served_[0]->bytes_written(), 2);
}

// Its tick is where Node has it.
TEST_F(Gathering, AWriteWithACallbackIsNotKeptBack) {
  Run(2, [&](int i, absl::string_view) {
    const auto note = [&, i](absl::string_view what) {
      return [&, line = absl::StrCat(what, i)](const Error* error) {
        EXPECT_EQ(error, nullptr);
        lines_.push_back(line);
      };
    };
    served_[i]->Write("a");
    served_[i]->Write("b", note("b"));
    served_[i]->Write("c");
    loop_.NextTick([&] { lines_.push_back("tick"); });
    served_[i]->End("d", note("d"));
  });
  EXPECT_THAT(got_, ElementsAre("abcd.", "abcd."));
  ASSERT_GT(seen_.size(), 14);
  EXPECT_THAT(std::vector<std::string>(seen_.begin(), seen_.begin() + 14),
              ElementsAre("read 0", "read 1",                            //
                          "data 0", "write a", "write b", "b0", "tick",  //
                          "data 1", "write a", "write b", "b1", "tick",  //
                          "write cd", "write cd"));
  EXPECT_THAT(seen_, testing::IsSupersetOf({"d0", "d1"}));
}

TEST_F(Gathering, OneThatAnotherHasDestroyedIsNotCalled) {
  Run(3, [&](int i, absl::string_view) {
    if (i == 0) served_[1]->Destroy();
  });
  EXPECT_THAT(seen_,
              ElementsAre("read 0", "read 1", "read 2", "data 0", "data 2",
                          "read fails"));  // the client's
  // As of one that had not read its data.
  EXPECT_EQ(got_[1], "");
  EXPECT_TRUE(clients_[1]->destroyed());
}

TEST_F(Gathering, OneThatAnotherHasStoppedIsCalledWhenItReadsOn) {
  Run(3, [&](int i, absl::string_view) {
    if (i != 0) return;
    served_[1]->StopReading();
    loop_.SetTimeout(absl::Milliseconds(5), [&] {
      lines_.push_back("reads on");
      served_[1]->StartReading();
    });
  });
  EXPECT_THAT(seen_, ElementsAre("read 0", "read 1", "read 2", "data 0",
                                 "data 2", "reads on", "data 1"));
}

TEST_F(Gathering, OneThatReadsOnBehindItsTurnIsCalledInTheSameTurn) {
  Run(3, [&](int i, absl::string_view) {
    if (i == 0) served_[1]->StopReading();
    if (i != 2) return;
    served_[1]->StartReading();
    loop_.SetImmediate([&] { lines_.push_back("immediate"); });
  });
  EXPECT_THAT(seen_, ElementsAre("read 0", "read 1", "read 2", "data 0",
                                 "data 2", "data 1", "immediate"));
}

TEST_F(Gathering, AnEndThatWasReadAheadIsNotLost) {
  Run(2, [&](int i, absl::string_view data) {
    if (data != "0") return;
    EXPECT_EQ(i, 0);
    clients_[0]->Write("x");
    clients_[1]->End();  // both are read ahead in the next poll
    served_[0]->on.data([&](absl::string_view) {
      served_[1]->StopReading();
      loop_.SetTimeout(absl::Milliseconds(5), [&] {
        lines_.push_back("reads on");
        served_[1]->StartReading();
      });
    });
  });
  EXPECT_THAT(std::vector<std::string>(seen_.begin() + 4, seen_.end()),
              ElementsAre("write x", "read x", "read ", "data 0", "reads on",
                          "end 1", "read "));
}

TEST_F(Gathering, WhatWasWrittenGoesBeforeItsSocketIsDestroyed) {
  Run(2, [&](int i, absl::string_view) {
    served_[i]->Write("last words");
    served_[i]->Destroy();
  });
  EXPECT_THAT(got_, ElementsAre("last words.", "last words."));
}

TEST_F(Gathering, WhatIsLargeIsWrittenAtOnce) {
  const std::string large(10000, 'x');
  Run(2, [&](int i, absl::string_view) { served_[i]->Write(large); });
  EXPECT_THAT(std::vector<std::string>(seen_.begin(), seen_.begin() + 6),
              ElementsAre("read 0", "read 1", "data 0", "write 10000 bytes",
                          "data 1", "write 10000 bytes"));
  EXPECT_THAT(got_, ElementsAre(large, large));
}

TEST_F(Gathering, AnExceptionLosesNothing) {
  int thrown = 0;
  loop_.SetUncaughtHandler([&](std::exception_ptr) {
    ++thrown;
    lines_.push_back("thrown");
  });
  Run(3, [&](int i, absl::string_view) {
    served_[i]->Write(absl::StrCat("to ", i));
    if (i == 1) throw std::runtime_error("one");
  });
  EXPECT_EQ(thrown, 1);
  EXPECT_THAT(got_, ElementsAre("to 0", "to 1", "to 2"));
}

TEST_F(Gathering, WhatWasWrittenGoesBeforeAnExceptionLeavesTheLoop) {
  EXPECT_THROW(Run(3,
                   [&](int i, absl::string_view) {
                     served_[i]->Write(absl::StrCat("to ", i));
                     if (i == 1) throw std::runtime_error("one");
                   }),
               std::runtime_error);
  EXPECT_THAT(lines_, ElementsAre("read 0", "read 1", "read 2", "data 0",
                                  "data 1", "write to 0", "write to 1"));
}

TEST_F(Gathering, AThousandAreGatheredInParts) {
  constexpr int kMany = 150;
  Run(kMany, [&](int i, absl::string_view) { served_[i]->Write("w"); });
  int reads = 0;
  int most_open = 0;
  int open = 0;  // read ahead and not called
  int unwritten = 0;
  int most_unwritten = 0;
  for (const std::string& line : seen_) {
    if (line == "read w") break;
    if (line.rfind("read", 0) == 0) ++reads, ++open;
    if (line.rfind("data", 0) == 0) --open, ++unwritten;
    if (line == "write w") --unwritten;
    most_open = std::max(most_open, open);
    most_unwritten = std::max(most_unwritten, unwritten);
  }
  EXPECT_EQ(reads, kMany);
  EXPECT_EQ(most_open, 64);
  EXPECT_EQ(most_unwritten, 64);
  for (const std::string& got : got_) EXPECT_EQ(got, "w");
}

TEST_F(Gathering, AllComesThoughThePeerReadsLate) {
  // More than the kernel takes: most waits, and goes when there is room.
  constexpr int kWrites = 3000;
  const std::string piece(1000, 'p');
  int served = 0;
  Run(2, [&](int i, absl::string_view) {
    if (served++ > 1) return;
    clients_[i]->Pause();
    for (int n = 0; n < kWrites; ++n) served_[i]->Write(piece);
    served_[i]->End();
    EXPECT_EQ(served_[i]->bytes_written(), kWrites * piece.size());
    loop_.SetTimeout(absl::Milliseconds(5), [&, i] { clients_[i]->Resume(); });
  });
  for (const std::string& got : got_) {
    EXPECT_EQ(got.size(), kWrites * piece.size() + 1);
  }
}

}  // namespace
}  // namespace simloop::net
