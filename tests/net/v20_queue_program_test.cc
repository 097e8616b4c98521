// Programs of Node 20 about connections that nobody has accepted yet, or whose
// server goes, recorded here.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

class V20Queue : public V20Program {
 protected:
  // "actor text null": how a callback was called.
  auto Told(std::string actor, std::string text, std::string none = "null") {
    return [this, actor, text, none](const Error* error) {
      process.Log(actor, text, " ",
                  error == nullptr ? none : Described(*error));
    };
  }
  auto Cried(std::string actor, std::string text) {
    return [this, actor, text](const Error*) { process.Log(actor, text); };
  }
};
// With a timer, or with two connections that end at once.
class V20QueueTimed : public V20Queue {};

TEST_P(V20Queue, Case193ClosesBeforeItAccepts) {
  const auto server = Watched();
  server->on.listening([&] {
    for (int i = 1; i <= 3; ++i) {
      const std::string who = absl::StrCat("client", i);
      const auto c = Dial(*server, who);
      c->Write(absl::StrCat("x", i), [&, who](const Error* e) {
        process.Log(who, "write cb ", e == nullptr ? "ok" : e->code());
      });
    }
    Tick([&] {
      process.Log("main", "server.close()");
      server->Close(Cried("server", "close cb"));
    });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/193-queue-at-close"));
}

TEST_P(V20Queue, Case194ClosesInConnection) {
  std::shared_ptr<Server> server;
  server = Server::Create(process.stack(), [&](const SocketHandle& s) {
    process.Watch(s, "srv.sock");
    process.Log("main", "server.close()");
    server->Close();
    s->End("bye");
  });
  process.Watch(server, "server");
  server->on.listening([&] {
    const uint16_t port = server->address()->port;
    for (int i = 1; i <= 4; ++i) Dial(*server, absl::StrCat("client", i));
    Immediate([&, port] {
      process.Log("main", "immediate");
      process.Watch(Connect(process.stack(), port, "127.0.0.1"), "late");
    });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/194-queue-closed-in-connection"));
}

TEST_P(V20Queue, Case195ClosesAfterOneOfThree) {
  const auto server = Server::Create(
      process.stack(),
      [&](const SocketHandle& s) { process.Watch(s, "srv.sock"); });
  // Of prependOnceListener().
  std::vector<SocketHandle> cs;
  server->on.connection.Once(
      [&](const SocketHandle&) { process.Log("main", "first"); });
  process.Watch(server, "server");
  server->on.listening([&] {
    for (int i = 1; i <= 3; ++i) {
      cs.push_back(Dial(*server, absl::StrCat("client", i)));
    }
    cs[1]->End("two");
    cs[2]->Write("three");
    Immediate([&] {
      process.Log("main", "immediate close");
      server->Close(Cried("server", "close cb"));
    });
    cs[2]->on.close([&](bool) { cs[0]->End(); });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/195-queue-closed-in-connect"));
}

TEST_P(V20QueueTimed, Case196DestroysWhileConnecting) {
  const auto server =
      Watched([&](const SocketHandle& s) { process.Watch(s, "srv.sock"); });
  std::vector<SocketHandle> all;
  const auto make = [&](const std::string& who) {
    const auto c = Dial(*server, who);
    process.Log(who, "write -> ",
                Bool(c->Write("lost", Told(who, "write cb"))));
    c->End("more", Told(who, "end cb"));
    all.push_back(c);
    return c;
  };
  const auto destroy = [&](const SocketHandle& c, const std::string& who) {
    c->Destroy();
    process.Log(who, "destroyed ", Bool(c->destroyed()), " ",
                Bool(c->connecting()));
  };
  server->on.listening([&] {
    destroy(make("sync"), "sync");
    const auto b = make("tick");
    Tick([&, b] { destroy(b, "tick"); });
    make("error")->Destroy(Error("Error", "mine"));
    make("soon")->DestroySoon();
    const auto e = make("immediate");
    Immediate([&, e] {
      process.Log("main", "immediate");
      e->Destroy();
    });
    const auto f = make("write");
    f->Destroy();
    process.Log("write", "write -> ",
                Bool(f->Write("again", Told("write", "write cb"))));
    After(50, [&] { server->Close(); });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/196-destroy-connecting"));
}

TEST_P(V20Queue, Case197ClosesWithConnections) {
  int n = 0;
  uint16_t port = 0;
  SocketHandle c1;
  SocketHandle c2;
  std::shared_ptr<Server> server;
  server = Server::Create(process.stack(), [&](const SocketHandle& s) {
    process.Watch(s, absl::StrCat("srv", ++n));
    if (n < 2) return;
    server->Close(Told("server", "close cb", "undefined"));
    process.Log("server", "listening ", Bool(server->listening()));
    server->Close(Told("server", "second close cb"));
    server->GetConnections([&](size_t count) {
      process.Log("server", "getConnections null ", count);
    });
    const auto late = Connect(process.stack(), port, "127.0.0.1");
    process.Watch(late, "late");
    late->on.close([&](bool) {
      process.Log("main", "c1.end()");
      c1->End("from c1");
    });
  });
  process.Watch(server, "server");
  server->on.listening([&] {
    port = server->address()->port;
    c1 = Dial(*server, "client1");
    c2 = Dial(*server, "client2");
    c1->on.close([&](bool) {
      process.Log("main", "c2.destroy()");
      c2->Destroy();
    });
  });
  server->on.close.Once([&] {
    process.Log("server", "address ",
                server->address().has_value() ? "some" : "null");
    server->Close(Told("server", "third close cb"));
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/197-close-with-connections"));
}

TEST_P(V20QueueTimed, Case198MaxConnections) {
  int n = 0;
  const auto server = Watched([&](const SocketHandle& s) {
    process.Watch(s, absl::StrCat("srv", ++n));
    s->Write(absl::StrCat("hello", n));
  });
  server->SetMaxConnections(2);
  server->on.drop([&](const Server::DroppedConnection& d) {
    process.Log("server",
                "drop [\"localAddress\",\"localFamily\",\"localPort\","
                "\"remoteAddress\",\"remoteFamily\",\"remotePort\"] ",
                d.local.ip.ToString(), " IPv4");
  });
  std::vector<SocketHandle> cs;
  SocketHandle five;
  server->on.listening([&] {
    for (int i = 1; i <= 4; ++i) {
      cs.push_back(Dial(*server, absl::StrCat("client", i)));
    }
    cs[3]->on.close([&](bool) { cs[0]->End(); });
    cs[0]->on.close([&](bool) {
      five = Dial(*server, "client5");
      five->on.data([&](absl::string_view) {
        server->Close();
        five->End();
        cs[1]->End();
      });
    });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/198-max-connections"));
}

TEST_P(V20Queue, Case200WritesAmongConnectListeners) {
  std::shared_ptr<Server> server;
  server = Server::Create(process.stack(), [&](const SocketHandle& s) {
    s->on.data(
        [&](absl::string_view d) { process.Log("srv.sock", "data ", d); });
    WatchEvent(process, s->on.end, "srv.sock", "end");
    s->on.close([&](bool) { server->Close(); });
  });
  process.Watch(server, "server");
  SocketHandle c;
  const auto show = [&](const std::string& k) {
    process.Log("client", k, " bytesWritten=", c->bytes_written(),
                " length=", c->writable_bytes(),
                " pending=", Bool(c->pending()),
                " connecting=", Bool(c->connecting()));
  };
  const auto told = [&](const std::string& k) {
    return [show, k](const Error*) { show(k); };
  };
  const auto write = [&, show, told](const std::string& k) {
    c->on.connect([&, show, told, k] {
      show("connect " + k);
      c->Write("[" + k + "]", told("write cb " + k));
      show("after " + k);
    });
  };
  server->on.listening([&] {
    c = Dial(*server);
    // Of prependListener().
    c->on.connect([&] { show("connect prepended"); });
    c->on.connect.Once([&] {
      process.Log("client", "connect cb");
      c->Write("[cb]");
    });
    write("A");
    show("before");
    c->Write("[early1]", told("write cb early1"));
    write("B");
    c->Write("[early2]", told("write cb early2"));
    c->on.connect.Once([&] {
      show("connect C");
      c->End("[C]", told("end cb"));
    });
    c->on.ready([&] { show("ready"); });
    c->on.finish([&] { show("finish"); });
    c->on.drain([&] { show("drain"); });
    c->on.close([&](bool) { process.Log("client", "close"); });
  });
  server->Listen(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/200-write-in-connect-order"));
}

INSTANTIATE_TEST_SUITE_P(, V20Queue, BothKernels(), NetTestName);
INSTANTIATE_TEST_SUITE_P(, V20QueueTimed, testing::Values(SimulatedBackEnd()),
                         NetTestName);

}  // namespace
}  // namespace simloop::net
