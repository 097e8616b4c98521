// CopyOnWrite: a value that copies share until one of them changes it. Not
// thread-safe.
#ifndef SIM_COPY_ON_WRITE_H_
#define SIM_COPY_ON_WRITE_H_

#include <cstdint>
#include <utility>

namespace simloop::sim {

template <typename T>
class CopyOnWrite final {
 public:
  template <typename... Args>
  explicit CopyOnWrite(std::in_place_t, Args&&... args)
      : shared_(new Shared{1, T(std::forward<Args>(args)...)}) {}
  CopyOnWrite(const CopyOnWrite& other) : shared_(other.shared_) {
    ++shared_->references;
  }
  CopyOnWrite& operator=(const CopyOnWrite& other) {
    CopyOnWrite copy(other);
    std::swap(shared_, copy.shared_);
    return *this;
  }
  ~CopyOnWrite() {
    if (--shared_->references == 0) delete shared_;
  }

  const T& operator*() const { return shared_->value; }
  const T* operator->() const { return &shared_->value; }
  // To be changed: the other copies keep what was. Valid until it is copied.
  T& Own() {
    if (shared_->references > 1) *this = CopyOnWrite(std::in_place, **this);
    return shared_->value;
  }
  // Whether no change stands between the two.
  bool SharesWith(const CopyOnWrite& other) const {
    return shared_ == other.shared_;
  }

 private:
  struct Shared {
    uint32_t references;
    T value;
  };
  Shared* shared_;
};

}  // namespace simloop::sim

#endif  // SIM_COPY_ON_WRITE_H_
