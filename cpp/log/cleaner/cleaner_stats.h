// CleanerStats: what one cleaning of a log read, kept and took; and how one is ended early.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

#include "common/types.h"

namespace kafkascope {

/// Kafka's CleanerStats. Times are wall-clock milliseconds.
struct CleanerStats {
  TopicPartition partition;
  Offset from = 0, to = 0;  // the dirty section
  int64_t start_ms = 0, map_complete_ms = 0, end_ms = 0;
  int64_t map_bytes_read = 0, map_messages_read = 0;
  int64_t bytes_read = 0, messages_read = 0, invalid_messages_read = 0;
  int64_t bytes_written = 0, messages_written = 0;
  double buffer_utilization = 0;
  double collision_rate = 0;

  double elapsed_secs() const { return static_cast<double>(end_ms - start_ms) / 1000; }
};

/// Thrown within a cleaning that somebody wants to end.
class LogCleaningAbortedException : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Kafka's PreCleanStats: what the choice of the filthiest log saw.
struct PreCleanStats {
  int64_t max_compaction_delay_ms = 0;
  int delayed_partitions = 0;
  int cleanable_partitions = 0;
};

}  // namespace kafkascope
