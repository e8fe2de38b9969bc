// RequestFuture: the outcome of a request that the polling thread itself will bring.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "common/errors.h"

namespace kafkascope {

/// Kafka's RequestFuture, for the thread that polls: completed and listened to there, so it needs
/// no lock. Copies share one outcome.
template <typename T>
class RequestFuture {
 public:
  using Listener = std::function<void(const Result<T>&)>;

  RequestFuture() : state_(std::make_shared<State>()) {}

  bool done() const { return state_->result.has_value(); }
  /// Only once done.
  const Result<T>& result() const {
    KS_CHECK(done(), "a request future was asked before it was done");
    return *state_->result;
  }
  /// The first outcome wins.
  void complete(Result<T> result) const {
    if (done()) return;
    state_->result.emplace(std::move(result));
    std::vector<Listener> listeners;
    listeners.swap(state_->listeners);
    for (const Listener& listener : listeners) listener(*state_->result);
  }
  void add_listener(Listener listener) const {
    if (done())
      listener(*state_->result);
    else
      state_->listeners.push_back(std::move(listener));
  }

 private:
  struct State {
    std::optional<Result<T>> result;
    std::vector<Listener> listeners;
  };
  std::shared_ptr<State> state_;
};

}  // namespace kafkascope
