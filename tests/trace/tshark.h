// Tshark: what tshark(1) makes of a capture file, with every checksum checked.
#ifndef TESTS_TRACE_TSHARK_H_
#define TESTS_TRACE_TSHARK_H_

#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace simloop::trace {

class Tshark final {
 public:
  // Fields by name, of those below; "" where a packet has none. Several values
  // are joined by commas.
  using Row = std::map<std::string, std::string>;

  // Debian's package tshark; ./simloop installs it.
  static bool Installed() {
    return std::system("command -v tshark >/dev/null 2>&1") == 0;
  }

  // Nobody's preferences are used, and no name is looked up.
  explicit Tshark(const std::string& file) {
    const std::vector<std::string> names = FieldNames();
    const std::string out = Print(
        absl::StrCat("HOME='", ::testing::TempDir(), "' XDG_CONFIG_HOME='",
                     ::testing::TempDir(), "' tshark -n -r '", file,
                     "' -o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE"
                     " -o udp.check_checksum:TRUE -T fields -z conv,tcp -e ",
                     absl::StrJoin(names, " -e "), " 2>/dev/null"));
    for (const absl::string_view line : absl::StrSplit(out, '\n')) {
      if (absl::StrContains(line, "<->")) ++conversations_;
      const std::vector<std::string> values = absl::StrSplit(line, '\t');
      if (values.size() != names.size()) continue;  // of the table behind
      Row& row = rows_.emplace_back();
      for (size_t i = 0; i < names.size(); ++i) row[names[i]] = values[i];
    }
  }

  // One for each packet.
  const std::vector<Row>& rows() const { return rows_; }
  // Those of TCP.
  size_t conversations() const { return conversations_; }
  // The field of every packet that has it.
  std::vector<std::string> Field(const std::string& name) const {
    std::vector<std::string> values;
    for (const Row& row : rows_) {
      if (!row.at(name).empty()) values.push_back(row.at(name));
    }
    return values;
  }

 private:
  static std::vector<std::string> FieldNames() {
    return {"frame.number",
            "frame.packet_id",
            "frame.interface_name",
            "frame.comment",
            "_ws.malformed",
            "ip.checksum.status",
            "tcp.checksum.status",
            "udp.checksum.status",
            "icmp.checksum.status",
            "icmpv6.checksum.status",
            "icmp.type",
            "icmpv6.type",
            "tcp.analysis.retransmission",
            "tcp.analysis.out_of_order",
            "tcp.analysis.lost_segment",
            "tcp.analysis.ack_lost_segment",
            "tcp.analysis.duplicate_ack",
            "tcp.len",
            "udp.length",
            "http.request.method",
            "http.response.code"};
  }

  static std::string Print(const std::string& command) {
    std::string out;
    FILE* const pipe = popen(command.c_str(), "r");
    if (pipe == nullptr) return out;
    char buffer[4096];
    size_t read = 0;
    while ((read = fread(buffer, 1, sizeof buffer, pipe)) > 0) {
      out.append(buffer, read);
    }
    const int status = pclose(pipe);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << command;
    return out;
  }

  std::vector<Row> rows_;
  size_t conversations_ = 0;
};

}  // namespace simloop::trace

#endif  // TESTS_TRACE_TSHARK_H_
