// CleanerConfig: the log.cleaner.* keys.
#pragma once

#include <cfloat>
#include <cstdint>

#include "runtime/clock.h"

namespace kafkascope {

/// Kafka's CleanerConfig. dedupe_buffer_size and io_buffer_size are for all threads together.
struct CleanerConfig {
  bool enable = true;  // log.cleaner.enable
  int num_threads = 1;
  int64_t dedupe_buffer_size = 128 << 20;
  double dedupe_buffer_load_factor = 0.9;  // log.cleaner.io.buffer.load.factor
  int32_t io_buffer_size = 512 << 10;
  double max_io_bytes_per_second = DBL_MAX;
  Duration backoff = std::chrono::seconds(15);

  bool operator==(const CleanerConfig&) const = default;
};

}  // namespace kafkascope
