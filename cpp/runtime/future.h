// Promise and Future: one value handed over once, with waiting through the Threads seam.
#pragma once

#include <memory>
#include <optional>

#include "common/check.h"
#include "runtime/threads.h"

namespace kafkascope {

template <typename T>
class Promise;

/// The reader's half. Copies share one state. T is often a Result.
template <typename T>
class Future {
 public:
  Future() = default;
  bool done() const {
    Lock lock(state_->mutex);
    return state_->value.has_value();
  }
  /// False: the deadline passed first.
  bool wait_until(Instant deadline) const {
    Lock lock(state_->mutex);
    return state_->ready.wait_until(lock, deadline, [&] { return state_->value.has_value(); });
  }
  const T& get() const {
    (void)wait_until(kForever);
    return *state_->value;
  }

 private:
  friend class Promise<T>;
  struct State {
    explicit State(Node& node) : mutex(node, "future"), ready(node, "future") {}
    Mutex mutex;
    ConditionVariable ready;
    std::optional<T> value KS_GUARDED_BY(mutex);
  };
  explicit Future(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

template <typename T>
class Promise {
 public:
  explicit Promise(Node& node) : state_(std::make_shared<typename Future<T>::State>(node)) {}
  Future<T> future() const { return Future<T>(state_); }
  /// The first value wins; false when one is there already.
  bool set(T value) {
    Lock lock(state_->mutex);
    if (state_->value.has_value()) return false;
    state_->value.emplace(std::move(value));
    state_->ready.notify_all();
    return true;
  }

 private:
  std::shared_ptr<typename Future<T>::State> state_;
};

}  // namespace kafkascope
