// DelayedOperation: a request that cannot be answered yet, with the time after which it must be
// (Kafka's DelayedOperation).
#pragma once

#include <atomic>

#include "purgatory/timer_task.h"
#include "runtime/node.h"

namespace kafkascope {

/// Completes exactly once: because try_complete found it satisfied, or because its delay passed.
/// Which of many threads completes it is decided by one atomic flag; only the winner calls
/// on_complete. Held by shared_ptr.
class DelayedOperation : public TimerTask {
 public:
  using TimerTask::TimerTask;

  /// Completes the operation if nobody has. True for the one call that did: it has run on_complete.
  bool force_complete();
  bool is_completed() const { return completed_.load(std::memory_order_acquire); }

  /// Asks try_complete, on one thread at a time. A thread that finds another one asking does not
  /// wait: the other asks once more on its behalf, so no change is missed and no two operations can
  /// wait for each other (Kafka's story of the two deadlocks). True when this call completed the
  /// operation.
  bool maybe_try_complete();

  /// The timer's call when the delay has passed.
  void run() override;

  /// Tells the trace from now on, under this number. The name outlives the operation.
  void trace_as(Node& node, const std::string& purgatory, int64_t number) {
    node_ = &node, purgatory_ = &purgatory, number_ = number;
  }

 protected:
  /// The answer. Runs once, on the thread that completed the operation, which may hold locks of its
  /// own.
  virtual void on_complete() = 0;
  /// Runs after on_complete when the delay passed: for counting.
  virtual void on_expiration() = 0;
  /// Looks whether the condition holds; if so calls force_complete and returns its answer. Never
  /// called by two threads at once.
  virtual bool try_complete() = 0;

 private:
  bool complete(bool expired);

  Node* node_ = nullptr;
  const std::string* purgatory_ = nullptr;
  int64_t number_ = 0;
  std::atomic<bool> completed_{false};
  std::atomic<uint32_t> asked_{0};  // callers since the asking thread last began; 0: nobody asks
};

}  // namespace kafkascope
