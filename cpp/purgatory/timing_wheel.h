// TimingWheel: timers in O(1), as a ring of buckets with wider rings above it (Kafka's
// TimingWheel).
#pragma once

#include <memory>
#include <vector>

#include "purgatory/delay_queue.h"
#include "purgatory/timer_description.h"
#include "purgatory/timer_task_list.h"

namespace kafkascope {

/// A wheel of `wheel_size` buckets of `tick_ms` covers tick_ms * wheel_size from its current time.
/// What is due later goes to the overflow wheel, whose tick is this whole span, made when first
/// needed; when an overflow bucket is due, its tasks are added again and so fall to the finer
/// wheel. A pure decider: reads no clock, takes no lock (the timer's mutex guards it).
class TimingWheel {
 public:
  TimingWheel(int64_t tick_ms, int wheel_size, int64_t start_ms, DelayQueue& queue);

  /// False: the task is due now; it is in no bucket. A bucket that starts a new tick enters the
  /// queue.
  bool add(const std::shared_ptr<TimerTask>& task);
  /// Moves all wheels to the tick that holds time_ms.
  void advance_clock(int64_t time_ms);

  int64_t current_time_ms() const { return current_time_ms_; }
  /// This wheel and its overflow wheels, finest first; buckets without tasks are left out.
  std::vector<WheelDescription> describe() const;

 private:
  TimingWheel& overflow_wheel();

  const int64_t tick_ms_;
  const int64_t interval_ms_;
  int64_t current_time_ms_;  // a multiple of tick_ms_
  DelayQueue& queue_;
  std::vector<TimerTaskList> buckets_;
  std::unique_ptr<TimingWheel> overflow_wheel_;
};

}  // namespace kafkascope
