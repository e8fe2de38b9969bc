// ReplicaManager's fetches, of consumers and of followers.
#include <algorithm>

#include "common/logging.h"
#include "replication/delayed_fetch.h"
#include "replication/replica_manager.h"
#include "replication/replication_quota_manager.h"

namespace kafkascope {
namespace {

FetchPartitionResult with_offsets(FetchPartitionResult result, const LogOffsetSnapshot& offsets) {
  result.high_watermark = offsets.high_watermark.message_offset;
  result.last_stable_offset = offsets.last_stable_offset.message_offset;
  result.log_start_offset = offsets.log_start_offset;
  return result;
}

}  // namespace

void ReplicaManager::fetch_messages(const FetchParams& params,
                                    std::vector<FetchPartitionRequest> requests,
                                    FetchCallback callback) {
  FetchResults results = read_from_log(params, requests, true);
  int64_t bytes = 0;
  bool answer_now = params.max_wait <= Duration::zero() || requests.empty();
  for (const auto& [request, result] : results) {
    bytes += static_cast<int64_t>(result.data.records.size());
    answer_now |= result.error != ErrorCode::kNone || result.diverging_epoch.has_value() ||
                  result.preferred_read_replica.has_value();
  }
  if (answer_now || bytes >= params.min_bytes) {
    record_leader_quota(params, results);
    return callback(std::move(results));
  }
  std::vector<TopicPartition> keys;
  std::vector<LogOffsetMetadata> starts;
  for (const auto& [request, result] : results) {
    keys.push_back(request.partition);
    starts.push_back(result.data.fetch_offset_metadata);
  }
  fetch_purgatory_.try_complete_else_watch(
      std::make_shared<DelayedFetch>(*this, params, std::move(requests), std::move(starts),
                                     std::move(callback)),
      keys);
}

FetchResults ReplicaManager::read_from_log(const FetchParams& params,
                                           const std::vector<FetchPartitionRequest>& requests,
                                           bool update_fetch_state) {
  FetchResults results;
  results.reserve(requests.size());
  int32_t left = params.max_bytes;
  bool min_one = true;
  for (const FetchPartitionRequest& request : requests) {
    FetchPartitionResult result = read_partition(params, request, std::min(left, request.max_bytes),
                                                 min_one, update_fetch_state);
    const auto size = static_cast<int32_t>(result.data.records.size());
    if (size > 0) min_one = false;
    left = std::max(0, left - size);
    results.emplace_back(request, std::move(result));
  }
  return results;
}

void ReplicaManager::trace_fetch(const FetchParams& params, const FetchPartitionRequest& request,
                                 const FetchPartitionResult& result) {
  if (node_.tracer() == nullptr || result.data.records.size() == 0) return;
  const LogOffsetMetadata& from = result.data.fetch_offset_metadata;
  TraceFields fields{{"partition", request.partition.to_string()},
                     {"offset", request.fetch_offset},
                     {"segment", from.segment_base_offset},
                     {"position", int64_t{from.relative_position_in_segment}},
                     {"bytes", static_cast<int64_t>(result.data.records.size())},
                     {"high_watermark", result.high_watermark}};
  if (params.is_from_follower()) fields.emplace_back("replica", int64_t{params.replica_id});
  node_.tracer()->emit("RecordsFetched", std::move(fields));
}

FetchPartitionResult ReplicaManager::read_partition(const FetchParams& params,
                                                    const FetchPartitionRequest& request,
                                                    int32_t max_bytes, bool min_one,
                                                    bool update_fetch_state) {
  FetchPartitionResult result;
  const auto found = get_partition_or_error(request.partition);
  if (!found.ok()) {
    result.error = found.code();
    return result;
  }
  try {
    Partition& partition = **found;
    result.preferred_read_replica =
        find_preferred_read_replica(partition, params, request.fetch_offset);
    if (result.preferred_read_replica) {
      const auto offsets = partition.fetch_offset_snapshot(request.current_leader_epoch, false);
      return offsets.ok() ? with_offsets(std::move(result), *offsets)
                          : FetchPartitionResult{.error = offsets.code()};
    }
    auto info = partition.fetch_records(params, request, max_bytes, min_one, update_fetch_state);
    if (!info.ok()) {
      result.error = info.code();
      return result;
    }
    result = with_offsets(std::move(result), info->offsets);
    result.diverging_epoch = info->diverging_epoch;
    result.data = std::move(info->data);
    if (should_leader_throttle(params, partition)) result.data.records = {};
    trace_fetch(params, request, result);
  } catch (const KafkaException& e) {
    KS_LOG(kWarn, node_.name(), "fetch of {}: {}", request.partition.to_string(), e.what());
    result.error = e.code();
  }
  return result;
}

std::optional<BrokerId> ReplicaManager::find_preferred_read_replica(const Partition& partition,
                                                                    const FetchParams& params,
                                                                    Offset fetch_offset) const {
  if (!context_.config.rack_aware_selector || params.is_from_follower() || !params.client)
    return std::nullopt;
  std::vector<ReplicaView> views = partition.replica_views(fetch_offset);
  if (views.empty()) return std::nullopt;
  const auto metadata = metadata_.current();
  const BrokerId leader = views.front().broker;
  std::erase_if(views, [&](ReplicaView& view) {
    const auto broker = metadata->brokers.find(view.broker);
    if (broker != metadata->brokers.end()) view.rack = broker->second.rack;
    // The consumer could not reach one that has no such listener.
    return view.broker != leader &&
           (broker == metadata->brokers.end() ||
            broker->second.find_listener(params.client->listener_name) == nullptr);
  });
  return select_rack_aware(params.client->rack_id, views);
}

bool ReplicaManager::should_leader_throttle(const FetchParams& params,
                                            const Partition& partition) const {
  if (!params.is_from_follower() || !cluster_ || cluster_->leader_quota == nullptr) return false;
  const ReplicationQuotaManager& quota = *cluster_->leader_quota;
  return quota.is_throttled(partition.topic_partition()) && quota.is_quota_exceeded() &&
         !has_id(partition.in_sync_replica_ids(), params.replica_id);
}

void ReplicaManager::record_leader_quota(const FetchParams& params, const FetchResults& results) {
  if (!params.is_from_follower() || !cluster_ || cluster_->leader_quota == nullptr) return;
  for (const auto& [request, result] : results) {
    if (cluster_->leader_quota->is_throttled(request.partition))
      cluster_->leader_quota->record(static_cast<int64_t>(result.data.records.size()));
  }
}

void ReplicaManager::complete_delayed_fetch_requests(
    const std::vector<TopicPartition>& partitions) {
  for (const TopicPartition& partition : partitions) fetch_purgatory_.check_and_complete(partition);
}

}  // namespace kafkascope
