// Meter: how many events there were, and how many a second lately (Yammer's Meter, as Kafka uses
// it).
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "runtime/clock.h"

namespace kafkascope {

/// Counts events. The rates are moving averages that forget with a time constant of 1, 5 and 15
/// minutes, advanced every 5 seconds, as `uptime` does. Any thread may call; marking takes no lock
/// and is no switch point.
class Meter {
 public:
  /// Rates are per `unit`: a meter of nanoseconds, per nanosecond, is a share of the time.
  explicit Meter(Clock& clock, Duration unit = std::chrono::seconds(1));

  void mark(int64_t count = 1);

  int64_t count() const { return count_.load(std::memory_order_relaxed); }
  /// Events per unit.
  double mean_rate() const;
  double one_minute_rate() { return rate(0); }
  double five_minute_rate() { return rate(1); }
  double fifteen_minute_rate() { return rate(2); }

 private:
  double rate(size_t window);
  void tick_if_due();
  void tick(int64_t ticks);

  Clock& clock_;
  const double unit_seconds_;
  const Instant started_;
  std::atomic<int64_t> count_{0};
  std::atomic<int64_t> uncounted_{0};  // since the last tick
  std::atomic<int64_t> ticks_done_{0};
  std::array<std::atomic<double>, 3> rates_{};
};

}  // namespace kafkascope
