#include "replication/delayed_fetch.h"

#include <fmt/core.h>

#include <algorithm>

#include "replication/replica_manager.h"

namespace kafkascope {
namespace {

const LogOffsetMetadata& end_of(const LogOffsetSnapshot& offsets, FetchIsolation isolation) {
  switch (isolation) {
    case FetchIsolation::kLogEnd:
      return offsets.log_end_offset;
    case FetchIsolation::kTxnCommitted:
      return offsets.last_stable_offset;
    default:
      return offsets.high_watermark;
  }
}

}  // namespace

DelayedFetch::DelayedFetch(ReplicaManager& replicas, FetchParams params,
                           std::vector<FetchPartitionRequest> requests,
                           std::vector<LogOffsetMetadata> starts, FetchCallback callback)
    : DelayedOperation(params.max_wait),
      replicas_(replicas),
      params_(params),
      requests_(std::move(requests)),
      starts_(std::move(starts)),
      callback_(std::move(callback)) {}

std::string DelayedFetch::describe() const {
  if (requests_.empty()) return "fetch of nothing";
  return fmt::format("fetch {} at {}{}", requests_[0].partition.to_string(),
                     requests_[0].fetch_offset,
                     requests_.size() > 1 ? fmt::format(" and {} more", requests_.size() - 1) : "");
}

bool DelayedFetch::try_complete() {
  int64_t available = 0;
  for (size_t i = 0; i < requests_.size(); ++i) {
    const std::shared_ptr<Partition> partition = replicas_.find_partition(requests_[i].partition);
    if (partition == nullptr ||
        partition->check_leader(requests_[i].current_leader_epoch) != ErrorCode::kNone) {
      return force_complete();
    }
    const LogOffsetSnapshot offsets = partition->log()->offset_snapshot();
    const LogOffsetMetadata& end = end_of(offsets, params_.isolation);
    if (end.message_offset < requests_[i].fetch_offset)
      return force_complete();  // truncated below it
    if (end.message_offset == requests_[i].fetch_offset) continue;
    // On another segment the distance in bytes is not known: read, rather than wait for nothing.
    if (!starts_[i].on_same_segment(end)) return force_complete();
    available += std::min(end.position_diff(starts_[i]), requests_[i].max_bytes);
  }
  return available >= params_.min_bytes && force_complete();
}

void DelayedFetch::on_complete() { callback_(replicas_.read_from_log(params_, requests_)); }

}  // namespace kafkascope
