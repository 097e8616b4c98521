// FieldCheck: the checks that fields of a scenario share: names, durations,
// bounds, references to something else by name. Each adds a fault where it
// fails and answers something harmless.
#ifndef SCENARIOS_FIELD_CHECK_H_
#define SCENARIOS_FIELD_CHECK_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "scenarios/faults.h"

namespace simloop::scenarios {

// "one of a, b"; `none` if there are none.
std::string OneOf(const std::vector<std::string>& names, const char* none);

class FieldCheck final {
 public:
  explicit FieldCheck(const std::string& file) : faults_(file) {}

  const Faults& faults() const { return faults_; }
  void Add(Place::Position at, absl::string_view what) {
    faults_.Add(at, what);
  }

  // The duration in `text`; `fallback` if it is empty or none.
  absl::Duration Duration(const Place& place, const char* field,
                          const std::string& text, absl::Duration fallback);
  // That the field `name` is a name, and not yet one of `taken`.
  void Name(const Place& place, const char* what, const std::string& name,
            const std::vector<std::string>& taken);
  // Which of `names` it is; 0 if none.
  size_t IndexOf(const Place& place, const char* field, absl::string_view what,
                 const std::string& name,
                 const std::vector<std::string>& names);
  // Sets `target` to a field that the file gives and that is not below `least`.
  template <typename Target>
  void Int(const Place& place, const char* field, bool given, int value,
           int least, Target* target) {
    if (!given) return;
    if (value < least) {
      Add(place.Of(field),
          absl::StrCat(field, " is ", value, "; expected at least ", least));
    } else {
      *target = static_cast<Target>(value);
    }
  }

 private:
  Faults faults_;
};

}  // namespace simloop::scenarios

#endif  // SCENARIOS_FIELD_CHECK_H_
