// What a person reads who wrote a scenario wrong.
#include "scenarios/loader.h"

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace simloop::scenarios {
namespace {

using ::testing::HasSubstr;

// A scenario that is right, with one line at its end.
std::string With(absl::string_view line) {
  return absl::StrCat(R"(host { name: "a" }
host { name: "b" }
link { a: "a" b: "b" latency: "1ms" }
program { host: "a" name: "server" run: "echo_server" }
program { host: "b" name: "client" run: "echo_client" }
)",
                      line, "\n");
}

std::string ErrorOf(absl::string_view text) {
  const absl::StatusOr<Scenario> scenario = ParseScenario("f.txtpb", text);
  return scenario.ok() ? "" : std::string(scenario.status().message());
}

TEST(Loader, TakesWhatIsRight) {
  const absl::StatusOr<Scenario> scenario =
      ParseScenario("f.txtpb", With("# nothing"));
  ASSERT_TRUE(scenario.ok()) << scenario.status();
  EXPECT_EQ(scenario->hosts[1].address.ToString(), "10.0.0.2");
  EXPECT_EQ(scenario->links[0].to_b.latency, absl::Milliseconds(1));
  EXPECT_EQ(scenario->programs[0].args.at("port"), "7");
}

TEST(Loader, TakesCarriageReturns) {
  std::string text = With("# nothing");
  for (size_t i = 0; (i = text.find('\n', i)) != std::string::npos; i += 2) {
    text.insert(i, "\r");
  }
  EXPECT_EQ(ErrorOf(text), "");
}

TEST(Loader, SaysWhereASyntaxErrorIs) {
  EXPECT_EQ(ErrorOf(With("link { a: \"a\" b \"b\" }")),
            "f.txtpb:6:17: Expected \":\", found \"\"b\"\".");
}

TEST(Loader, SuggestsTheNearestField) {
  EXPECT_EQ(ErrorOf(With("hots { name: \"c\" }")),
            "f.txtpb:6:6: a scenario has no field \"hots\"; did you mean "
            "\"host\"?; expected one of doc, discipline, time_limit, host, "
            "link, program, step, expect, end, router, fault, name, "
            "without");
}

TEST(Loader, RefusesANameThatIsNone) {
  EXPECT_EQ(ErrorOf(With("name { name: \"a b\" address: \"a\" }")),
            "f.txtpb:6:8: \"a b\" is no domain name; expected one such as "
            "\"api.example\"");
}

TEST(Loader, NamesTheDisciplines) {
  EXPECT_EQ(ErrorOf(With("discipline: MODREN")),
            "f.txtpb:6:13: \"MODREN\" is no discipline; did you mean "
            "\"MODERN\"?; expected one of MODERN, V0_1_96");
}

TEST(Loader, SuggestsTheNearestProgram) {
  const std::string error =
      ErrorOf(With("program { host: \"a\" name: \"x\" run: \"echo_sever\" }"));
  EXPECT_TRUE(absl::StartsWith(
      error,
      "f.txtpb:6:31: there is no program kind \"echo_sever\"; did you mean "
      "\"echo_server\"?; expected one of "))
      << error;
}

TEST(Loader, RefusesANegativeLatency) {
  EXPECT_EQ(ErrorOf("host { name: \"a\" }\nhost { name: \"b\" }\n"
                    "link { a: \"a\" b: \"b\" latency: \"-1ms\" }\n"
                    "program { host: \"a\" name: \"p\" run: \"client\" }\n"),
            "f.txtpb:3:22: latency \"-1ms\" is negative; expected 0 or more");
}

TEST(Loader, RefusesWhatNoLinkCanDo) {
  const auto error = [](const char* fields) {
    std::string text = With("");
    const absl::string_view latency = "latency: \"1ms\"";
    text.replace(text.find("latency"), latency.size(), fields);
    return ErrorOf(text);
  };
  EXPECT_EQ(error("loss: \"150%\""),
            "f.txtpb:3:22: loss \"150%\" is above 1; expected a probability "
            "from 0 to 1 of at most 9 decimals, such as \"0.01\" or \"1%\"");
  EXPECT_THAT(error("loss: \"often\""), HasSubstr("is no probability"));
  EXPECT_THAT(error("corrupt: \"-1%\""), HasSubstr("is negative"));
  EXPECT_EQ(error("rate: \"1Mbit\" queue_packets: 0"),
            "f.txtpb:3:36: queue_packets is 0; expected at least 1");
  EXPECT_THAT(error("queue_bytes: 9"), HasSubstr("without a rate"));
  EXPECT_THAT(error("rate: \"10\""), HasSubstr("has no unit; expected bits"));
  EXPECT_EQ(error("mtu: 67"), "f.txtpb:3:22: mtu is 67; expected at least 68");
  EXPECT_EQ(error("a_to_b { mtu: 67 }"),
            "f.txtpb:3:31: mtu is 67; expected at least 68");
  EXPECT_THAT(error("latency_uniform { from: \"2s\" to: \"1s\" }"),
              HasSubstr("`to` is less than `from`"));
  EXPECT_THAT(error("latency: \"1s\" latency_table: \"1s\""),
              HasSubstr("in several ways"));
  EXPECT_THAT(error("burst_loss { enter: \"1%\" }"),
              HasSubstr("both `enter` and `leave`"));
  EXPECT_EQ(error("loss: \"0.000000001\" rate: \"1.5kbit\""), "");
}

TEST(Loader, RefusesAnMtuThatIPv6DoesNotTake) {
  std::string text = With("");
  text.replace(text.find("\"b\" }"), 5, "\"b\" address6: \"fd00::2\" }");
  text.replace(text.find("latency"), 7, "mtu: 1279 latency");
  EXPECT_THAT(ErrorOf(text), HasSubstr("mtu is 1279; expected at least 1280"));
}

TEST(Loader, RefusesFaultsOfWhatIsNotThere) {
  EXPECT_THAT(ErrorOf(With("fault { at: \"1s\" crash: \"c\" }")),
              HasSubstr("f.txtpb:6:18: there is no host \"c\""));
  EXPECT_THAT(
      ErrorOf(With("fault { at: \"1s\" partition { a: \"a\" b: \"x\" } }")),
      HasSubstr("there is no host \"x\""));
  EXPECT_THAT(ErrorOf(With("fault { crash: \"a\" }")),
              HasSubstr("a fault without a time"));
  EXPECT_THAT(ErrorOf(With("fault { at: \"1s\" }")),
              HasSubstr("an empty fault"));
  EXPECT_THAT(ErrorOf(With("fault { after: \"server up\" crash: \"a\" }")),
              HasSubstr("has no signal \"up\""));
  EXPECT_THAT(ErrorOf(With("router { name: \"r\" nat { inside: \"a\" } }")),
              HasSubstr("no link joins the router and \"a\""));
}

TEST(Loader, RefusesWhatIsNoDuration) {
  EXPECT_EQ(ErrorOf(With("time_limit: \"soon\"")),
            "f.txtpb:6:1: time_limit \"soon\" is no duration; expected a "
            "number and a unit, such as \"250us\", \"1.5ms\" or \"2s\"");
  EXPECT_TRUE(absl::StrContains(ErrorOf(With("time_limit: \"inf\"")),
                                "is too long; expected at most"));
}

TEST(Loader, RefusesASecondHostOfOneName) {
  EXPECT_EQ(ErrorOf(With("host { name: \"a\" }")),
            "f.txtpb:6:8: there is a host \"a\" already; expected a name of "
            "its own");
}

TEST(Loader, TakesTheSettingsOfAHost) {
  const absl::StatusOr<Scenario> scenario = ParseScenario("f.txtpb", With(R"(
host {
  name: "c"
  address6: "fd00::3"
  somaxconn: 16
  socket_limit: 100
  sysctl { name: "net.ipv4.tcp_rmem" value: "4096 65536  131072" }
  sysctl { name: "net.ipv4.ip_local_port_range" value: "5000 5001" }
  freedoms { short_transfers: true signals: true }
})"));
  ASSERT_TRUE(scenario.ok()) << scenario.status();
  const sim::HostOptions& host = scenario->hosts[2];
  EXPECT_EQ(host.name, "c");
  EXPECT_EQ(host.address.ToString(), "10.0.0.3");
  EXPECT_EQ(host.address6->ToString(), "fd00::3");
  EXPECT_EQ(host.somaxconn, 16);
  EXPECT_EQ(host.socket_limit, 100);
  EXPECT_EQ(host.tcp_receive_bytes, (std::array<int, 3>{4096, 65536, 131072}));
  EXPECT_EQ(host.first_ephemeral_port, 5000);
  EXPECT_EQ(host.last_ephemeral_port, 5001);
  EXPECT_TRUE(host.freedoms.short_transfers);
  EXPECT_TRUE(host.freedoms.signals);
  EXPECT_FALSE(host.freedoms.epoll_order);
  EXPECT_FALSE(host.freedoms.aborted_accepts);
  EXPECT_FALSE(host.freedoms.unix_backlog);
  EXPECT_FALSE(host.freedoms.memory);
}

TEST(Loader, HasLinuxSettingsByDefault) {
  const absl::StatusOr<Scenario> scenario =
      ParseScenario("f.txtpb", With("host { name: \"c\" }"));
  ASSERT_TRUE(scenario.ok()) << scenario.status();
  const sim::HostOptions& host = scenario->hosts[2];
  EXPECT_EQ(host.receive_buffer_bytes, 1'284'096u);
  EXPECT_FALSE(host.address6.has_value());
  EXPECT_FALSE(host.freedoms.short_transfers);
}

// A host whose block has this in its line 7.
std::string HostError(absl::string_view line) {
  return ErrorOf(With(absl::StrCat("host { name: \"c\"\n", line, " }")));
}

TEST(Loader, RefusesASysctlThatIsNotSimulated) {
  const std::string error =
      HostError("sysctl { name: \"net.ipv4.tcp_rmen\" value: \"1\" }");
  EXPECT_TRUE(absl::StartsWith(
      error,
      "f.txtpb:7:10: there is no sysctl \"net.ipv4.tcp_rmen\"; did you mean "
      "\"net.ipv4.tcp_rmem\"?; expected one of fs.file-max, net.core."))
      << error;
  EXPECT_TRUE(absl::EndsWith(error, ", net.unix.max_dgram_qlen")) << error;
}

TEST(Loader, RefusesAValueThatASysctlDoesNotTake) {
  EXPECT_EQ(HostError("sysctl { name: \"net.core.somaxconn\" value: \"x\" }"),
            "f.txtpb:7:37: \"x\" is no value of net.core.somaxconn; expected "
            "a whole number");
  EXPECT_EQ(HostError("sysctl { name: \"net.ipv4.tcp_wmem\" value: \"1\" }"),
            "f.txtpb:7:36: \"1\" is no value of net.ipv4.tcp_wmem; expected "
            "three sizes in order");
  EXPECT_EQ(HostError("sysctl { name: \"net.core.somaxconn\" }"),
            "f.txtpb:7:1: \"\" is no value of net.core.somaxconn; expected a "
            "whole number");
}

TEST(Loader, RefusesASysctlThatIsGivenTwice) {
  EXPECT_EQ(HostError("sysctl { name: \"fs.file-max\" value: \"9\" } "
                      "sysctl { name: \"fs.file-max\" value: \"8\" }"),
            "f.txtpb:7:52: sysctl \"fs.file-max\" is given twice; expected it "
            "once");
}

TEST(Loader, RefusesAFreedomThatThereIsNot) {
  EXPECT_EQ(HostError("freedoms { signal: true }"),
            "f.txtpb:7:18: `freedoms` has no field \"signal\"; did you mean "
            "\"signals\"?; expected one of epoll_order, short_transfers, "
            "signals, aborted_accepts, unix_backlog, memory");
}

TEST(Loader, RefusesWhatIsNoIpv6Address) {
  for (const char* address : {"10.0.0.9", "::1", "::", "ff02::1", "fd00::g"}) {
    EXPECT_EQ(HostError(absl::StrCat("address6: \"", address, "\"")),
              absl::StrCat("f.txtpb:7:1: address6 \"", address,
                           "\" is no host's IPv6 address; expected one such "
                           "as \"fd00::1\""));
  }
}

TEST(Loader, RefusesASecondHostOfOneIpv6Address) {
  EXPECT_EQ(ErrorOf(With("host { name: \"c\" address6: \"fd00::1\" }\n"
                         "host { name: \"d\" address6: \"fd00:0::1\" }")),
            "f.txtpb:7:18: another host has the address fd00::1 already; "
            "expected one of its own");
}

TEST(Loader, RefusesASecondProgramOfOneName) {
  EXPECT_EQ(
      ErrorOf(With("program { host: \"a\" name: \"client\" run: \"client\" }")),
      "f.txtpb:6:21: there is a program \"client\" already; expected a name "
      "of its own");
}

TEST(Loader, RefusesALinkToNobody) {
  EXPECT_EQ(ErrorOf(With("link { a: \"a\" b: \"servr\" }")),
            "f.txtpb:6:15: there is no host \"servr\"; expected one of a, b");
}

TEST(Loader, RefusesASecondLinkBetweenTwoHosts) {
  EXPECT_EQ(ErrorOf(With("link { a: \"b\" b: \"a\" }")),
            "f.txtpb:6:8: \"b\" and \"a\" are joined already; expected one "
            "link between two hosts");
}

TEST(Loader, RefusesAPortOutOfRange) {
  EXPECT_EQ(
      ErrorOf(With("program { host: \"a\" name: \"x\" run: \"client\"\n"
                   "  arg { key: \"port\" value: \"65536\" } }")),
      "f.txtpb:7:21: port \"65536\" is out of range; expected 1 to 65535");
}

TEST(Loader, RefusesAnUnknownArgument) {
  EXPECT_EQ(
      ErrorOf(With("program { host: \"a\" name: \"x\" run: \"echo_client\"\n"
                   "  arg { key: \"prot\" value: \"7\" } }")),
      "f.txtpb:7:9: there is no echo_client argument \"prot\"; did you mean "
      "\"port\"?; expected one of port, host, data");
}

TEST(Loader, RefusesAnUnknownCommandAndAnUnknownSignal) {
  EXPECT_EQ(ErrorOf(With("step { at: \"1ms\" program: \"server\" do: "
                         "\"clsoe\" }")),
            "f.txtpb:6:36: echo_server has no command \"clsoe\"; did you mean "
            "\"close\"?; expected one of close");
  EXPECT_EQ(ErrorOf(With("step { after: \"client gone\" program: \"server\" "
                         "do: \"close\" }")),
            "f.txtpb:6:8: echo_client has no signal \"gone\"; expected one of "
            "closed");
}

TEST(Loader, RefusesAnEmptyExpectation) {
  EXPECT_EQ(ErrorOf(With("expect { }")),
            "f.txtpb:6:1: an empty expectation; expected one of events, "
            "exactly, never, within, eventually, sometimes, always, "
            "unreachable");
}

TEST(Loader, TellsEveryFaultInTheOrderOfTheFile) {
  EXPECT_EQ(ErrorOf("time_limit: \"x\"\nlink { a: \"q\" b: \"r\" }\n"),
            "f.txtpb:1:1: time_limit \"x\" is no duration; expected a number "
            "and a unit, such as \"250us\", \"1.5ms\" or \"2s\"\n"
            "f.txtpb:1:1: no host; expected at least one `host { name: ... "
            "}`\n"
            "f.txtpb:1:1: no program; expected at least one `program { name: "
            "... run: ... }`\n"
            "f.txtpb:2:8: there is no host \"q\"; expected one that is "
            "defined above\n"
            "f.txtpb:2:15: there is no host \"r\"; expected one that is "
            "defined above");
}

TEST(Loader, RefusesWhatIsNoUtf8) {
  EXPECT_EQ(ErrorOf("doc: \"caf\xe9\"\n"),
            "f.txtpb:1:10: byte 0xe9 is no UTF-8 text; expected a scenario in "
            "protobuf's text format");
}

TEST(Loader, RefusesAnEmptyFile) {
  EXPECT_EQ(ErrorOf(" \n"),
            "f.txtpb:1:1: the file is empty; expected a scenario "
            "(docs/scenarios.md)");
}

std::string FileError(const std::string& path) {
  const absl::StatusOr<Scenario> scenario = LoadScenario(path);
  return scenario.ok() ? "" : std::string(scenario.status().message());
}

TEST(Loader, RefusesAFileThatIsNotThere) {
  EXPECT_EQ(FileError("/nonexistent/f.txtpb"),
            "/nonexistent/f.txtpb: there is no such file");
}

TEST(Loader, RefusesADirectory) {
  EXPECT_EQ(FileError("/"), "/: is a directory; expected a file");
}

TEST(Loader, RefusesTenMegabytesOfNoiseInOneLine) {
  const std::string path = absl::StrCat(::testing::TempDir(), "/noise.txtpb");
  std::ofstream(path) << std::string(10 << 20, '\x81');
  EXPECT_EQ(FileError(path),
            absl::StrCat(path,
                         ": is larger than the 1048576 bytes that such "
                         "a file may have"));
  std::filesystem::remove(path);
}

TEST(Loader, RepeatsLittleOfALongWord) {
  const std::string error = ErrorOf(std::string(1 << 19, 'x'));
  EXPECT_LT(error.size(), 300u);
  EXPECT_FALSE(absl::StrContains(error, "\n"));
}

TEST(Loader, RefusesDeepNestingWithoutACrash) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "host{";
  EXPECT_NE(ErrorOf(text), "");
}

TEST(Loader, KnowsTheSanitizers) {
  EXPECT_TRUE(ParseScenario("f.txtpb", With("without: \"half-open\"")).ok());
  EXPECT_TRUE(absl::StrContains(
      ErrorOf(With("without: \"half-opn\"")),
      "there is no sanitizer \"half-opn\"; did you mean \"half-open\"?"));
}

}  // namespace
}  // namespace simloop::scenarios
