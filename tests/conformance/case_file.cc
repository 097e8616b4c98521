#include "tests/conformance/case_file.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/util/json_util.h"

namespace simloop::conformance {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;

std::string Key(absl::string_view name) { return std::string(name); }

// Null if `fields` has none of that name.
const Value* Find(const Struct& fields, absl::string_view name) {
  const auto found = fields.fields().find(Key(name));
  return found == fields.fields().end() ? nullptr : &found->second;
}

// The names in order, since protobuf's own order is none.
std::vector<std::string> Names(const Struct& fields) {
  std::vector<std::string> names;
  for (const auto& [name, value] : fields.fields()) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

std::map<std::string, std::string> Texts(const Struct& fields) {
  std::map<std::string, std::string> texts;
  for (const auto& [name, value] : fields.fields()) {
    texts[name] = ValueText(value);
  }
  return texts;
}

Answer ReadResult(const Struct& fields, bool in_order) {
  Answer answer = Texts(fields);
  // SIGPIPE is ignored at the seam (loop/kernel.h).
  answer.erase("sigpipe");
  const Value* events = Find(fields, "events");
  if (events != nullptr && !in_order) {
    std::vector<std::string> items;
    for (const Value& item : events->list_value().values()) {
      items.push_back(ValueText(item));
    }
    std::sort(items.begin(), items.end());
    answer["events"] = ListText(items);
  }
  return answer;
}

Step ReadStep(const Struct& fields, bool in_order) {
  Step step;
  const Arguments own(fields);
  step.call = own.Text("call");
  const Value* args = Find(fields, "args");
  if (args != nullptr) step.args = Arguments(args->struct_value());
  const Value* result = Find(fields, "result");
  if (result != nullptr) {
    step.result = ReadResult(result->struct_value(), in_order);
  }
  const Value* ready = Find(fields, "ready");
  if (ready != nullptr) step.ready = Texts(ready->struct_value());
  for (const Value& name : own.List("loose")) {
    step.loose.insert(name.string_value());
  }
  step.advisory = own.Text("settle_sensitive") == "true";
  return step;
}

Case ReadCase(const Struct& fields, int64_t settle_ms) {
  const Arguments own(fields);
  Case result;
  result.name = own.Text("name");
  result.doc = own.Text("doc");
  result.observe = own.Text("observe") != "false";
  result.settle = absl::Milliseconds(settle_ms + own.Number("settle_ms"));
  for (const Value& step : own.List("steps")) {
    result.steps.push_back(ReadStep(step.struct_value(), !result.observe));
  }
  return result;
}

}  // namespace

std::string ListText(const std::vector<std::string>& items) {
  return absl::StrCat("[", absl::StrJoin(items, ", "), "]");
}

std::string ValueText(const Value& value) {
  switch (value.kind_case()) {
    case Value::kStringValue:
      return value.string_value();
    case Value::kNumberValue:
      return absl::StrCat(static_cast<int64_t>(value.number_value()));
    case Value::kBoolValue:
      return value.bool_value() ? "true" : "false";
    case Value::kListValue: {
      std::vector<std::string> items;
      for (const Value& item : value.list_value().values()) {
        items.push_back(ValueText(item));
      }
      return ListText(items);
    }
    default:
      return "null";
  }
}

bool Arguments::Has(absl::string_view name) const {
  return Find(fields_, name) != nullptr;
}

std::string Arguments::Text(absl::string_view name) const {
  const Value* value = Find(fields_, name);
  return value == nullptr ? "" : ValueText(*value);
}

int64_t Arguments::Number(absl::string_view name) const {
  const Value* value = Find(fields_, name);
  return value == nullptr ? 0 : static_cast<int64_t>(value->number_value());
}

std::vector<Value> Arguments::List(absl::string_view name) const {
  const Value* value = Find(fields_, name);
  if (value == nullptr) return {};
  return {value->list_value().values().begin(),
          value->list_value().values().end()};
}

std::string Arguments::ToString() const {
  std::vector<std::string> parts;
  for (const std::string& name : Names(fields_)) {
    parts.push_back(absl::StrCat(name, "=", Text(name)));
  }
  return absl::StrJoin(parts, " ");
}

std::vector<std::string> Case::Addresses() const {
  std::vector<std::string> addresses;
  for (const Step& step : steps) {
    const std::string address = step.args.Text("addr");
    const bool names_port = absl::StrContains(address, ":") &&
                            !absl::StrContains(address, "@") &&
                            !absl::EndsWith(address, ":0");
    if (names_port) addresses.push_back(address);
  }
  return addresses;
}

absl::StatusOr<std::vector<Case>> ParseCases(absl::string_view text) {
  Struct file;
  const auto parsed = google::protobuf::util::JsonStringToMessage(
      google::protobuf::StringPiece(text.data(), text.size()), &file);
  if (!parsed.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("not JSON: ", parsed.ToString()));
  }
  const Arguments own(file);
  if (own.Text("format") != "linux-socket-oracle/1") {
    return absl::InvalidArgumentError(
        absl::StrCat("format is \"", own.Text("format"),
                     "\", expected \"linux-socket-oracle/1\""));
  }
  int64_t settle_ms = 0;
  const Value* environment = Find(file, "environment");
  if (environment != nullptr) {
    settle_ms = Arguments(environment->struct_value()).Number("settle_ms");
  }
  std::vector<Case> cases;
  for (const Value& entry : own.List("cases")) {
    cases.push_back(ReadCase(entry.struct_value(), settle_ms));
  }
  return cases;
}

absl::StatusOr<std::vector<Case>> ReadCases(absl::string_view path) {
  std::ifstream file(std::string(path), std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat("cannot read ", path));
  std::stringstream text;
  text << file.rdbuf();
  return ParseCases(text.str());
}

}  // namespace simloop::conformance
