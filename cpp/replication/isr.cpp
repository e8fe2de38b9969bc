#include "replication/isr.h"

#include <fmt/ranges.h>

#include <algorithm>

namespace kafkascope {

bool has_id(const std::vector<BrokerId>& ids, BrokerId id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

std::string join_ids(const std::vector<BrokerId>& ids) {
  return fmt::format("{}", fmt::join(ids, ","));
}

const std::vector<BrokerId>& maximal_isr(const std::vector<BrokerId>& committed,
                                         const std::optional<PendingIsrChange>& pending) {
  return pending && pending->expands ? pending->proposed.isr : committed;
}

bool is_follower_in_sync(const Replica& follower, Offset high_watermark,
                         Offset leader_epoch_start_offset) {
  return follower.log_end_offset.message_offset >=
         std::max(high_watermark, leader_epoch_start_offset);
}

std::vector<BrokerId> out_of_sync_replicas(const std::vector<BrokerId>& isr, BrokerId leader,
                                           const Replicas& followers, Offset leader_log_end_offset,
                                           Instant now, Duration max_lag) {
  std::vector<BrokerId> out;
  for (BrokerId id : isr) {
    if (id == leader) continue;
    const auto follower = followers.find(id);
    const bool caught_up = follower != followers.end() &&
                           follower->second.is_caught_up(leader_log_end_offset, now, max_lag);
    if (!caught_up) out.push_back(id);
  }
  return out;
}

AfterRefusal after_refusal(ErrorCode error) {
  switch (error) {
    // Said only of a proposal with the right partition epoch: no controller can have applied it.
    case ErrorCode::kOperationNotAttempted:
    case ErrorCode::kIneligibleReplica:
      return AfterRefusal::kReset;
    case ErrorCode::kUnknownTopicOrPartition:
    case ErrorCode::kUnknownTopicId:
    case ErrorCode::kFencedLeaderEpoch:
    case ErrorCode::kInvalidUpdateVersion:
    case ErrorCode::kInvalidRequest:
    case ErrorCode::kNewLeaderElected:
      return AfterRefusal::kStay;
    default:
      return AfterRefusal::kRetry;
  }
}

}  // namespace kafkascope
