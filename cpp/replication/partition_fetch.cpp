// Partition's reads: fetches of consumers and followers, and questions about offsets.
#include <fmt/core.h>

#include "log/epoch/epoch_entry.h"
#include "replication/partition.h"

namespace kafkascope {
namespace {

constexpr TimestampMs kLatest = -1;
constexpr TimestampMs kEarliest = -2;

Offset last_fetchable(const LogOffsetSnapshot& offsets, std::optional<FetchIsolation> isolation) {
  if (!isolation) return offsets.log_end_offset.message_offset;
  return isolation == FetchIsolation::kTxnCommitted ? offsets.last_stable_offset.message_offset
                                                    : offsets.high_watermark.message_offset;
}

}  // namespace

Result<LogReadInfo> Partition::fetch_records(const FetchParams& params,
                                             const FetchPartitionRequest& request,
                                             int32_t max_bytes, bool min_one,
                                             bool update_fetch_state) {
  const Instant now = node_.clock().monotonic();
  Result<LogReadInfo> read_info = [&]() -> Result<LogReadInfo> {
    ReadLock lock(mutex_);
    const LeaderEpoch epoch =
        context_.defects.no_epoch_check_in_fetch ? kNoLeaderEpoch : request.current_leader_epoch;
    const ErrorCode error = check(epoch, params.fetch_only_leader());
    if (error != ErrorCode::kNone) return {error, {}};
    if (Error unknown = check_replica(params, request); unknown.code != ErrorCode::kNone)
      return unknown;
    return read(params, request, max_bytes, min_one);
  }();
  if (!read_info.ok() || !params.is_from_follower() || !update_fetch_state) return read_info;
  if (read_info->diverging_epoch) return read_info;
  const ErrorCode error = update_follower_fetch_state(
      params.replica_id, {.fetch_offset = read_info->data.fetch_offset_metadata,
                          .log_start_offset = request.log_start_offset,
                          .leader_log_end_offset = read_info->offsets.log_end_offset.message_offset,
                          .broker_epoch = params.replica_epoch,
                          .time = now});
  if (error != ErrorCode::kNone) return {error, "the fetch is of an earlier life of the broker"};
  return read_info;
}

Error Partition::check_replica(const FetchParams& params,
                               const FetchPartitionRequest& request) const {
  if (!params.is_from_follower()) return {ErrorCode::kNone, {}};
  Lock lock(replicas_mutex_);
  if (followers_.contains(params.replica_id)) return {ErrorCode::kNone, {}};
  return {request.current_leader_epoch == kNoLeaderEpoch ? ErrorCode::kNotLeaderOrFollower
                                                         : ErrorCode::kUnknownLeaderEpoch,
          fmt::format("broker {} is no replica of {}", params.replica_id,
                      topic_partition_.to_string())};
}

Result<LogReadInfo> Partition::read(const FetchParams& params, const FetchPartitionRequest& request,
                                    int32_t max_bytes, bool min_one) {
  LogReadInfo info;
  // Taken before the read: what is appended during it must not make the follower look late.
  info.offsets = log_->offset_snapshot();
  if (request.last_fetched_epoch != kNoLeaderEpoch) {
    const std::optional<EpochEntry> end = log_->end_offset_for_epoch(request.last_fetched_epoch);
    if (!end || request.fetch_offset < info.offsets.log_start_offset) {
      return {
          ErrorCode::kOffsetOutOfRange,
          fmt::format("{}: epoch {} at offset {} is not known here", topic_partition_.to_string(),
                      request.last_fetched_epoch, request.fetch_offset)};
    }
    if (end->epoch < request.last_fetched_epoch || end->start_offset < request.fetch_offset) {
      info.data.fetch_offset_metadata = LogOffsetMetadata{request.fetch_offset};
      info.diverging_epoch = {end->epoch, end->start_offset};
      return info;
    }
  }
  Result<FetchDataInfo> data =
      log_->read(request.fetch_offset, max_bytes, params.isolation, min_one);
  if (!data.ok()) return data.error();
  info.data = std::move(*data);
  return info;
}

ErrorCode Partition::update_follower_fetch_state(BrokerId id, const FollowerFetch& fetch) {
  bool end_moved = false;
  bool start_moved = false;  // DeleteRecords waits for it
  {
    ReadLock lock(mutex_);
    Lock replicas(replicas_mutex_);
    const auto found = followers_.find(id);
    if (found == followers_.end()) return ErrorCode::kNone;  // it went just now
    Replica& follower = found->second;
    end_moved = follower.log_end_offset.message_offset != fetch.fetch_offset.message_offset;
    start_moved = follower.log_start_offset != fetch.log_start_offset;
    if (!follower.update_fetch_state(fetch)) return ErrorCode::kNotLeaderOrFollower;
  }
  KS_TRACE(node_, "FollowerFetched", {"partition", topic_partition_.to_string()},
           {"replica", int64_t{id}}, {"offset", fetch.fetch_offset.message_offset});
  maybe_expand_isr(id);
  bool raised = false;
  if (end_moved) {
    ReadLock lock(mutex_);
    raised = maybe_increment_leader_high_watermark();
  }
  if (raised || start_moved) context_.listener.on_high_watermark_changed(topic_partition_);
  return ErrorCode::kNone;
}

Result<LogOffsetSnapshot> Partition::fetch_offset_snapshot(LeaderEpoch client_epoch,
                                                           bool fetch_only_leader) const {
  ReadLock lock(mutex_);
  const ErrorCode error = check(client_epoch, fetch_only_leader);
  if (error != ErrorCode::kNone) return {error, {}};
  return log_->offset_snapshot();
}

Result<EpochEntry> Partition::last_offset_for_leader_epoch(LeaderEpoch client_epoch,
                                                           LeaderEpoch epoch,
                                                           bool fetch_only_leader) const {
  ReadLock lock(mutex_);
  const ErrorCode error = check(client_epoch, fetch_only_leader);
  if (error != ErrorCode::kNone) return {error, {}};
  return log_->end_offset_for_epoch(epoch).value_or(EpochEntry{});
}

Result<TimestampAndOffset> Partition::fetch_offset_for_timestamp(
    TimestampMs timestamp, std::optional<FetchIsolation> isolation, LeaderEpoch client_epoch,
    bool fetch_only_leader) const {
  ReadLock lock(mutex_);
  const ErrorCode error = check(client_epoch, fetch_only_leader);
  if (error != ErrorCode::kNone) return {error, {}};
  const LogOffsetSnapshot offsets = log_->offset_snapshot();
  const Offset end = last_fetchable(offsets, isolation);
  const bool end_is_unknown =
      isolation && leader_epoch_start_offset_.value_or(0) > offsets.high_watermark.message_offset;
  const auto unknown = [&]() KS_REQUIRES_SHARED(mutex_) -> Result<TimestampAndOffset> {
    return {ErrorCode::kOffsetNotAvailable,
            fmt::format("{}: the high watermark {} has not reached {}, where epoch {} begins",
                        topic_partition_.to_string(), offsets.high_watermark.message_offset,
                        *leader_epoch_start_offset_, state_.leader_epoch)};
  };
  if (timestamp == kLatest) {
    if (end_is_unknown) return unknown();
    return TimestampAndOffset{kNoTimestamp, end, state_.leader_epoch};
  }
  const std::optional<TimestampAndOffset> found = log_->fetch_offset_by_timestamp(timestamp);
  if (!found) return TimestampAndOffset{};
  if (timestamp == kEarliest || found->offset < end) return *found;
  return end_is_unknown ? unknown() : TimestampAndOffset{};
}

std::vector<ReplicaView> Partition::replica_views(Offset fetch_offset) const {
  const Instant now = node_.clock().monotonic();
  ReadLock lock(mutex_);
  std::vector<ReplicaView> views;
  if (!leads()) return views;
  views.push_back({.broker = local_broker_, .log_end_offset = log_->log_end_offset()});
  Lock replicas(replicas_mutex_);
  for (const auto& [id, follower] : followers_) {
    // One out of the ISR could stay behind for ever, and the consumer with it.
    const bool has_offset = follower.log_end_offset.message_offset >= fetch_offset &&
                            follower.log_start_offset <= fetch_offset;
    if (!has_id(state_.isr, id) || !has_offset) continue;
    views.push_back({.broker = id,
                     .log_end_offset = follower.log_end_offset.message_offset,
                     .since_caught_up = now - follower.last_caught_up_time.value_or(Instant{})});
  }
  return views;
}

}  // namespace kafkascope
