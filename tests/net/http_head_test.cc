// The bytes of a head, and which may be in a field: the quick ways against the
// plain ones.
#include "net/http_head.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "net/http_headers.h"

namespace simloop::net::http {
namespace {

// A linear congruential generator (Knuth's MMIX): the same on every machine.
class Numbers final {
 public:
  uint32_t Below(uint32_t limit) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<uint32_t>(state_ >> 33) % limit;
  }
  std::string Text(uint32_t most) {
    std::string text(Below(most + 1), 'x');
    for (char& c : text) {
      const uint32_t kind = Below(100);
      c = static_cast<char>(kind == 0   ? '\t'
                            : kind == 1 ? 0x7f
                            : kind < 4  ? Below(256)
                                        : 0x20 + Below(0xe0));
    }
    return text;
  }

 private:
  uint64_t state_ = 1;
};

bool IsFieldValueByTheByte(absl::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && byte != '\t') || byte == 0x7f) return false;
  }
  return true;
}

TEST(Head, HasWhatWasAppended) {
  Numbers numbers;
  for (int round = 0; round < 2000; ++round) {
    Head head;
    std::string expected;
    for (int piece = 0; piece < 30; ++piece) {
      const std::string text = numbers.Text(40);
      const uint64_t number =
          numbers.Below(4) == 0 ? ~uint64_t{0} >> piece : numbers.Below(1000);
      head.Append(text, ": ", absl::string_view(text).substr(text.size() / 2));
      head.AppendNumber(number);
      absl::StrAppend(&expected, text, ": ", text.substr(text.size() / 2),
                      number);
    }
    ASSERT_EQ(head.view(), expected);
  }
}

TEST(Head, ClearedIsEmpty) {
  Head head;
  head.Append("abc");
  head.Clear();
  EXPECT_EQ(head.view(), "");
  head.AppendNumber(0);
  EXPECT_EQ(head.view(), "0");
}

TEST(HeaderBytes, FieldValuesAreThoseOfTheRfc) {
  Numbers numbers;
  int refused = 0;
  constexpr int kRounds = 200000;
  for (int round = 0; round < kRounds; ++round) {
    const std::string text = numbers.Text(40);
    ASSERT_EQ(IsFieldValue(text), IsFieldValueByTheByte(text));
    if (!IsFieldValue(text)) ++refused;
  }
  EXPECT_GT(refused, kRounds / 10);
  EXPECT_LT(refused, kRounds * 9 / 10);
}

TEST(HeaderBytes, NamesAreThoseOfTheirLetters) {
  const auto all = [](absl::string_view name) {
    return std::vector<bool>{IsNamed(name, "date"), IsNamed(name, "expect"),
                             IsNamed(name, "connection"),
                             IsNamed(name, "content-length"),
                             IsNamed(name, "transfer-encoding")};
  };
  using Truths = std::vector<bool>;
  EXPECT_EQ(all("DATE"), (Truths{true, false, false, false, false}));
  EXPECT_EQ(all("Expect"), (Truths{false, true, false, false, false}));
  EXPECT_EQ(all("conNEction"), (Truths{false, false, true, false, false}));
  EXPECT_EQ(all("Content-Length"), (Truths{false, false, false, true, false}));
  EXPECT_EQ(all("TRANSFER-ENCODING"),
            (Truths{false, false, false, false, true}));
  // Each letter counts.
  const std::string names[] = {"date", "expect", "connection", "content-length",
                               "transfer-encoding"};
  for (const std::string& name : names) {
    for (size_t i = 0; i < name.size(); ++i) {
      std::string other = name;
      other[i] = '*';
      EXPECT_EQ(all(other), Truths(5, false)) << other;
    }
  }
}

TEST(HeaderBytes, ANameIsAToken) {
  EXPECT_TRUE(IsToken("X-a_b.c~d!"));
  EXPECT_FALSE(IsToken(""));
  for (const char* const text : {"a b", " a", "a:", "a\n", "\x80", "(a"}) {
    EXPECT_FALSE(IsToken(text)) << text;
  }
}

// It is remembered, and forgotten by each change.
TEST(Headers, AreValidUntilOneIsNot) {
  const Headers good = {{"Set-Cookie", "a=1"}, {"Content-Type", "text/plain"}};
  EXPECT_TRUE(good.valid());
  const std::function<void(Headers&)> spoils[] = {
      [](Headers& h) { h.Add("a b", ""); },
      [](Headers& h) { h.Add("a", "\n"); },
      [](Headers& h) { h.Set("x", "\x7f"); },
      [](Headers& h) { h.Set("set-cookie", "\r"); },
      [](Headers& h) { h.Append("set-cookie", "\b"); },
      [](Headers& h) { h.Append("", "new"); },
      [](Headers& h) { h.SetAll({{"Content-Type", "\n"}}); },
      [](Headers& h) { h.Join("content-type", "a\nb", /*join_all=*/true); },
      [](Headers& h) { h.AddEmpty(); },
      [](Headers& h) { h.last().value = "\n"; },
  };
  for (const auto& spoil : spoils) {
    Headers headers = good;
    EXPECT_TRUE(headers.valid());
    spoil(headers);
    EXPECT_FALSE(headers.valid());
    headers.Clear();
    EXPECT_TRUE(headers.valid());
  }
}

}  // namespace
}  // namespace simloop::net::http
