// Prints the notes of a trace.
#include "trace/events_view.h"

#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace simloop::trace {

std::string EventLine(int number, const Note& note) {
  return absl::StrFormat("%3d %-8s %s%s%s", number, note.actor, note.event,
                         note.detail.empty() ? "" : " ", note.detail);
}

std::string EventsView(const Trace& trace) {
  std::string text;
  int number = 0;
  for (RecordId id = 1; id <= trace.size(); ++id) {
    if (const Note* note = std::get_if<Note>(&trace.Get(id).body)) {
      absl::StrAppend(&text, EventLine(++number, *note), "\n");
    }
  }
  return text;
}

}  // namespace simloop::trace
