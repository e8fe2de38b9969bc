// LogToClean: how dirty a log is, and which part of it may be cleaned.
#pragma once

#include <memory>
#include <optional>

#include "log/log.h"

namespace kafkascope {

/// The range of offsets that may be cleaned.
struct OffsetsToClean {
  Offset first_dirty_offset = 0;
  Offset first_uncleanable_dirty_offset = 0;
  /// The checkpointed offset does not fit the log: first_dirty_offset takes its place.
  bool force_update_checkpoint = false;
};

/// From where the last cleaning ended (nothing: never cleaned) to the first of: the last stable
/// offset, the active segment, a segment with a record younger than min.compaction.lag.ms.
OffsetsToClean cleanable_offsets(const Log& log, std::optional<Offset> last_clean_offset,
                                 TimestampMs now);
/// How long ago, in milliseconds, max.compaction.lag.ms made a cleaning due; 0: it is not.
int64_t max_compaction_delay(const Log& log, Offset first_dirty_offset, TimestampMs now);

/// Kafka's LogToClean.
struct LogToClean {
  LogToClean(std::shared_ptr<Log> log, const OffsetsToClean& offsets, bool need_compaction_now);

  int64_t total_bytes() const { return clean_bytes + cleanable_bytes; }
  /// The dirty share: the larger, the filthier.
  double cleanable_ratio() const {
    return static_cast<double>(cleanable_bytes) / static_cast<double>(total_bytes());
  }
  /// min.cleanable.dirty.ratio is passed, or max.compaction.lag.ms.
  bool is_cleanable() const;

  std::shared_ptr<Log> log;
  Offset first_dirty_offset = 0;
  Offset first_uncleanable_offset = 0;  // the base of a segment
  bool need_compaction_now = false;
  int64_t clean_bytes = 0;
  int64_t cleanable_bytes = 0;
};

}  // namespace kafkascope
