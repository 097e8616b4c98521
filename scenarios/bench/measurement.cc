#include "scenarios/bench/measurement.h"

#include <algorithm>

#include "absl/strings/str_format.h"

namespace simloop::scenarios {

std::string Measurement::Json() const {
  return absl::StrFormat(
      "{\"peer\": \"%s\", \"work\": \"%s\", \"n\": %d, \"r\": %d, \"%s\": "
      "%.6g, "
      "\"wall_s\": %.6g, \"cpu_s\": %.6g, \"events\": %d, \"sim_s\": %.9g, "
      "\"rss_mb\": %.6g, \"bytes_per_conn\": %.6g}",
      peer, work, n, r, figure, value, wall_seconds, cpu_seconds, events,
      simulated_seconds, static_cast<double>(resident_bytes) / 1e6,
      bytes_per_connection);
}

void Meter::Stop(Measurement* measurement, uint64_t connections) const {
  const Usage ended = Usage::Now();
  measurement->wall_seconds = ended.wall_seconds - began_.wall_seconds;
  // The clock's step: a quotient by nothing says nothing.
  measurement->cpu_seconds =
      std::max(ended.cpu_seconds - began_.cpu_seconds, 1e-9);
  measurement->resident_bytes = ended.resident_bytes;
  if (connections == 0) return;
  const double grown = static_cast<double>(ended.resident_bytes) -
                       static_cast<double>(began_.resident_bytes);
  measurement->bytes_per_connection =
      std::max(grown, 0.0) / static_cast<double>(connections);
}

}  // namespace simloop::scenarios
