// SystemTimer: a timing wheel driven by a queue of its buckets, so that a waiting thread sleeps
// until the next one is due and never ticks in vain (Kafka's SystemTimer).
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "purgatory/timing_wheel.h"
#include "runtime/threads.h"

namespace kafkascope {

/// Tasks are never run early; they run at most one tick late, plus the time that the advancing
/// thread is busy. Any thread may call, but tasks run only on the one that calls advance_clock.
class SystemTimer {
 public:
  SystemTimer(Node& node, std::string name, int64_t tick_ms = 1, int wheel_size = 20);

  /// Starts the task's delay now. A task is added once.
  void add(const std::shared_ptr<TimerTask>& task);
  /// Waits up to `timeout` for the next due bucket, then runs all tasks that are due. False: none
  /// was.
  bool advance_clock(Duration timeout);
  /// Ends a waiting advance_clock, and every later one at once: for shutdown.
  void close();
  /// Tasks that wait.
  int64_t size() const { return size_.load(std::memory_order_relaxed); }
  TimerDescription describe();

 private:
  friend class TimerTask;
  void cancel(TimerTask& task);
  int64_t now_ms();
  TimerTaskList::Tasks take_due() KS_REQUIRES(mutex_);

  Node& node_;
  const std::string name_;
  const int64_t tick_ms_;
  Mutex mutex_;
  ConditionVariable changed_;
  DelayQueue queue_ KS_GUARDED_BY(mutex_);
  TimingWheel wheel_ KS_GUARDED_BY(mutex_);
  TimerTaskList::Tasks due_at_once_ KS_GUARDED_BY(mutex_);
  bool closed_ KS_GUARDED_BY(mutex_) = false;
  std::atomic<int64_t> size_{0};
};

}  // namespace kafkascope
