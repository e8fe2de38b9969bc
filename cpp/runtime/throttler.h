// Throttler: holds a rate down by letting the caller wait.
#pragma once

#include "runtime/threads.h"

namespace kafkascope {

class Meter;

/// Kafka's Throttler. Any thread may call.
class Throttler {
 public:
  /// How often the rate is looked at.
  static constexpr Duration kCheckInterval = std::chrono::milliseconds(300);

  Throttler(Node& node, double desired_rate_per_second);

  /// So much was done since the last call; waits when that was too fast.
  void maybe_throttle(int64_t observed);
  void update_desired_rate(double per_second);
  /// Also marks this meter from now on; null: none.
  void set_meter(Meter* meter);
  /// Nobody waits any more, now or later, until resume().
  void interrupt();
  void resume();

 private:
  Node& node_;
  Mutex mutex_;
  ConditionVariable interrupted_;
  double desired_rate_ KS_GUARDED_BY(mutex_);
  Meter* meter_ KS_GUARDED_BY(mutex_) = nullptr;
  bool is_interrupted_ KS_GUARDED_BY(mutex_) = false;
  Instant period_start_ KS_GUARDED_BY(mutex_);
  int64_t observed_ KS_GUARDED_BY(mutex_) = 0;
};

}  // namespace kafkascope
