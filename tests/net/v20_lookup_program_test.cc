// Look-ups of names by a program: one of Node 20, recorded here, and what its
// documentation says of the order of addresses.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "net/delayed_resolver.h"
#include "net/lookup.h"
#include "tests/net/v20_program.h"

namespace simloop::net {
namespace {

using loop::Ip;
using ::testing::ElementsAre;

class V20Lookup : public V20Program {
 protected:
  void LookUp(const std::string& name, const std::string& host,
              LookupOptions options = LookupOptions()) {
    Lookup(process.stack(), host, options,
           [this, name](const Error* error, const std::vector<Ip>& found) {
             if (error != nullptr) {
               process.Log("dns", name, " ", error->code(), " ",
                           error->syscall(), " \"", error->message(), "\"");
             } else if (found.empty()) {
               process.Log("dns", name, " null 4");
             } else {
               process.Log("dns", name, " \"", found[0].ToString(), "\" ",
                           found[0].is_v4() ? 4 : 6);
             }
             Tick([this, name] { process.Log("dns", name, " tick"); });
           });
  }
};

TEST_P(V20Lookup, Case157LooksUp) {
  const auto all = [](const std::vector<Ip>& found) {
    return absl::StrJoin(found, ",", [](std::string* out, const Ip& ip) {
      absl::StrAppend(out, ip.ToString(), "/", ip.is_v4() ? 4 : 6);
    });
  };
  LookUp("v4", "10.1.2.3");
  LookUp("v6", "::1", {.family = AddressFamily::kIpv4});
  Lookup(process.stack(), "127.0.0.1", {},
         [&](const Error*, const std::vector<Ip>& found) {
           process.Log("dns", "all null ", all(found));
         });
  LookUp("empty", "");
  Lookup(process.stack(), "", {},
         [&](const Error*, const std::vector<Ip>& found) {
           process.Log("dns", "none null ", found.size());
         });
  Tick([&] { process.Log("main", "tick"); });
  Immediate([&] {
    process.Log("main", "immediate");
    LookUp("unknown", "no-such-host.invalid");
  });
  process.Log("main", "sync");
  EXPECT_EQ(process.Run(), RecordedLines("v20/157-lookup"));
}

// A name's four addresses, by turns of family.
DelayedResolution Many(absl::string_view name) {
  DelayedResolution answer;
  answer.delay = absl::Milliseconds(5);
  if (name == "unknown") {
    answer.resolution.error = "EAI_AGAIN";
    return answer;
  }
  for (const char* ip : {"fd00::1", "10.0.0.1", "fd00::2", "10.0.0.2"}) {
    answer.resolution.addresses.push_back(*Ip::Parse(ip));
  }
  return answer;
}

TEST_P(V20Lookup, GivesAllAddressesInTheOrderAskedFor) {
  Stack::Options with;
  with.resolver = std::make_shared<DelayedResolver>(process.loop(), Many);
  Stack stack(process.loop(), with);
  std::vector<std::string> found;
  const auto look_up = [&](absl::string_view host, LookupOptions options) {
    Lookup(stack, host, options,
           [&](const Error* error, const std::vector<Ip>& addresses) {
             if (error != nullptr) found.push_back(error->message());
             for (const Ip& ip : addresses) found.push_back(ip.ToString());
             found.push_back(";");
           });
  };
  look_up("many", {});
  look_up("many", {.ipv4_first = true});
  look_up("many", {.family = AddressFamily::kIpv6});
  look_up("unknown", {});
  look_up("localhost", {.family = AddressFamily::kIpv6});
  EXPECT_THAT(found, ElementsAre());
  process.Run();
  EXPECT_EQ(absl::StrJoin(found, " "),
            "::1 ; "
            "fd00::1 10.0.0.1 fd00::2 10.0.0.2 ; "
            "10.0.0.1 10.0.0.2 fd00::1 fd00::2 ; "
            "fd00::1 fd00::2 ; "
            "getaddrinfo EAI_AGAIN unknown ;");
}

INSTANTIATE_TEST_SUITE_P(, V20Lookup, BothKernels(), NetTestName);

}  // namespace
}  // namespace simloop::net
