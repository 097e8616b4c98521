// In what the two Nodes behave differently.
#include "net/quirks.h"

namespace simloop::net {
namespace {

constexpr Quirks kV0196 = {
    .backlog = 128,
    .setup_errors_are_thrown = true,
    .listens_in_tick = true,
    .accepts_until_eagain = true,
    .server_closes_at_once = true,
    .accepted_sockets_connect = true,
    .read_bytes = 40 * 1024,
    .read_pool_shrinks = true,
    .reads_per_readiness = 1,
    .data_is_not_buffered = true,
    .always_half_open = true,
    .connects_after_destroy = true,
    .localhost_is_known_at_once = true,
    .write_needs_open_socket = true,
    .shuts_down_in_end = true,
    .spurious_drain = true,
    .write_high_water_bytes = 1,
    .closes_in_tick = true,
    .opening_for_ever = true,
    .clumsy_timeouts = true,
    .old_error_texts = true,
    .old_responses = true,
    .request_always_complete = true,
    .bad_request_is_unanswered = true,
    .server_idle_seconds = 120,
};

constexpr Quirks kModern = {
    .backlog = 511,
    .setup_errors_are_thrown = false,
    .listens_in_tick = false,
    .accepts_until_eagain = false,
    .server_closes_at_once = false,
    .accepted_sockets_connect = false,
    .read_bytes = 64 * 1024,
    .read_pool_shrinks = false,
    .reads_per_readiness = 32,
    .data_is_not_buffered = false,
    .always_half_open = false,
    .connects_after_destroy = false,
    .localhost_is_known_at_once = false,
    .write_needs_open_socket = false,
    .shuts_down_in_end = false,
    .spurious_drain = false,
    .write_high_water_bytes = 16 * 1024,
    .closes_in_tick = false,
    .opening_for_ever = false,
    .clumsy_timeouts = false,
    .old_error_texts = false,
    .old_responses = false,
    .request_always_complete = false,
    .bad_request_is_unanswered = false,
    .server_idle_seconds = 0,
};

}  // namespace

const Quirks& QuirksOf(loop::Discipline discipline) {
  return discipline == loop::Discipline::kV0196 ? kV0196 : kModern;
}

}  // namespace simloop::net
