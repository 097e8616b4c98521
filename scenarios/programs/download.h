// Download: the bytes that download_server sends and download_client expects.
#ifndef SCENARIOS_PROGRAMS_DOWNLOAD_H_
#define SCENARIOS_PROGRAMS_DOWNLOAD_H_

#include <cstddef>

namespace simloop::scenarios {

// The byte at `index` of the stream. Its period is no power of two, so that a
// packet that comes twice, or not at all, is seen.
inline char DownloadByte(size_t index) {
  return static_cast<char>('a' + index % 23);
}

}  // namespace simloop::scenarios

#endif  // SCENARIOS_PROGRAMS_DOWNLOAD_H_
