#include "replication/fetcher/offset_truncation.h"

#include <algorithm>

namespace kafkascope {

OffsetTruncation truncation_to_epoch_end(const EpochEndOffset& leader,
                                         const FollowerOffsets& follower) {
  if (leader.end_offset == kNoOffset)
    return {follower.high_watermark, true, "the leader knows no such epoch: to the high watermark"};
  const Offset end = std::min(leader.end_offset, follower.log_end);
  if (leader.leader_epoch == kNoLeaderEpoch)
    return {end, true, "to where the epoch ends at the leader, which does not say which it is"};
  if (!follower.epoch_end.has_value())
    return {end, true, "to where the leader's epoch ends: it is older than any known here"};
  const auto& [epoch, own_end] = *follower.epoch_end;
  if (epoch != leader.leader_epoch)
    return {std::min(own_end, follower.log_end), false,
            "the leader's epoch was never here: to the end of the one before it"};
  return {std::min(own_end, end), true, "to where the epoch ends at both"};
}

OffsetReset reset_of_offset(Offset log_end, Offset leader_start, Offset leader_end) {
  if (leader_end < log_end) return {OffsetReset::kTruncate, leader_end};
  if (leader_start > log_end) return {OffsetReset::kTruncateFully, leader_start};
  return {OffsetReset::kKeep, log_end};
}

}  // namespace kafkascope
