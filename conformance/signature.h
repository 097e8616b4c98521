// Signature: which arguments a call of a case file has, so that a step that
// cannot be made is told from one that is answered wrongly.
#ifndef CONFORMANCE_SIGNATURE_H_
#define CONFORMANCE_SIGNATURE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "conformance/json.h"

namespace simloop::conformance {

// What is wrong with `args` as the arguments of a call with `signature`; "" if
// nothing. A signature is a list of NAME:KIND, "fd:fd addr:address"; '?' at the
// end: it may be left out. Kinds:
//   fd        a descriptor's name, or a number   fds       a list of those
//   text      a text                             texts     a list of those
//   number    a number                           numbers   a list of those
//   positive  a number above 0                   flags     names of constants
//   address   a socket address                   events    names of poll's bits
//   any       anything                           watches   [[fd, events], ...]
// Arguments that the signature does not name are none of its business.
std::string ArgumentError(absl::string_view signature, const Json& args);

}  // namespace simloop::conformance

#endif  // CONFORMANCE_SIGNATURE_H_
