// InputFile: the bytes of a file that a person named, or one line that says
// why there are none.
#ifndef SCENARIOS_INPUT_FILE_H_
#define SCENARIOS_INPUT_FILE_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace simloop::scenarios {

// InvalidArgumentError "path: what is wrong and what was expected" for a file
// that is missing, a directory, unreadable, or larger than `limit_bytes`. Does
// not read more than the limit.
absl::StatusOr<std::string> ReadInputFile(const std::string& path,
                                          size_t limit_bytes);

// UnavailableError if it cannot be written.
absl::Status WriteOutputFile(const std::string& path, absl::string_view text);

}  // namespace simloop::scenarios

#endif  // SCENARIOS_INPUT_FILE_H_
