// Runs made by hand, for the tests of the views.
#ifndef TESTS_TRACE_SAMPLE_RUNS_H_
#define TESTS_TRACE_SAMPLE_RUNS_H_

#include "trace/trace.h"

namespace simloop::trace {

// The HTTP/1.0 exchange of "node.js: anatomy of a net connection" under Node
// v0.1.96, server and client in one process, over a loopback without latency.
Trace AnatomyRun();

// A connect and one message between two hosts, 250 us apart; a SYN that is
// lost and sent again.
Trace HandshakeRun();

}  // namespace simloop::trace

#endif  // TESTS_TRACE_SAMPLE_RUNS_H_
