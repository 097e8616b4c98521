// Faults: what was found wrong with a scenario file, each at the place of the
// field that is wrong.
#ifndef SCENARIOS_FAULTS_H_
#define SCENARIOS_FAULTS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/text_format.h"

namespace simloop::scenarios {

// Where a message stands in the file, and how to find its fields.
class Place final {
 public:
  using Tree = google::protobuf::TextFormat::ParseInfoTree;

  Place(const google::protobuf::Descriptor* type, const Tree* tree)
      : type_(type), tree_(tree) {}

  // The sub-message `field`, the index-th if it is repeated (else -1).
  Place In(const char* field, int index = -1) const;
  // Line and column of a field, from 1; of the message's own start, or 1:1,
  // where the file does not mention the field.
  struct Position {
    int line = 1;
    int column = 1;
  };
  Position Of(const char* field, int index = -1) const;

 private:
  const google::protobuf::Descriptor* type_;
  const Tree* tree_;
  Position start_;
};

class Faults final {
 public:
  explicit Faults(const std::string& file) : file_(file) {}

  void Add(Place::Position at, absl::string_view what);
  size_t size() const { return lines_.size(); }
  // InvalidArgumentError with the lines in the order of the file; OK if none.
  absl::Status ToStatus() const;

 private:
  struct Line {
    Place::Position at;
    std::string text;
  };
  std::string file_;
  std::vector<Line> lines_;
};

}  // namespace simloop::scenarios

#endif  // SCENARIOS_FAULTS_H_
