// ExponentialBackoff: how long to wait before attempt n, with jitter so that clients do not march
// in step.
#pragma once

#include <algorithm>
#include <cmath>

#include "runtime/clock.h"
#include "runtime/random.h"

namespace kafkascope {

/// initial * 2^attempts, at most `max`, times a factor in [1 - jitter, 1 + jitter] (Kafka's
/// ExponentialBackoff; KIP-580).
class ExponentialBackoff {
 public:
  static constexpr double kJitter = 0.2;

  ExponentialBackoff(Duration initial, Duration max, double jitter = kJitter)
      : initial_(std::min(initial, max)), max_(max), jitter_(jitter) {}

  Duration backoff(int64_t attempts, RandomStream& random) const {
    const double exact = static_cast<double>(initial_.count()) *
                         std::exp2(static_cast<double>(std::min<int64_t>(attempts, 60)));
    const double capped = std::min(exact, static_cast<double>(max_.count()));
    const double factor = 1.0 + jitter_ * (2.0 * random.uniform() - 1.0);
    return std::min(Duration(static_cast<int64_t>(capped * factor)), std::max(max_, initial_));
  }

 private:
  Duration initial_;
  Duration max_;
  double jitter_;
};

}  // namespace kafkascope
