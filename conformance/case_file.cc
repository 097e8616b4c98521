// Case files from JSON, member by member.
#include "conformance/case_file.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace simloop::conformance {
namespace {

constexpr absl::string_view kFormat = "linux-socket-oracle/1";
// What a file that says nothing is taken to have settled for.
constexpr double kUsualSettleMs = 5;
constexpr int kMostSettleMs = 1'000'000;

// Reads the members of one file's values; the first that is wrong is kept.
class CaseReader final {
 public:
  explicit CaseReader(absl::string_view path) : path_(path) {}

  const absl::Status& status() const { return status_; }

  void Expected(const Json& at, absl::string_view what) {
    if (!status_.ok()) return;
    status_ = absl::InvalidArgumentError(absl::StrCat(
        path_, ":", at.line(), ":", at.column(), ": expected ", what));
  }

  // The member `name` of `owner`, which has to be of that kind; null if it is
  // not there.
  const Json* Optional(const Json& owner, absl::string_view name,
                       Json::Kind kind) {
    const Json* member = owner.Find(name);
    if (member == nullptr || member->kind() == kind) return member;
    Expected(*member, absl::StrCat("\"", name, "\" to be ", KindName(kind)));
    return nullptr;
  }
  const Json* Required(const Json& owner, absl::string_view name,
                       Json::Kind kind) {
    const Json* member = Optional(owner, name, kind);
    if (member == nullptr) {
      Expected(owner,
               absl::StrCat("a member \"", name, "\", ", KindName(kind)));
    }
    return member;
  }

  double Milliseconds(const Json& owner, absl::string_view name, double usual) {
    const Json* member = Optional(owner, name, Json::Kind::kNumber);
    if (member == nullptr) return usual;
    if (member->Real() < 0 || member->Real() > kMostSettleMs) {
      Expected(*member, absl::StrCat("0 to ", kMostSettleMs, " milliseconds"));
      return usual;
    }
    return member->Real();
  }

  Environment ReadEnvironment(const Json& value) {
    Environment environment;
    for (const absl::string_view name :
         {"rmem_default", "wmem_default", "rmem_max", "wmem_max"}) {
      const Json* bytes = Optional(value, name, Json::Kind::kNumber);
      if (bytes == nullptr) continue;
      environment.machine.emplace_back(absl::StrCat("net.core.", name),
                                       bytes->text());
    }
    const Json* sysctls = Optional(value, "sysctl", Json::Kind::kObject);
    if (sysctls == nullptr) return environment;
    for (const Json::Member& member : sysctls->members()) {
      if (!member.second.is_text()) Expected(member.second, "a text");
      environment.sysctls.emplace_back(member.first, member.second.text());
    }
    return environment;
  }

  Step ReadStep(const Json& value) {
    Step step;
    if (!value.is_object()) {
      Expected(value, "a step, an object");
      return step;
    }
    const Json* call = Required(value, "call", Json::Kind::kText);
    if (call != nullptr) step.call = call->text();
    const Json* args = Required(value, "args", Json::Kind::kObject);
    if (args != nullptr) step.args = *args;
    const Json* result = Required(value, "result", Json::Kind::kObject);
    if (result != nullptr) step.result = *result;
    const Json* ready = Optional(value, "ready", Json::Kind::kObject);
    if (ready != nullptr) step.ready = *ready;
    const Json* loose = Optional(value, "loose", Json::Kind::kList);
    if (loose != nullptr) {
      for (const Json& item : loose->items()) {
        if (!item.is_text()) Expected(item, "the name of a part");
        step.loose.push_back(item.text());
      }
    }
    const Json* sensitive =
        Optional(value, "settle_sensitive", Json::Kind::kBool);
    step.settle_sensitive = sensitive != nullptr && sensitive->truth();
    return step;
  }

  Case ReadCase(const Json& value, double settle_ms) {
    Case test;
    if (!value.is_object()) {
      Expected(value, "a case, an object");
      return test;
    }
    const Json* name = Required(value, "name", Json::Kind::kText);
    if (name != nullptr) test.name = name->text();
    const Json* doc = Optional(value, "doc", Json::Kind::kText);
    if (doc != nullptr) test.doc = doc->text();
    const Json* kind = Optional(value, "class", Json::Kind::kText);
    test.slow = kind != nullptr && kind->text() == "slow";
    const Json* observe = Optional(value, "observe", Json::Kind::kBool);
    test.observe = observe == nullptr || observe->truth();
    test.settle =
        absl::Milliseconds(settle_ms + Milliseconds(value, "settle_ms", 0));
    const Json* steps = Required(value, "steps", Json::Kind::kList);
    if (steps == nullptr) return test;
    for (const Json& step : steps->items()) {
      test.steps.push_back(ReadStep(step));
    }
    return test;
  }

  CaseFile ReadFile(const Json& value) {
    CaseFile file;
    if (!value.is_object()) {
      Expected(value, "an object");
      return file;
    }
    const Json* format = Required(value, "format", Json::Kind::kText);
    if (format != nullptr && format->text() != kFormat) {
      Expected(*format, absl::StrCat("\"", kFormat, "\""));
    }
    double settle_ms = kUsualSettleMs;
    const Json* environment =
        Optional(value, "environment", Json::Kind::kObject);
    if (environment != nullptr) {
      settle_ms = Milliseconds(*environment, "settle_ms", settle_ms);
      file.environment = ReadEnvironment(*environment);
    }
    const Json* cases = Required(value, "cases", Json::Kind::kList);
    if (cases == nullptr) return file;
    for (const Json& test : cases->items()) {
      file.cases.push_back(ReadCase(test, settle_ms));
    }
    return file;
  }

 private:
  static absl::string_view KindName(Json::Kind kind) {
    switch (kind) {
      case Json::Kind::kNull:
        return "null";
      case Json::Kind::kBool:
        return "true or false";
      case Json::Kind::kNumber:
        return "a number";
      case Json::Kind::kText:
        return "a text";
      case Json::Kind::kList:
        return "a list";
      case Json::Kind::kObject:
        return "an object";
    }
    return "";
  }

  const absl::string_view path_;
  absl::Status status_;
};

}  // namespace

std::string Step::ToString() const {
  const auto argument = [](std::string* out, const Json::Member& member) {
    absl::StrAppend(out, member.first, "=",
                    member.second.is_text() ? member.second.text()
                                            : member.second.ToString());
  };
  return absl::StrCat(call, "(", absl::StrJoin(args.members(), ", ", argument),
                      ")");
}

absl::StatusOr<CaseFile> ParseCaseFile(absl::string_view text,
                                       absl::string_view path) {
  const absl::StatusOr<Json> value = Json::Parse(text);
  if (!value.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ":", value.status().message()));
  }
  CaseReader reader(path);
  CaseFile file = reader.ReadFile(*value);
  if (!reader.status().ok()) return reader.status();
  return file;
}

absl::StatusOr<CaseFile> ReadCaseFile(absl::string_view path) {
  std::ifstream file(std::string(path), std::ios::binary);
  std::stringstream text;
  // A directory opens, and only then cannot be read.
  if (!file || !(text << file.rdbuf())) {
    return absl::NotFoundError(absl::StrCat(path, ": cannot be read"));
  }
  return ParseCaseFile(text.str(), path);
}

}  // namespace simloop::conformance
