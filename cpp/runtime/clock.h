// Clock: the first seam. The only place where time enters.
#pragma once

#include <chrono>
#include <cstdint>

namespace kafkascope {

using Duration = std::chrono::nanoseconds;
/// A point on a node's monotonic clock: time since some fixed start.
using Instant = std::chrono::nanoseconds;
inline constexpr Instant kForever = Instant::max();

/// One node's clocks; in a simulation each node's can be skewed, can jump and drift. Any thread may
/// call.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Milliseconds since 1970: record timestamps, retention. May jump.
  virtual int64_t wall_ms() = 0;
  /// Never goes back: timeouts, deadlines, latencies.
  virtual Instant monotonic() = 0;
};

/// now + timeout, which stays kForever where the sum would pass it.
constexpr Instant deadline_after(Instant now, Duration timeout) {
  return timeout >= kForever - now ? kForever : now + timeout;
}

}  // namespace kafkascope
