// Where a leader may move its high watermark.
#pragma once

#include <functional>

#include "replication/isr.h"

namespace kafkascope {

/// The smallest log end among the leader and those it waits for: the maximal ISR, and followers
/// that have caught up and will join it soon. Without the latter the high watermark could run away
/// from a follower that is about to join.
struct HighWatermarkInput {
  const LogOffsetMetadata& leader_log_end_offset;
  const Replicas& followers;
  const std::vector<BrokerId>& maximal_isr;
  Instant now{};
  Duration max_lag{};
  const std::function<bool(BrokerId)>& may_join;  // the broker lives
};
LogOffsetMetadata next_high_watermark(const HighWatermarkInput& input);

/// Defects, for tests: from the committed ISR only; and from any replicas, `in_sync` of them.
LogOffsetMetadata high_watermark_from_isr(const LogOffsetMetadata& leader_log_end_offset,
                                          const Replicas& followers,
                                          const std::vector<BrokerId>& isr);
LogOffsetMetadata high_watermark_from_any(const LogOffsetMetadata& leader_log_end_offset,
                                          const Replicas& followers, size_t in_sync);

}  // namespace kafkascope
