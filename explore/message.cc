#include "explore/message.h"

#include <cstdint>

#include "loop/check.h"

namespace simloop::explore {
namespace {

class Writer final {
 public:
  // Seven bits a byte, the lowest first (LEB128).
  void Number(uint64_t number) {
    for (; number >= 0x80; number >>= 7) {
      text_ += static_cast<char>(number | 0x80);
    }
    text_ += static_cast<char>(number);
  }
  void Text(absl::string_view text) {
    Number(text.size());
    text_.append(text.data(), text.size());
  }
  void Texts(const std::vector<std::string>& texts) {
    Number(texts.size());
    for (const std::string& text : texts) Text(text);
  }
  void Decisions(const std::vector<Decision>& decisions) {
    Number(decisions.size());
    for (const Decision& decision : decisions) {
      Text(decision.name);
      Number(decision.pick);
    }
  }
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

class Reader final {
 public:
  explicit Reader(absl::string_view text) : text_(text) {}
  uint64_t Number() {
    uint64_t number = 0;
    for (int shift = 0;; shift += 7) {
      SIMLOOP_CHECK(!text_.empty() && shift < 64, "a message is cut short");
      const auto byte = static_cast<uint8_t>(text_[0]);
      text_.remove_prefix(1);
      number |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return number;
    }
  }
  std::string Text() {
    const uint64_t size = Number();
    SIMLOOP_CHECK(size <= text_.size(), "a message is cut short");
    std::string text(text_.substr(0, size));
    text_.remove_prefix(size);
    return text;
  }
  std::vector<std::string> Texts() {
    std::vector<std::string> texts(Number());
    for (std::string& text : texts) text = Text();
    return texts;
  }
  std::vector<Decision> Decisions() {
    std::vector<Decision> decisions(Number());
    for (Decision& decision : decisions) {
      decision.name = Text();
      decision.pick = static_cast<uint32_t>(Number());
    }
    return decisions;
  }

 private:
  absl::string_view text_;
};

}  // namespace

std::string AttemptsMessage(const std::vector<Attempt>& attempts) {
  Writer out;
  out.Number(attempts.size());
  for (const Attempt& attempt : attempts) {
    out.Number(attempt.number);
    out.Decisions(attempt.decisions);
  }
  return out.Take();
}

std::vector<Attempt> ReadAttempts(absl::string_view message) {
  Reader in(message);
  std::vector<Attempt> attempts(in.Number());
  for (Attempt& attempt : attempts) {
    attempt.number = in.Number();
    attempt.decisions = in.Decisions();
  }
  return attempts;
}

std::string ObservationsMessage(const std::vector<Observation>& observations) {
  Writer out;
  out.Number(observations.size());
  for (const Observation& seen : observations) {
    out.Number(seen.number);
    out.Number(seen.hash);
    out.Texts(seen.ways);
    out.Texts(seen.shown);
    out.Number(seen.order);
    out.Number(seen.features.size());
    for (const uint32_t feature : seen.features) out.Number(feature);
    out.Decisions(seen.decisions);
    out.Decisions(seen.branches);
    out.Number(seen.unequal ? 1 : 0);
  }
  return out.Take();
}

std::vector<Observation> ReadObservations(absl::string_view message) {
  Reader in(message);
  std::vector<Observation> observations(in.Number());
  for (Observation& seen : observations) {
    seen.number = in.Number();
    seen.hash = in.Number();
    seen.ways = in.Texts();
    seen.shown = in.Texts();
    seen.order = in.Number();
    seen.features.resize(in.Number());
    for (uint32_t& feature : seen.features) {
      feature = static_cast<uint32_t>(in.Number());
    }
    seen.decisions = in.Decisions();
    seen.branches = in.Decisions();
    seen.unequal = in.Number() != 0;
  }
  return observations;
}

}  // namespace simloop::explore
