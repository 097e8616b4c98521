// The sending half of an http message in Node v0.1.96, which keeps all it is
// given, as one piece, until it is flushed: lib/http.js of that time.
#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "net/http_outgoing.h"

namespace simloop::net::http {
namespace {

// As a regular expression of that time finds `word`, in small letters, anywhere
// in `text`, whatever its case.
bool Contains(absl::string_view text, absl::string_view word) {
  return std::search(
             text.begin(), text.end(), word.begin(), word.end(),
             [](char a, char b) {
               return absl::ascii_tolower(static_cast<unsigned char>(a)) == b;
             }) != text.end();
}

}  // namespace

// "Proxy-Connection" is a Connection field, too.
void Outgoing::AddFieldOld(const Headers::Field& field, Said& said) {
  head_.Append(field.name, ": ", field.value, "\r\n");
  if (Contains(field.name, "connection")) {
    said.connection = true;
    if (Contains(field.value, "close")) last_ = true;
  } else if (Contains(field.name, "transfer-encoding")) {
    said.coding = true;
    if (Contains(field.value, "chunk")) chunked_ = true;
  } else if (Contains(field.name, "content-length")) {
    said.length = true;
  }
}

void Outgoing::KeepOld(absl::string_view data) {
  if (output_.empty()) output_.emplace_back();
  output_.back().data.append(data.data(), data.size());
  output_bytes_ += data.size();
}

// A chunk of nothing ends the body, as it did then.
void Outgoing::WriteOld(absl::string_view data) {
  if (!chunked_) {
    KeepOld(data);
    return;
  }
  KeepOld(absl::StrCat(absl::Hex(data.size()), "\r\n", data, "\r\n"));
}

void Outgoing::EndOld() {
  if (chunked_) KeepOld("0\r\n\r\n");
  ended_ = true;
}

bool Outgoing::FlushTo(Socket& socket) {
  while (!output_.empty()) {
    if (!socket.writable()) return false;
    const Piece piece = std::move(output_.front());
    output_.erase(output_.begin());
    output_bytes_ -= piece.data.size();
    socket.WriteString(piece.data);
  }
  return true;
}

}  // namespace simloop::net::http
