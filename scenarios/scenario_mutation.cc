#include "scenarios/scenario_mutation.h"

#include <cstddef>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "explore/mix.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"
#include "scenarios/programs/program_kinds.h"
#include "scenarios/scenario_text.h"

namespace simloop::scenarios {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr int kMostRepeated = 12;

constexpr char kSmall[] = R"pb(
  host { name: "server" }
  host { name: "client" }
  link { a: "client" b: "server" latency: "1ms" }
  program { host: "server" name: "server" run: "echo_server" }
  program {
    host: "client"
    name: "client"
    run: "client"
    arg { key: "host" value: "server" }
  }
)pb";

// Values that mean something in one field or another.
constexpr const char* kDurations[] = {"0",   "1ns", "1us",  "500us", "1ms",
                                      "2ms", "3ms", "20ms", "1s",    "30s"};
constexpr const char* kWords[] = {
    "1%",    "50%",   "100%",     "1Mbit",   "100kbit",  "true", "false",
    "1",     "7",     "8080",     "100",     "",         "*",    "local",
    "hello", "write", "10.0.0.9", "fd00::9", "client *", "end"};

// A stream of numbers from a seed.
class Lots final {
 public:
  explicit Lots(uint64_t seed) : state_(seed) {}
  // 0 to `count` - 1. REQUIRES: `count` > 0.
  size_t Of(size_t count) {
    state_ = explore::Mix(state_);
    return static_cast<size_t>(state_ % count);
  }
  template <typename T>
  const T& One(const std::vector<T>& from) {
    return from[Of(from.size())];
  }

 private:
  uint64_t state_;
};

// A place in a message where a value is: `index` is -1 if it is not repeated.
struct Place {
  Message* message;
  const FieldDescriptor* field;
  int index = -1;
};

const Reflection& Of(const Message& message) {
  return *message.GetReflection();
}

// All places that have a value, messages before what is in them.
void Collect(Message* message, std::vector<Place>* places) {
  std::vector<const FieldDescriptor*> fields;
  Of(*message).ListFields(*message, &fields);
  for (const FieldDescriptor* field : fields) {
    const int count =
        field->is_repeated() ? Of(*message).FieldSize(*message, field) : 1;
    for (int i = 0; i < count; ++i) {
      places->push_back({message, field, field->is_repeated() ? i : -1});
      if (field->message_type() == nullptr) continue;
      Collect(field->is_repeated()
                  ? Of(*message).MutableRepeatedMessage(message, field, i)
                  : Of(*message).MutableMessage(message, field),
              places);
    }
  }
}

std::string TextAt(const Place& place) {
  const Reflection& reflection = Of(*place.message);
  return place.index < 0 ? reflection.GetString(*place.message, place.field)
                         : reflection.GetRepeatedString(
                               *place.message, place.field, place.index);
}

bool IsString(const FieldDescriptor* field) {
  return field->cpp_type() == FieldDescriptor::CPPTYPE_STRING;
}

bool IsReference(const FieldDescriptor* field) {
  const std::string& name = field->name();
  return name == "name" || name == "a" || name == "b" || name == "host" ||
         name == "program";
}

// One scenario while it is changed.
class Mutation final {
 public:
  Mutation(pb::Scenario* scenario, uint64_t seed)
      : scenario_(scenario), lots_(seed) {}

  void Change() {
    std::vector<Place> places;
    Collect(scenario_, &places);
    if (places.empty()) {
      AddTo(scenario_);
      return;
    }
    Place place = lots_.One(places);
    // What others refer to is seldom worth a change.
    if (IsReference(place.field)) place = lots_.One(places);
    switch (lots_.Of(6)) {
      case 0:
        Remove(place);
        break;
      case 1:
        Repeat(place);
        break;
      case 2:
        AddTo(place.message);
        break;
      default:
        SetValue(place, places);
    }
  }

  // Takes some top-level fields of `other`, in place of its own or besides.
  void Take(const pb::Scenario& other) {
    pb::Scenario part = other;
    std::vector<const FieldDescriptor*> fields;
    Of(part).ListFields(part, &fields);
    for (const FieldDescriptor* field : fields) {
      const size_t lot = lots_.Of(3);
      if (lot == 0) Of(*scenario_).ClearField(scenario_, field);
      if (lot == 2) Of(part).ClearField(&part, field);
    }
    scenario_->MergeFrom(part);
  }

 private:
  void Remove(const Place& place) {
    const Reflection& reflection = Of(*place.message);
    if (place.index < 0) {
      reflection.ClearField(place.message, place.field);
      return;
    }
    const int last = reflection.FieldSize(*place.message, place.field) - 1;
    for (int i = place.index; i < last; ++i) {
      reflection.SwapElements(place.message, place.field, i, i + 1);
    }
    reflection.RemoveLast(place.message, place.field);
  }

  // Twice, the second under a name of its own if it has one; or, as likely, in
  // the place of another.
  void Repeat(const Place& place) {
    if (place.index < 0) return;
    const Reflection& reflection = Of(*place.message);
    const int count = reflection.FieldSize(*place.message, place.field);
    if (lots_.Of(2) == 0 || count >= kMostRepeated) {
      reflection.SwapElements(place.message, place.field, place.index,
                              static_cast<int>(lots_.Of(count)));
      return;
    }
    if (place.field->message_type() == nullptr) return;
    Message* const copy = reflection.AddMessage(place.message, place.field);
    copy->CopyFrom(reflection.GetRepeatedMessage(*place.message, place.field,
                                                 place.index));
    const FieldDescriptor* const name =
        copy->GetDescriptor()->FindFieldByName("name");
    if (name == nullptr || !IsString(name)) return;
    Of(*copy).SetString(copy, name,
                        absl::StrCat(Of(*copy).GetString(*copy, name), count));
  }

  // A field that has no value gets one, a repeated one another.
  void AddTo(Message* message) {
    const auto* const type = message->GetDescriptor();
    if (type->field_count() == 0) return;
    const FieldDescriptor* const field = type->field(
        static_cast<int>(lots_.Of(static_cast<size_t>(type->field_count()))));
    const Reflection& reflection = Of(*message);
    Place place = {message, field};
    if (field->is_repeated()) {
      place.index = reflection.FieldSize(*message, field);
      if (place.index >= kMostRepeated) return;
      if (field->message_type() != nullptr) {
        FillIn(reflection.AddMessage(message, field));
        return;
      }
      if (!IsString(field)) return;
      reflection.AddString(message, field, "");
    } else if (field->message_type() != nullptr) {
      FillIn(reflection.MutableMessage(message, field));
      return;
    }
    std::vector<Place> places;
    Collect(scenario_, &places);
    SetValue(place, places);
  }

  // A new message has a value in the fields that are most often needed.
  void FillIn(Message* message) {
    std::vector<Place> places;
    Collect(scenario_, &places);
    const auto* const type = message->GetDescriptor();
    for (int i = 0; i < type->field_count() && i < 4; ++i) {
      const FieldDescriptor* const field = type->field(i);
      if (!field->is_repeated() && field->message_type() == nullptr) {
        SetValue({message, field}, places);
      }
    }
  }

  void SetValue(const Place& place, const std::vector<Place>& places) {
    if (place.message->GetDescriptor() == pb::Arg::descriptor()) {
      SetArg(static_cast<pb::Arg*>(place.message), places);
      return;
    }
    if (place.message->GetDescriptor() == pb::Step::descriptor() &&
        scenario_->program_size() > 0) {
      SetStep(static_cast<pb::Step*>(place.message));
      return;
    }
    const Reflection& reflection = Of(*place.message);
    switch (place.field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING: {
        const std::string text = WordFor(place, places);
        place.index < 0 ? reflection.SetString(place.message, place.field, text)
                        : reflection.SetRepeatedString(
                              place.message, place.field, place.index, text);
        break;
      }
      case FieldDescriptor::CPPTYPE_BOOL:
        reflection.SetBool(place.message, place.field, lots_.Of(2) == 0);
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        reflection.SetEnum(place.message, place.field,
                           place.field->enum_type()->value(
                               static_cast<int>(lots_.Of(static_cast<size_t>(
                                   place.field->enum_type()->value_count())))));
        break;
      case FieldDescriptor::CPPTYPE_INT32:
        reflection.SetInt32(place.message, place.field,
                            static_cast<int32_t>(Number()));
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        reflection.SetInt64(place.message, place.field, Number());
        break;
      default:
        break;
    }
  }

  pb::Program* OneProgram() {
    return scenario_->mutable_program(static_cast<int>(
        lots_.Of(static_cast<size_t>(scenario_->program_size()))));
  }

  // One of those that the program it is of knows, and a value of its type.
  void SetArg(pb::Arg* arg, const std::vector<Place>& places) {
    const ProgramKind* kind = nullptr;
    for (const pb::Program& program : scenario_->program()) {
      for (const pb::Arg& one : program.arg()) {
        if (&one == arg) kind = FindProgramKind(program.run());
      }
    }
    if (kind == nullptr || kind->args.empty()) return;
    const ArgSpec& spec = lots_.One(kind->args);
    arg->set_key(spec.name);
    switch (spec.type) {
      case ArgType::kText:
        arg->set_value(Word(places));
        break;
      case ArgType::kPort:
      case ArgType::kCount:
        arg->set_value(absl::StrCat(Number()));
        break;
      case ArgType::kDuration:
        arg->set_value(kDurations[lots_.Of(std::size(kDurations))]);
        break;
      case ArgType::kHost:
        arg->set_value(
            scenario_->host_size() == 0
                ? "local"
                : scenario_
                      ->host(static_cast<int>(lots_.Of(
                          static_cast<size_t>(scenario_->host_size()))))
                      .name());
        break;
      case ArgType::kFlag:
        arg->set_value(lots_.Of(2) == 0 ? "true" : "false");
        break;
    }
  }

  // Something that a program can be told, now or after a signal.
  void SetStep(pb::Step* step) {
    const pb::Program& told = *OneProgram();
    const ProgramKind* kind = FindProgramKind(told.run());
    step->set_program(told.name());
    if (kind != nullptr && !kind->commands.empty()) {
      step->set_do_(lots_.One(kind->commands).name);
    }
    const pb::Program& other = *OneProgram();
    kind = FindProgramKind(other.run());
    if (lots_.Of(2) == 0 || kind == nullptr || kind->signals.empty()) {
      step->set_at(kDurations[lots_.Of(std::size(kDurations))]);
    } else {
      step->set_after(
          absl::StrCat(other.name(), " ", lots_.One(kind->signals).name));
    }
  }

  int64_t Number() {
    static constexpr int64_t kNumbers[] = {0,  1,    2,    3,     5,  8,
                                           16, 1000, 4096, 65536, -1, 1 << 20};
    return kNumbers[lots_.Of(std::size(kNumbers))];
  }

  // A text for this place: mostly one that such a field has elsewhere, or a
  // name.
  std::string WordFor(const Place& place, const std::vector<Place>& places) {
    if (place.field->name() == "run") return lots_.One(ProgramKinds()).name;
    std::vector<std::string> words;
    for (const Place& other : places) {
      if (!IsString(other.field)) continue;
      if (other.field == place.field || other.field->name() == "name") {
        words.push_back(TextAt(other));
      }
    }
    const size_t lot = lots_.Of(4);
    if (lot == 0) return Word(places);
    if (lot == 1 || words.empty()) {
      return kDurations[lots_.Of(std::size(kDurations))];
    }
    return lots_.One(words);
  }

  // Any: one that means something somewhere, or one of the file.
  std::string Word(const std::vector<Place>& places) {
    const size_t lot = lots_.Of(std::size(kWords) + 8);
    if (lot < std::size(kWords)) return kWords[lot];
    const Place& place = lots_.One(places);
    return IsString(place.field) ? TextAt(place) : "";
  }

  pb::Scenario* const scenario_;
  Lots lots_;
};

pb::Scenario Read(absl::string_view text) {
  const auto read = ParseScenarioText("input", text);
  if (read.ok()) return (*read)->scenario;
  return (*ParseScenarioText("small", kSmall))->scenario;
}

std::string Print(const pb::Scenario& scenario) {
  std::string text;
  google::protobuf::TextFormat::PrintToString(scenario, &text);
  return text;
}

}  // namespace

std::string MutateScenario(absl::string_view text, uint64_t seed) {
  pb::Scenario scenario = Read(text);
  Mutation mutation(&scenario, seed);
  static constexpr int kChanges[] = {1, 1, 1, 2, 2, 4};
  for (int i = 0; i < kChanges[seed % std::size(kChanges)]; ++i) {
    mutation.Change();
  }
  return Print(scenario);
}

std::string CrossScenarios(absl::string_view text, absl::string_view other,
                           uint64_t seed) {
  pb::Scenario scenario = Read(text);
  Mutation(&scenario, seed).Take(Read(other));
  return Print(scenario);
}

}  // namespace simloop::scenarios
