// Gives a parser the bytes of a connection, and tells what that came to: the
// error that Node's parser would have, if any.
#include <utility>

#include "net/http_parse_error.h"
#include "net/http_parser.h"

namespace simloop::net::http {

bool Parser::BeginsBadly() const {
  if (data_.empty()) return false;
  return ((version_ended_ || status_ended_) && data_.front() == '\n') ||
         (line_ended_ && IsBlank(data_.front()));
}

// With blanks of a folded field.
bool Parser::EndsBadly() const {
  if (!in_fields_ || data_.empty() || !IsBlank(data_.back())) return false;
  const size_t last = data_.find_last_not_of(" \t");
  if (last == absl::string_view::npos) return line_ended_;
  return data_[last] == '\n' && !fields_->empty();
}

std::optional<Error> Parser::Execute(absl::string_view data) {
  data_ = data;
  value_end_ = nullptr;
  upgraded_ = false;
  if (error_ == nullptr && BeginsBadly()) {
    version_ended_
        ? Refuse("HPE_INVALID_VERSION", "Expected CRLF after version")
    : status_ended_ ? RefuseLine()
                    : RefuseFold();
  }
  if (error_ != nullptr) return Told();
  version_ended_ = status_ended_ = false;
  std::optional<llhttp_t> before;
  if (old_) before = parser_;
  const llhttp_errno_t code =
      llhttp_execute(&parser_, data.data(), data.size());
  if (thrown_ != nullptr) {
    if (before.has_value()) parser_ = *before;
    std::rethrow_exception(std::exchange(thrown_, nullptr));
  }
  // The rest of `data` is lost; what comes next is an error.
  if (std::exchange(tick_threw_, false)) return std::nullopt;
  if (code == HPE_OK) {
    if (!in_fields_ || data.empty()) {
      line_ended_ = false;
      return std::nullopt;
    }
    if (EndsBadly()) {
      RefuseFold();
      return Told();
    }
    line_ended_ = data.back() == '\n' && !fields_->empty();
    return std::nullopt;
  }
  if (code == HPE_PAUSED_UPGRADE) {
    // What follows an upgrade that nobody took is lost, as in Node.
    const char* const end = llhttp_get_error_pos(&parser_);
    after_upgrade_ = data.substr(static_cast<size_t>(end - data.data()));
    parser_.upgrade = 0;
    llhttp_resume_after_upgrade(&parser_);
    return std::nullopt;
  }
  return Outcome(code);
}

Error Parser::MadeError(llhttp_errno_t code) const {
  if (old_) return Error("", "Parse Error");
  const char* const text = llhttp_get_error_reason(&parser_);
  const absl::string_view reason = text == nullptr ? "" : text;
  if (code == HPE_UNEXPECTED_CONTENT_LENGTH && fields_ != nullptr &&
      !fields_->empty() &&
      reason == "Content-Length can't be present with Transfer-Encoding") {
    return fields_->Find("content-length") == &fields_->last().value
               ? ParseError("HPE_INVALID_CONTENT_LENGTH", reason)
               : ParseError("HPE_INVALID_TRANSFER_ENCODING",
                            "Transfer-Encoding can't be present with "
                            "Content-Length");
  }
  if (code == HPE_USER && reason == kThrew) {
    return ParseError("HPE_JS_EXCEPTION", reason);
  }
  if (code == HPE_INVALID_STATUS && parser_.status_code < 100) {
    return ParseError("HPE_INVALID_STATUS", "Invalid status code");
  }
  const char* const at = llhttp_get_error_pos(&parser_);
  size_t place =
      at == nullptr ? data_.size() : static_cast<size_t>(at - data_.data());
  // That state stops behind the byte that it met.
  if (place > 0 && reason == "Invalid character in chunk extensions value") {
    --place;
  }
  const bool at_line_feed = place < data_.size() && data_[place] == '\n';
  return NodeParseError(code, reason, at_line_feed);
}

std::optional<Error> Parser::Outcome(llhttp_errno_t code) {
  if (thrown_ != nullptr) {
    std::rethrow_exception(std::exchange(thrown_, nullptr));
  }
  if (code == HPE_OK) return std::nullopt;
  if (error_ == nullptr) {
    error_ = std::make_unique<const Error>(MadeError(code));
  }
  return Told();
}

std::optional<Error> Parser::Finish() {
  data_ = absl::string_view();
  if (error_ != nullptr || !busy_) return std::nullopt;
  const llhttp_errno_t code = llhttp_finish(&parser_);
  if (old_ && thrown_ == nullptr) return std::nullopt;
  if (code == HPE_INVALID_EOF_STATE && thrown_ == nullptr) {
    // Node gives no reason.
    error_ =
        std::make_unique<const Error>("HPE_INVALID_EOF_STATE", "Parse Error");
  }
  return Outcome(code);
}

}  // namespace simloop::net::http
