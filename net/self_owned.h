// SelfOwned: what std::enable_shared_from_this is, for an object that can also
// keep itself alive, in the space of one pointer instead of two.
#ifndef NET_SELF_OWNED_H_
#define NET_SELF_OWNED_H_

#include <memory>
#include <new>
#include <utility>

namespace simloop::net {

template <typename T>
class SelfOwned {
 public:
  SelfOwned(const SelfOwned&) = delete;
  SelfOwned& operator=(const SelfOwned&) = delete;

  // REQUIRES: it is not being destroyed.
  std::shared_ptr<T> shared_from_this() const {
    return kept_ ? strong_ : std::shared_ptr<T>(weak_);
  }
  std::weak_ptr<T> weak_from_this() const {
    return kept_ ? std::weak_ptr<T>(strong_) : weak_;
  }

 protected:
  SelfOwned() : weak_() {}
  ~SelfOwned() { weak_.~weak_ptr(); }  // one that keeps itself does not end

  // To be called once, by who made it.
  void BelongsTo(const std::shared_ptr<T>& owner) { weak_ = owner; }
  void KeepSelf() {
    if (kept_) return;
    std::shared_ptr<T> self(weak_);
    weak_.~weak_ptr();
    new (&strong_) std::shared_ptr<T>(std::move(self));
    kept_ = true;
  }
  // Possibly the end of the object.
  void ReleaseSelf() {
    if (!kept_) return;
    const std::shared_ptr<T> self = std::move(strong_);
    strong_.~shared_ptr();
    new (&weak_) std::weak_ptr<T>(self);
    kept_ = false;
  }

 private:
  union {
    std::weak_ptr<T> weak_;
    std::shared_ptr<T> strong_;  // if kept_
  };
  bool kept_ = false;
};

}  // namespace simloop::net

#endif  // NET_SELF_OWNED_H_
