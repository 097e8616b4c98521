#include "scenarios/input_file.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace simloop::scenarios {
namespace {

constexpr size_t kPieceBytes = 64 << 10;

}  // namespace

absl::StatusOr<std::string> ReadInputFile(const std::string& path,
                                          size_t limit_bytes) {
  std::error_code error;
  const std::filesystem::file_status status =
      std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": there is no such file"));
  }
  if (std::filesystem::is_directory(status)) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": is a directory; expected a file"));
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": cannot be opened for reading"));
  }
  // By pieces: the limit may be large, and a pipe does not say what it has.
  std::string bytes;
  std::string piece(kPieceBytes, '\0');
  while (in && bytes.size() <= limit_bytes) {
    in.read(piece.data(), static_cast<std::streamsize>(std::min(
                              piece.size(), limit_bytes + 1 - bytes.size())));
    bytes.append(piece, 0, static_cast<size_t>(in.gcount()));
  }
  if (in.bad()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": cannot be read"));
  }
  if (bytes.size() > limit_bytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": is larger than the ", limit_bytes,
                     " bytes that such a file may have"));
  }
  return bytes;
}

absl::Status WriteOutputFile(const std::string& path, absl::string_view text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  out.close();
  if (!out) {
    return absl::UnavailableError(absl::StrCat(path, ": cannot be written"));
  }
  return absl::OkStatus();
}

}  // namespace simloop::scenarios
