// EndCallback: the callback of end() of a message: called when it has finished,
// with null, or with why it will not.
#ifndef NET_HTTP_END_CALLBACK_H_
#define NET_HTTP_END_CALLBACK_H_

#include <type_traits>
#include <utility>

#include "net/error.h"
#include "net/socket_state.h"

namespace simloop::net::http {

class EndCallback final {
 public:
  EndCallback(std::nullptr_t) {}
  // `callback` takes a const Error*, or nothing.
  template <typename F, typename = std::enable_if_t<
                            !std::is_same_v<std::decay_t<F>, EndCallback> &&
                            !std::is_same_v<std::decay_t<F>, std::nullptr_t>>>
  EndCallback(F&& callback) {
    if constexpr (std::is_invocable_v<std::decay_t<F>&, const Error*>) {
      callback_ = std::forward<F>(callback);
    } else {
      callback_ = [plain = std::forward<F>(callback)](const Error*) mutable {
        plain();
      };
    }
  }

  // end() once more, without data: one more listener of 'finish'; or, where
  // that is `over`, told so.
  template <typename Finish>
  void Join(Finish& finish, bool over) {
    if (callback_ == nullptr) return;
    if (over) {
      const Error error = AlreadyFinished();
      callback_(&error);
    } else {
      finish(
          [callback = std::move(callback_)]() mutable { callback(nullptr); });
    }
  }

  explicit operator bool() const { return callback_ != nullptr; }
  void operator()(const Error* error) { callback_(error); }
  WriteCallback Take() { return std::move(callback_); }

 private:
  WriteCallback callback_;
};

}  // namespace simloop::net::http

#endif  // NET_HTTP_END_CALLBACK_H_
