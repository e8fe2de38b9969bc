// BlockingQueue: what one thread hands to another (java.util.concurrent's ArrayBlockingQueue in
// Kafka).
#pragma once

#include <deque>
#include <optional>

#include "runtime/threads.h"

namespace kafkascope {

/// First in, first out, with a bound. After close() puts are refused and takes drain what is left.
template <typename T>
class BlockingQueue {
 public:
  BlockingQueue(Node& node, const char* name, size_t capacity = SIZE_MAX)
      : node_(node),
        mutex_(node, name),
        not_empty_(node, name),
        not_full_(node, name),
        capacity_(capacity) {}

  /// Blocks while full. False: closed.
  bool put(T item) {
    Lock lock(mutex_);
    while (!closed_ && items_.size() >= capacity_) not_full_.wait(lock);
    return push(std::move(item));
  }
  /// False: full or closed; the item is then left as it was.
  bool try_put(T& item) {
    Lock lock(mutex_);
    return items_.size() < capacity_ && push(std::move(item));
  }
  /// The oldest item; empty when none came before the deadline, or the queue is closed and drained.
  std::optional<T> poll(Instant deadline) {
    Lock lock(mutex_);
    while (!closed_ && items_.empty() && not_empty_.wait_until(lock, deadline)) {
    }
    return pop();
  }
  std::optional<T> take() { return poll(kForever); }
  std::optional<T> try_take() {
    Lock lock(mutex_);
    return pop();
  }
  void close() {
    Lock lock(mutex_);
    closed_ = true;
    not_empty_.notify_all();
    not_full_.notify_all();
  }
  size_t size() {
    Lock lock(mutex_);
    return items_.size();
  }

 private:
  bool push(T item) KS_REQUIRES(mutex_) {
    if (closed_) return false;
    items_.push_back(std::move(item));
    not_empty_.notify_one();
    return true;
  }
  std::optional<T> pop() KS_REQUIRES(mutex_) {
    if (items_.empty()) return std::nullopt;
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    not_full_.notify_one();
    return item;
  }

  Node& node_;
  Mutex mutex_;
  ConditionVariable not_empty_;
  ConditionVariable not_full_;
  const size_t capacity_;
  std::deque<T> items_ KS_GUARDED_BY(mutex_);
  bool closed_ KS_GUARDED_BY(mutex_) = false;
};

}  // namespace kafkascope
