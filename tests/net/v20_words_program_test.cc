// A program of Node 20 that prints what errors of net and dgram say, word for
// word, recorded here.
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/net/v20_words.h"

namespace simloop::net {
namespace {

// They have timers: simulated only.
class V20Words : public V20WordsProgram {
 protected:
  // A socket until its 'close'.
  void Event(const std::string& name, std::function<SocketHandle()> make);
  void To(const std::string& name, ConnectOptions to);
  // A server that cannot listen.
  void Fails(const std::string& name, std::function<void(Server&)> listen);
  void Dgram(const std::string& name, std::function<void(const Datagram&)> use);

  SocketHandle Open() { return Connect(process.stack(), port, "127.0.0.1"); }
  static ConnectOptions Where(uint16_t port, std::string local = "") {
    ConnectOptions to;
    to.port = port;
    to.host = "127.0.0.1";
    to.local_address = std::move(local);
    return to;
  }
  static LookupFunction Known(std::vector<std::string> addresses) {
    return [addresses](absl::string_view, AddressFamily, ResolveCallback done) {
      Resolution all;
      for (const std::string& text : addresses) {
        all.addresses.push_back(*loop::Ip::Parse(text));
      }
      done(all);
    };
  }
  void Dialling();
  void Writing();
  void Listening();
  void Datagrams();
  void MoreDatagrams();
};

void V20Words::Event(const std::string& name,
                     std::function<SocketHandle()> make) {
  Step([this, name, make = std::move(make)](const Done& done) {
    const SocketHandle s = make();
    s->on.error([this, name](const Error& e) { Tell("error", name, e); });
    s->on.close([done](bool) { done(); });
  });
}

void V20Words::To(const std::string& name, ConnectOptions to) {
  const auto shared = std::make_shared<ConnectOptions>(std::move(to));
  Event(name, [this, shared] {
    return Connect(process.stack(), std::move(*shared));
  });
}

void V20Words::Fails(const std::string& name,
                     std::function<void(Server&)> listen) {
  Step([this, name, listen = std::move(listen)](const Done& done) {
    const auto s = Server::Create(process.stack());
    s->on.error([this, s, name, done](const Error& e) {
      Tell("error", name, e);
      done();
    });
    try {
      listen(*s);
    } catch (const Error& e) {
      Tell("throws", name, e);
      done();
    }
  });
}

void V20Words::Dgram(const std::string& name,
                     std::function<void(const Datagram&)> use) {
  Step([this, name, use = std::move(use)](const Done& done) {
    const Datagram s = DatagramSocket::Create(process.stack());
    s->on.error([this, name](const Error& e) { Tell("error", name, e); });
    try {
      use(s);
    } catch (const Error& e) {
      Tell("throws", name, e);
    }
    After(15, [this, s, done] {
      try {
        s->Close();
      } catch (const Error& e) {
        Tell("throws", "close", e);
      }
      done();
    });
  });
}

void V20Words::Dialling() {
  To("refused", Where(1));
  To("refused from", Where(1, "127.0.0.1"));
  ConnectOptions to = Where(1);
  to.host = "some.name";
  to.lookup = Known({"127.0.0.1"});
  To("refused by name", std::move(to));
  Step([this](const Done& done) {
    ConnectOptions to = Where(1);
    to.host = "some.name";
    to.lookup = Known({"127.0.0.1", "127.0.0.2"});
    const SocketHandle s = Connect(process.stack(), std::move(to));
    s->on.error(
        [this](const Error& e) { Tell("error", "refused by both", e); });
    s->on.close([done](bool) { done(); });
  });
  to = Where(1);
  to.host = "some.name";
  to.lookup = [this](absl::string_view, AddressFamily, ResolveCallback done) {
    Tick([done = std::move(done)]() mutable {
      Resolution none;
      none.error = "ENOTFOUND";
      done(none);
    });
  };
  To("not found", std::move(to));
  to = ConnectOptions();
  to.path = absl::StrCat(kPath, "/none");
  To("no such path", std::move(to));
  const auto from = [this](const std::string& name, const char* local,
                           bool its_port) {
    Event(name, [this, local, its_port] {
      ConnectOptions to = Where(port, local);
      if (its_port) to.local_port = port;
      return Connect(process.stack(), std::move(to));
    });
  };
  from("local address", "192.0.2.1", false);
  from("local family", "::1", false);
  from("local port", "127.0.0.1", true);
}

void V20Words::Writing() {
  const auto connected = [this](const std::string& name,
                                std::function<void(Socket&)> use) {
    Event(name, [this, use] {
      const SocketHandle s = Open();
      s->on.connect([use, s = s.get()] { use(*s); });
      return s;
    });
  };
  connected("mine", [](Socket& s) { s.Destroy(Error("Error", "mine")); });
  connected("write after end", [this](Socket& s) {
    s.End();
    s.Write("x", Telling("write"));
  });
  Event("write unconnected", [this] {
    const SocketHandle s = Socket::Create(process.stack());
    s->Write("x", Telling("write"));
    return s;
  });
  Event("reset unconnected", [this] {
    const SocketHandle s = Socket::Create(process.stack());
    s->ResetAndDestroy();
    return s;
  });
  Event("destroyed while connecting", [this] {
    const SocketHandle s = Open();
    s->Write("x", Telling("write"));
    s->Destroy();
    return s;
  });
  connected("write destroyed", [this](Socket& s) {
    s.Destroy();
    s.Write("x", Telling("write"));
    s.End("y", Telling("end"));
  });
  Event("end again", [this] {
    const SocketHandle s = Open();
    s->on.connect([s = s.get()] { s->End(); });
    s->on.finish([this, s = s.get()] { s->End("", Telling("end")); });
    return s;
  });
  Event("aborted", [this] {
    Socket::Options options;
    options.signal = std::make_shared<AbortSignal>();
    const SocketHandle s = Connect(process.stack(), Where(port), options);
    s->on.connect([signal = options.signal] { signal->Abort(); });
    return s;
  });
}

void V20Words::Listening() {
  Fails("in use", [this](Server& s) { s.Listen(port, "127.0.0.1"); });
  Fails("in use by all", [this](Server& s) { s.Listen(port); });
  Fails("not mine", [](Server& s) { s.Listen(0, "192.0.2.1"); });
  Fails("path in use", [](Server& s) {
    Server::ListenOptions on;
    on.path = absl::StrCat(kPath, ".sock");
    s.Listen(on);
  });
  Fails("no directory", [](Server& s) {
    Server::ListenOptions on;
    on.path = absl::StrCat(kPath, "/none/sock");
    s.Listen(on);
  });
  Fails("listening", [](Server& s) {
    s.Listen(0);
    try {
      s.Listen(0);
    } catch (const Error&) {
      s.Close();
      throw;
    }
  });
  Step([this](const Done& done) {
    Server::Create(process.stack())->Close([this, done](const Error* e) {
      Telling("close")(e);
      done();
    });
  });
}

void V20Words::Datagrams() {
  Dgram("dgram in use", [this](const Datagram& s) {
    s->Bind(udp->address().port, "127.0.0.1");
  });
  Dgram("dgram not mine", [](const Datagram& s) { s->Bind(0, "192.0.2.1"); });
  Dgram("dgram bound", [](const Datagram& s) {
    s->Bind(0);
    s->Bind(0);
  });
  Dgram("dgram closed", [](const Datagram& s) {
    s->Close();
    s->Send("x", 1, "127.0.0.1");
  });
  Dgram("dgram unbound address", [](const Datagram& s) { s->address(); });
  Dgram("dgram no peer", [](const Datagram& s) { s->remote_address(); });
  Dgram("dgram disconnect", [](const Datagram& s) { s->Disconnect(); });
  Dgram("dgram port", [](const Datagram& s) { s->Send("x", 0, "127.0.0.1"); });
  Dgram("dgram connect port", [](const Datagram& s) { s->Connect(0); });
  Dgram("dgram connected", [](const Datagram& s) {
    s->Connect(9, "127.0.0.1");
    s->Connect(9, "127.0.0.1");
  });
}

void V20Words::MoreDatagrams() {
  const auto bound =
      [this](const std::string& name, const char* address,
             std::vector<std::pair<std::string, void (*)(DatagramSocket&)>>
                 calls) {
        Dgram(name, [this, address, calls](const Datagram& s) {
          s->on.listening([this, calls, s = s.get()] {
            for (const auto& [what, call] : calls) {
              try {
                call(*s);
              } catch (const Error& e) {
                Tell("throws", what, e);
              }
            }
          });
          s->Bind(0, address);
        });
      };
  bound("dgram ttl", "127.0.0.1",
        {{"ttl", [](DatagramSocket& s) { s.SetTtl(0); }},
         {"mttl", [](DatagramSocket& s) { s.SetMulticastTtl(256); }}});
  Dgram("dgram group",
        [](const Datagram& s) { s->AddMembership("127.0.0.1"); });
  bound("dgram drop", "", {{"drop", [](DatagramSocket& s) {
                              s.DropMembership("224.0.0.7", "127.0.0.1");
                            }}});
  Dgram("dgram broadcast", [](const Datagram& s) { s->SetBroadcast(true); });
  bound("dgram interface", "", {{"interface", [](DatagramSocket& s) {
                                   s.SetMulticastInterface("1.2.3.4");
                                 }}});
  Dgram("dgram big", [this](const Datagram& s) {
    s->Send(std::string(65508, 'x'), udp->address().port, "127.0.0.1",
            [this](const Error* e, size_t) { Telling("big")(e); });
  });
  Dgram("dgram buffer", [](const Datagram& s) { s->receive_buffer_size(); });
  Dgram("dgram refused", [this](const Datagram& s) {
    s->on.connect([this, s] {
      s->Send("x");
      After(5, [this, s] {
        s->Send("y", [this](const Error* e, size_t) { Telling("refused")(e); });
      });
    });
    s->Connect(1, "127.0.0.1");
  });
}

TEST_P(V20Words, Case254EachError) {
  Serve();
  unix_server = Server::Create(process.stack());
  udp = DatagramSocket::Create(process.stack());
  Dialling();
  Writing();
  Listening();
  Datagrams();
  MoreDatagrams();
  udp->on.listening([this] {
    Server::ListenOptions on;
    on.path = absl::StrCat(kPath, ".sock");
    unix_server->Listen(on);
  });
  unix_server->on.listening([this] { server->Listen(0, "127.0.0.1"); });
  udp->Bind(0, "127.0.0.1");
  EXPECT_EQ(process.Run(), RecordedLines("v20/254-words"));
}

INSTANTIATE_TEST_SUITE_P(, V20Words, testing::Values(SimulatedBackEnd()),
                         NetTestName);

}  // namespace
}  // namespace simloop::net
