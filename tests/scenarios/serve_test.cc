// `simloop serve`: on the kernel of this machine, until it is interrupted.
// Runs alone: it takes a port of this machine.
#include <string>

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "tests/scenarios/binary.h"

namespace simloop::scenarios {
namespace {

// Starts a server, waits until it listens, runs `meanwhile`, interrupts it,
// and prints how it ended.
Finished Serve(const std::string& address, const std::string& meanwhile) {
  const std::string serve = "serve --program http_hello " + address;
  return Simloop(serve + " > \"$TEST_TMPDIR/served\" & pid=$!; " +
                 "for i in $(seq 100); do "
                 "grep -q listens \"$TEST_TMPDIR/served\" && break; "
                 "sleep 0.05; done; " +
                 meanwhile +
                 "; kill -INT $pid; wait $pid; echo ended with $?; "
                 "cat \"$TEST_TMPDIR/served\"");
}

TEST(Serve, ClosesCleanlyWhenItIsInterrupted) {
  const Finished served = Serve("--host 127.83.1.1 --port 18080", "true");
  EXPECT_TRUE(absl::StrContains(served.out, "ended with 0")) << served.out;
  EXPECT_TRUE(absl::StrContains(served.out, "closed")) << served.out;
}

TEST(Serve, AnswersARequest) {
  const Finished served =
      Serve("--host 127.83.1.2 --port 18080",
            "bash -c 'exec 3<>/dev/tcp/127.83.1.2/18080; "
            "printf \"GET / HTTP/1.0\\r\\n\\r\\n\" >&3; cat <&3'");
  EXPECT_TRUE(absl::StrContains(served.out, "HTTP/1.1 200 OK")) << served.out;
  EXPECT_TRUE(absl::StrContains(served.out, "hello world")) << served.out;
}

TEST(Serve, GivesTheProgramItsArguments) {
  const Finished served =
      Serve("--host 127.83.1.4 --port 18080 length=true body=short",
            "bash -c 'exec 3<>/dev/tcp/127.83.1.4/18080; "
            "printf \"GET / HTTP/1.0\\r\\n\\r\\n\" >&3; cat <&3'");
  EXPECT_TRUE(absl::StrContains(served.out, "Content-Length: 5\r\n"))
      << served.out;
  EXPECT_TRUE(absl::StrContains(served.out, "\r\n\r\nshort")) << served.out;
}

TEST(Serve, RefusesWhatIsNoArgument) {
  const std::string serve = "serve --program http_hello --port 18080 ";
  for (const char* const operand :
       {"lenght=true", "length", "length=maybe", "body=a body=b"}) {
    const Finished served = Simloop(serve + operand + " 2>&1");
    EXPECT_EQ(served.status, 2) << operand << served.out;
  }
  EXPECT_TRUE(absl::StrContains(Simloop(serve + "lenght=true 2>&1").out,
                                "did you mean \"length\""));
}

TEST(Serve, SaysWhenTheAddressIsTaken) {
  const Finished served =
      Serve("--host 127.83.1.3 --port 18080",
            "scenarios/simloop serve --program http_hello "
            "--host 127.83.1.3 --port 18080; echo second $?");
  EXPECT_TRUE(absl::StrContains(served.out, "second 1")) << served.out;
  EXPECT_TRUE(absl::StrContains(served.out, "EADDRINUSE")) << served.out;
}

}  // namespace
}  // namespace simloop::scenarios
