// Histogram: how values are distributed (Yammer's Histogram with its biased sample, as Kafka uses
// it).
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "runtime/random.h"

namespace kafkascope {

/// Count, extremes, mean and deviation over all values; percentiles over a sample of 1,028 that
/// favours recent ones: once the sample is full, each value replaces a random older one. Any thread
/// may call; updating takes no lock and is no switch point. Which one is replaced comes from the
/// seed and the count alone, so runs repeat.
class Histogram {
 public:
  static constexpr size_t kSampleSize = 1028;

  explicit Histogram(RandomStream random) : seed_(random.next()) {}

  void update(int64_t value);

  struct Snapshot {
    int64_t count = 0;
    double min = 0, max = 0, mean = 0, std_dev = 0;
    double p50 = 0, p75 = 0, p95 = 0, p98 = 0, p99 = 0, p999 = 0;
  };
  /// All zero before the first value. Values that arrive meanwhile may be in some of the figures.
  Snapshot snapshot() const;

 private:
  const uint64_t seed_;
  std::atomic<int64_t> count_{0};
  std::atomic<int64_t> min_{INT64_MAX};
  std::atomic<int64_t> max_{INT64_MIN};
  std::atomic<double> sum_{0};
  std::atomic<double> sum_of_squares_{0};
  std::array<std::atomic<int64_t>, kSampleSize> sample_{};
};

}  // namespace kafkascope
