#include "runtime/throttler.h"

#include <algorithm>

#include "runtime/metrics/meter.h"

namespace kafkascope {
namespace {

constexpr double kLongestWaitSeconds = 3600;  // where a rate of nothing would divide by zero

}  // namespace

Throttler::Throttler(Node& node, double desired_rate_per_second)
    : node_(node),
      mutex_(node, "throttler"),
      interrupted_(node, "throttler interrupted"),
      desired_rate_(desired_rate_per_second),
      period_start_(node.clock().monotonic()) {}

void Throttler::maybe_throttle(int64_t observed) {
  Lock lock(mutex_);
  if (meter_ != nullptr) meter_->mark(observed);
  observed_ += observed;
  const Instant now = node_.clock().monotonic();
  const double elapsed = std::chrono::duration<double>(now - period_start_).count();
  if (now - period_start_ < kCheckInterval || observed_ == 0) return;
  const double too_fast_by = static_cast<double>(observed_) / desired_rate_ - elapsed;
  if (too_fast_by > 0) {
    const std::chrono::duration<double> wait(std::min(too_fast_by, kLongestWaitSeconds));
    const Instant until = deadline_after(now, std::chrono::duration_cast<Duration>(wait));
    interrupted_.wait_until(lock, until, [&]() KS_REQUIRES(mutex_) { return is_interrupted_; });
  }
  period_start_ = node_.clock().monotonic();
  observed_ = 0;
}

void Throttler::update_desired_rate(double per_second) {
  Lock lock(mutex_);
  desired_rate_ = per_second;
}

void Throttler::set_meter(Meter* meter) {
  Lock lock(mutex_);
  meter_ = meter;
}

void Throttler::interrupt() {
  Lock lock(mutex_);
  is_interrupted_ = true;
  interrupted_.notify_all();
}

void Throttler::resume() {
  Lock lock(mutex_);
  is_interrupted_ = false;
}

}  // namespace kafkascope
