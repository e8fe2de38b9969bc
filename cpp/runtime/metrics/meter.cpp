#include "runtime/metrics/meter.h"

#include <chrono>
#include <cmath>

namespace kafkascope {
namespace {

constexpr Duration kTick = std::chrono::seconds(5);
constexpr double kTickSeconds = 5;
constexpr std::array<double, 3> kMinutes{1, 5, 15};

}  // namespace

Meter::Meter(Clock& clock, Duration unit)
    : clock_(clock),
      unit_seconds_(std::chrono::duration<double>(unit).count()),
      started_(clock.monotonic()) {}

void Meter::mark(int64_t count) {
  tick_if_due();
  count_.fetch_add(count, std::memory_order_relaxed);
  uncounted_.fetch_add(count, std::memory_order_relaxed);
}

double Meter::mean_rate() const {
  const double seconds = std::chrono::duration<double>(clock_.monotonic() - started_).count();
  return seconds > 0 ? static_cast<double>(count()) / seconds * unit_seconds_ : 0;
}

double Meter::rate(size_t window) {
  tick_if_due();
  return rates_[window].load(std::memory_order_relaxed);
}

void Meter::tick_if_due() {
  const int64_t due = (clock_.monotonic() - started_) / kTick;
  int64_t done = ticks_done_.load(std::memory_order_relaxed);
  if (due <= done) return;
  // Whoever moves the number ticks for all; the others go on.
  if (ticks_done_.compare_exchange_strong(done, due, std::memory_order_acq_rel)) tick(due - done);
}

void Meter::tick(int64_t ticks) {
  const bool first = ticks_done_.load(std::memory_order_relaxed) == ticks;
  const int64_t events = uncounted_.exchange(0, std::memory_order_relaxed);
  const double now_rate = static_cast<double>(events) / kTickSeconds * unit_seconds_;
  for (size_t i = 0; i < rates_.size(); ++i) {
    const double kept = std::exp(-kTickSeconds / 60 / kMinutes[i]);
    double rate = rates_[i].load(std::memory_order_relaxed);
    rate = first ? now_rate : now_rate + (rate - now_rate) * kept;
    rate *= std::pow(kept, static_cast<double>(ticks - 1));  // the ticks without an event between
    rates_[i].store(rate, std::memory_order_relaxed);
  }
}

}  // namespace kafkascope
