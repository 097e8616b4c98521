// http.cat(): cat() of v0.1.96's lib/http.js, and of its lib/url.js what that
// needs.
#include "net/http_cat.h"

#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "net/http_old_client.h"

namespace simloop::net::http {
namespace {

struct Url {
  std::string host;
  uint16_t port = 80;
  std::string path;
};

Url Parsed(absl::string_view text) {
  if (absl::StartsWithIgnoreCase(text, "https:")) {
    throw Error("", "node.js not compiled with openssl crypto support.");
  }
  Url url;
  const size_t slashes = text.find("//");
  if (slashes != absl::string_view::npos) {
    text.remove_prefix(slashes + 2);
    absl::string_view place = text.substr(0, text.find_first_of("/?#"));
    text.remove_prefix(place.size());
    place.remove_prefix(place.rfind('@') + 1);  // npos + 1 is 0
    const size_t colon = place.find(':');
    if (colon != absl::string_view::npos) {
      uint32_t port = 0;
      if (absl::SimpleAtoi(place.substr(colon + 1), &port) && port > 0 &&
          port < 65536) {
        url.port = static_cast<uint16_t>(port);
      }
      place = place.substr(0, colon);
    }
    url.host = std::string(place);
  }
  url.path = absl::StrCat(absl::StartsWith(text, "/") ? "" : "/", text);
  return url;
}

Headers WithHost(const Headers& headers, const std::string& host) {
  Headers all;
  bool has_host = false;
  for (const Headers::Field& field : headers.fields()) {
    const bool is_host = field.name == "Host";
    has_host = has_host || is_host;
    all.Add(field.name, is_host ? host : field.value);
  }
  if (!has_host) all.Add("Host", host);
  return all;
}

// What is gathered, and who waits for it.
class Gathering final {
 public:
  explicit Gathering(CatCallback done) : done_(std::move(done)) {}

  void Add(absl::string_view piece) {
    body_.append(piece.data(), piece.size());
  }
  void Succeed() { Finish(nullptr); }
  void Fail(int status) {
    const CatFailure failure = {status, std::nullopt};
    Finish(&failure);
  }
  void Fail(const Error& error) {
    const CatFailure failure = {0, error};
    Finish(&failure);
  }

 private:
  void Finish(const CatFailure* failure) {
    if (done_ == nullptr) return;
    CatCallback done = std::move(done_);
    done_ = nullptr;
    done(failure, failure == nullptr ? absl::string_view(body_) : "");
  }

  CatCallback done_;
  std::string body_;
};

}  // namespace

void Cat(Stack& stack, absl::string_view url, const Headers& headers,
         CatCallback done) {
  const Url parsed = Parsed(url);
  const auto gathering = std::make_shared<Gathering>(std::move(done));
  const auto client = OldClient::Create(stack, parsed.port, parsed.host);
  const auto request =
      client->Request("GET", parsed.path, WithHost(headers, parsed.host));
  request->on.response([gathering, weak = std::weak_ptr<OldClient>(client)](
                           const std::shared_ptr<IncomingMessage>& response) {
    if (response->status_code() < 200 || response->status_code() >= 300) {
      gathering->Fail(response->status_code());
      if (const auto client = weak.lock()) client->End();
      return;
    }
    response->on.data(
        [gathering](absl::string_view piece) { gathering->Add(piece); });
    response->on.end([gathering] { gathering->Succeed(); });
  });
  client->on.error([gathering](const Error& error) { gathering->Fail(error); });
  client->on.close([gathering](bool) {
    gathering->Fail(Error("", "Connection closed unexpectedly"));
  });
  request->End();
}

}  // namespace simloop::net::http
