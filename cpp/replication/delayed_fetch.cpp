#include "replication/delayed_fetch.h"

#include <fmt/core.h>

#include <algorithm>

#include "log/epoch/epoch_entry.h"
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

/// The log may have been truncated since, or the leader be another one.
bool diverges(const Partition& partition, const FetchPartitionRequest& request, bool only_leader) {
  if (request.last_fetched_epoch == kNoLeaderEpoch) return false;
  const auto end = partition.last_offset_for_leader_epoch(request.current_leader_epoch,
                                                          request.last_fetched_epoch, only_leader);
  return !end.ok() || end->epoch < request.last_fetched_epoch ||
         end->start_offset < request.fetch_offset;
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

/// Nothing when the fetch is to be answered at once: an error, a log that diverges, another
/// segment.
std::optional<int64_t> DelayedFetch::available_bytes(size_t index) const {
  const FetchPartitionRequest& request = requests_[index];
  const auto partition = replicas_.find_partition(request.partition);
  if (partition == nullptr) return std::nullopt;
  const bool only_leader = params_.fetch_only_leader();
  const auto offsets = partition->fetch_offset_snapshot(request.current_leader_epoch, only_leader);
  if (!offsets.ok() || diverges(*partition, request, only_leader)) return std::nullopt;
  const LogOffsetMetadata& end = end_of(*offsets, params_.isolation);
  if (end.message_offset < request.fetch_offset) return std::nullopt;  // truncated below it
  if (end.message_offset == request.fetch_offset) return 0;
  if (replicas_.should_leader_throttle(params_, *partition)) return 0;
  // On another segment the distance in bytes is not known: read, rather than wait for nothing.
  if (!starts_[index].on_same_segment(end)) return std::nullopt;
  return std::min(end.position_diff(starts_[index]), request.max_bytes);
}

bool DelayedFetch::try_complete() {
  int64_t available = 0;
  for (size_t i = 0; i < requests_.size(); ++i) {
    const std::optional<int64_t> bytes = available_bytes(i);
    if (!bytes) return force_complete();
    available += *bytes;
  }
  return available >= params_.min_bytes && force_complete();
}

void DelayedFetch::on_complete() {
  FetchResults results = replicas_.read_from_log(params_, requests_, false);
  replicas_.record_leader_quota(params_, results);
  callback_(std::move(results));
}

}  // namespace kafkascope
