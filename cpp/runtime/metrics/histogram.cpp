#include "runtime/metrics/histogram.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace kafkascope {
namespace {

// The finalizer of SplitMix64: equal numbers in, well spread numbers out.
uint64_t mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

// Between the two values around the rank, as Yammer's Snapshot does.
double percentile(const std::vector<int64_t>& sorted, double quantile) {
  const double rank = quantile * static_cast<double>(sorted.size() + 1);
  if (rank < 1) return static_cast<double>(sorted.front());
  if (rank >= static_cast<double>(sorted.size())) return static_cast<double>(sorted.back());
  const auto at = static_cast<size_t>(rank);
  const auto lower = static_cast<double>(sorted[at - 1]);
  const auto upper = static_cast<double>(sorted[at]);
  return lower + (rank - std::floor(rank)) * (upper - lower);
}

}  // namespace

void Histogram::update(int64_t value) {
  int64_t seen = min_.load(std::memory_order_relaxed);
  while (value < seen && !min_.compare_exchange_weak(seen, value)) continue;
  seen = max_.load(std::memory_order_relaxed);
  while (value > seen && !max_.compare_exchange_weak(seen, value)) continue;
  const auto real = static_cast<double>(value);
  sum_.fetch_add(real, std::memory_order_relaxed);
  sum_of_squares_.fetch_add(real * real, std::memory_order_relaxed);
  const auto n = static_cast<uint64_t>(count_.fetch_add(1, std::memory_order_relaxed));
  sample_[n < kSampleSize ? n : mix(seed_ + n) % kSampleSize] = value;
}

Histogram::Snapshot Histogram::snapshot() const {
  Snapshot s;
  s.count = count_.load(std::memory_order_relaxed);
  if (s.count == 0) return s;
  const auto n = static_cast<double>(s.count);
  s.min = static_cast<double>(min_.load());
  s.max = static_cast<double>(max_.load());
  s.mean = sum_.load() / n;
  const double squares = sum_of_squares_.load() - n * s.mean * s.mean;
  s.std_dev = n > 1 ? std::sqrt(std::max(0.0, squares / (n - 1))) : 0;
  std::vector<int64_t> sorted(sample_.begin(),
                              sample_.begin() + std::min<int64_t>(s.count, kSampleSize));
  std::sort(sorted.begin(), sorted.end());
  s.p50 = percentile(sorted, 0.5);
  s.p75 = percentile(sorted, 0.75);
  s.p95 = percentile(sorted, 0.95);
  s.p98 = percentile(sorted, 0.98);
  s.p99 = percentile(sorted, 0.99);
  s.p999 = percentile(sorted, 0.999);
  return s;
}

}  // namespace kafkascope
