#include "replication/high_watermark.h"

#include <algorithm>

namespace kafkascope {
namespace {

LogOffsetMetadata lower(const LogOffsetMetadata& a, const LogOffsetMetadata& b) {
  return b.message_offset < a.message_offset ? b : a;
}

}  // namespace

LogOffsetMetadata next_high_watermark(const HighWatermarkInput& input) {
  const LogOffsetMetadata& end = input.leader_log_end_offset;
  LogOffsetMetadata next = end;
  for (const auto& [id, follower] : input.followers) {
    if (follower.log_end_offset.message_offset >= next.message_offset) continue;
    if (has_id(input.maximal_isr, id) ||
        (follower.is_caught_up(end.message_offset, input.now, input.max_lag) &&
         input.may_join(id))) {
      next = follower.log_end_offset;
    }
  }
  return next;
}

LogOffsetMetadata high_watermark_from_isr(const LogOffsetMetadata& leader_log_end_offset,
                                          const Replicas& followers,
                                          const std::vector<BrokerId>& isr) {
  LogOffsetMetadata next = leader_log_end_offset;
  for (const auto& [id, follower] : followers) {
    if (has_id(isr, id)) next = lower(next, follower.log_end_offset);
  }
  return next;
}

LogOffsetMetadata high_watermark_from_any(const LogOffsetMetadata& leader_log_end_offset,
                                          const Replicas& followers, size_t in_sync) {
  std::vector<LogOffsetMetadata> ends{leader_log_end_offset};
  for (const auto& [id, follower] : followers) ends.push_back(follower.log_end_offset);
  std::sort(ends.begin(), ends.end(),
            [](const auto& a, const auto& b) { return a.message_offset > b.message_offset; });
  return ends[std::min(std::max<size_t>(in_sync, 1), ends.size()) - 1];
}

}  // namespace kafkascope
