#include "replication/replica_manager.h"

#include <fmt/core.h>

#include <algorithm>

#include "common/logging.h"
#include "common/text.h"
#include "log/epoch/epoch_entry.h"
#include "replication/delayed_fetch.h"
#include "replication/delayed_produce.h"
#include "replication/log_metrics.h"
#include "runtime/metrics/metrics_registry.h"

namespace kafkascope {
namespace {

MetricName gauge_name(const char* name) { return {"kafka.server", "ReplicaManager", name, {}}; }
const MetricName kOfflineDirs{"kafka.log", "LogManager", "OfflineLogDirectoryCount", {}};
MetricName offline_dir(const std::string& dir) {
  return {"kafka.log", "LogManager", "LogDirectoryOffline", {{"logDirectory", dir}}};
}

}  // namespace

ReplicaManager::ReplicaManager(Node& node, BrokerId local_broker, LogManager& logs,
                               MetricsRegistry& metrics)
    : node_(node),
      local_broker_(local_broker),
      logs_(logs),
      metrics_(metrics),
      produce_purgatory_(node, "Produce", &metrics),
      fetch_purgatory_(node, "Fetch", &metrics),
      alter_log_dirs_(node, logs,
                      [this](const TopicPartition& p) { return maybe_replace_with_future_log(p); }),
      mutex_(node, "replica manager") {
  const auto count = [this] { return static_cast<double>(partitions().size()); };
  metrics_.gauge(gauge_name("PartitionCount"), count);
  metrics_.gauge(gauge_name("LeaderCount"), count);
  metrics_.gauge(gauge_name("OfflineReplicaCount"), [this] {
    ReadLock lock(mutex_);
    return static_cast<double>(offline_.size());
  });
  metrics_.gauge(kOfflineDirs, [this] {
    return static_cast<double>(logs_.log_dirs().size() - logs_.live_log_dirs().size());
  });
  for (const std::string& dir : logs_.log_dirs()) {
    metrics_.gauge(offline_dir(dir), [this, dir] { return logs_.is_log_dir_online(dir) ? 0 : 1; });
  }
}

ReplicaManager::~ReplicaManager() {
  for (const char* name : {"PartitionCount", "LeaderCount", "OfflineReplicaCount"})
    metrics_.remove(gauge_name(name));
  metrics_.remove(kOfflineDirs);
  for (const auto& [name, partition] : partitions_) remove_log_metrics(metrics_, name);
  for (const std::string& dir : logs_.log_dirs()) metrics_.remove(offline_dir(dir));
}

void ReplicaManager::start() {
  produce_purgatory_.start();
  fetch_purgatory_.start();
  if (!logs_.future_logs().empty()) start_moving();
}

/// The thread is there from the first move on: most brokers never have one.
void ReplicaManager::start_moving() {
  {
    WriteLock lock(mutex_);
    if (std::exchange(is_moving_, true)) return alter_log_dirs_.wake();
  }
  alter_log_dirs_.start();
}

void ReplicaManager::shutdown() {
  alter_log_dirs_.shutdown();
  produce_purgatory_.shutdown();
  fetch_purgatory_.shutdown();
}

Error ReplicaManager::become_leader(const TopicPartition& topic_partition,
                                    const PartitionState& state, const ConfigMap& topic_config,
                                    const Uuid& topic_id, bool is_new) {
  try {
    std::shared_ptr<Partition> partition = find_partition(topic_partition);
    bool is_new_here = false;
    if (partition == nullptr) {
      const std::shared_ptr<Log> log =
          logs_.get_or_create_log(topic_partition, topic_config, topic_id, is_new);
      partition = std::make_shared<Partition>(node_, topic_partition, local_broker_, log, *this);
      WriteLock lock(mutex_);
      // A failure is handled under this lock: before, and it is known here, or after, and finds us.
      if (!logs_.is_log_dir_online(log->parent_dir())) {
        throw KafkaStorageException(log->parent_dir() + " went offline meanwhile");
      }
      partitions_[topic_partition] = partition;
      offline_.erase(topic_partition);
      is_new_here = true;
    }
    if (is_new_here) add_log_metrics(metrics_, partition);
    partition->make_leader(state);
    return {ErrorCode::kNone, {}};
  } catch (const KafkaStorageException& e) {
    KS_LOG(kError, node_.name(), "{} is offline: {}", topic_partition.to_string(), e.what());
    WriteLock lock(mutex_);
    partitions_.erase(topic_partition);
    offline_.insert(topic_partition);
    return {e.code(), e.what()};
  }
}

void ReplicaManager::stop_and_delete(const TopicPartition& partition) {
  {
    WriteLock lock(mutex_);
    partitions_.erase(partition);
    offline_.erase(partition);
  }
  remove_log_metrics(metrics_, partition);
  try {
    logs_.async_delete(partition);
  } catch (const KafkaStorageException& e) {
    KS_LOG(kError, node_.name(), "deleting {}: {}", partition.to_string(), e.what());
  }
  wake_waiting(partition);  // that it is gone
}

void ReplicaManager::alter_replica_log_dir(const TopicPartition& topic_partition,
                                           const std::string& log_dir) {
  const auto& dirs = logs_.log_dirs();
  if (std::find(dirs.begin(), dirs.end(), log_dir) == dirs.end()) {
    throw KafkaException(ErrorCode::kLogDirNotFound,
                         log_dir + " is none of log.dirs: " + join(dirs, ", "));
  }
  if (!logs_.is_log_dir_online(log_dir)) throw KafkaStorageException(log_dir + " is offline");
  const auto partition = get_partition_or_error(topic_partition);
  if (!partition.ok()) {
    const bool offline = partition.code() == ErrorCode::kKafkaStorageError;
    throw KafkaException(offline ? partition.code() : ErrorCode::kReplicaNotAvailable,
                         topic_partition.to_string() + " is not here");
  }
  const auto future = logs_.get_future_log(topic_partition);
  if (future && future->parent_dir() != log_dir) logs_.remove_future_log(topic_partition);
  if ((*partition)->log()->parent_dir() == log_dir) return;
  (void)logs_.create_future_log(topic_partition, log_dir);
  start_moving();
}

bool ReplicaManager::maybe_replace_with_future_log(const TopicPartition& topic_partition) {
  const auto partition = find_partition(topic_partition);
  if (partition == nullptr) return false;
  bool replaced = false;
  partition->replace_log([&](Log& current) -> std::shared_ptr<Log> {
    const auto future = logs_.get_future_log(topic_partition);
    if (!future || future->log_end_offset() != current.log_end_offset()) return nullptr;
    auto log = logs_.replace_current_with_future_log(topic_partition);
    replaced = log != nullptr;
    return log;
  });
  return replaced;
}

std::vector<TopicPartition> ReplicaManager::handle_log_dir_failure(const std::string& log_dir) {
  logs_.handle_log_dir_failure(log_dir);
  std::vector<TopicPartition> lost;
  {
    WriteLock lock(mutex_);
    for (const auto& [name, partition] : partitions_) {
      if (partition->log()->parent_dir() == log_dir) lost.push_back(name);
    }
    for (const TopicPartition& name : lost) {
      partitions_.erase(name);
      offline_.insert(name);
    }
  }
  KS_LOG(kError, node_.name(), "{} partitions are offline with log directory {}", lost.size(),
         log_dir);
  for (const TopicPartition& name : lost) {
    remove_log_metrics(metrics_, name);
    wake_waiting(name);
  }
  return lost;
}

void ReplicaManager::wake_waiting(const TopicPartition& partition) {
  produce_purgatory_.check_and_complete(partition);
  fetch_purgatory_.check_and_complete(partition);
}

std::shared_ptr<Partition> ReplicaManager::find_partition(const TopicPartition& partition) const {
  ReadLock lock(mutex_);
  const auto found = partitions_.find(partition);
  return found == partitions_.end() ? nullptr : found->second;
}

Result<std::shared_ptr<Partition>> ReplicaManager::get_partition_or_error(
    const TopicPartition& partition) const {
  ReadLock lock(mutex_);
  const auto found = partitions_.find(partition);
  if (found != partitions_.end()) return found->second;
  if (!offline_.contains(partition)) return {ErrorCode::kUnknownTopicOrPartition, {}};
  return {ErrorCode::kKafkaStorageError,
          fmt::format("{} is in a log directory that is offline", partition.to_string())};
}

std::vector<std::shared_ptr<Partition>> ReplicaManager::partitions() const {
  ReadLock lock(mutex_);
  std::vector<std::shared_ptr<Partition>> all;
  for (const auto& [name, partition] : partitions_) all.push_back(partition);
  return all;
}

void ReplicaManager::append_records(Duration timeout, int16_t required_acks, AppendOrigin origin,
                                    const std::map<TopicPartition, SharedSlice>& entries,
                                    ProduceCallback callback) {
  ProduceResults results;
  bool must_wait = false;
  for (const auto& [partition, records] : entries) {
    LogAppendInfo info = append_to_local_log(partition, records, origin, required_acks);
    must_wait |= required_acks == -1 && info.ok();
    results[partition] = std::move(info);
  }
  if (!must_wait) return callback(std::move(results));
  std::vector<TopicPartition> keys;
  for (const auto& [partition, info] : results) keys.push_back(partition);
  produce_purgatory_.try_complete_else_watch(
      std::make_shared<DelayedProduce>(timeout, *this, std::move(results), std::move(callback)),
      keys);
}

LogAppendInfo ReplicaManager::append_to_local_log(const TopicPartition& topic_partition,
                                                  const SharedSlice& records, AppendOrigin origin,
                                                  int16_t required_acks) {
  LogAppendInfo info;
  if (origin == AppendOrigin::kClient && is_internal_topic(topic_partition.topic)) {
    info.error = ErrorCode::kInvalidTopicException;
    info.error_message = fmt::format("Cannot append to internal topic {}", topic_partition.topic);
    return info;
  }
  const auto partition = get_partition_or_error(topic_partition);
  if (!partition.ok()) {
    info.error = partition.error().code;
    info.error_message = partition.error().message;
    return info;
  }
  try {
    return (*partition)->append_records_to_leader(records, origin, required_acks);
  } catch (const KafkaException& e) {
    info.error = e.code();
    info.error_message = e.what();
    return info;
  }
}

void ReplicaManager::fetch_messages(const FetchParams& params,
                                    std::vector<FetchPartitionRequest> requests,
                                    FetchCallback callback) {
  FetchResults results = read_from_log(params, requests);
  int64_t bytes = 0;
  bool answer_now = params.max_wait <= Duration::zero() || requests.empty();
  for (const auto& [request, result] : results) {
    bytes += static_cast<int64_t>(result.data.records.size());
    answer_now |= result.error != ErrorCode::kNone || result.diverging_epoch.has_value();
  }
  if (answer_now || bytes >= params.min_bytes) return callback(std::move(results));
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
                                           const std::vector<FetchPartitionRequest>& requests) {
  FetchResults results;
  results.reserve(requests.size());
  int32_t left = params.max_bytes;
  bool min_one = true;
  for (const FetchPartitionRequest& request : requests) {
    FetchPartitionResult result =
        read_partition(params, request, std::min(left, request.max_bytes), min_one);
    const auto size = static_cast<int32_t>(result.data.records.size());
    if (size > 0) min_one = false;
    left = std::max(0, left - size);
    results.emplace_back(request, std::move(result));
  }
  return results;
}

void ReplicaManager::trace_fetch(const FetchPartitionRequest& request,
                                 const FetchPartitionResult& result) {
  if (result.data.records.size() == 0) return;
  const LogOffsetMetadata& from = result.data.fetch_offset_metadata;
  KS_TRACE(node_, "RecordsFetched", {"partition", request.partition.to_string()},
           {"offset", request.fetch_offset}, {"segment", from.segment_base_offset},
           {"position", int64_t{from.relative_position_in_segment}},
           {"bytes", static_cast<int64_t>(result.data.records.size())},
           {"high_watermark", result.high_watermark});
}

FetchPartitionResult ReplicaManager::read_partition(const FetchParams& params,
                                                    const FetchPartitionRequest& request,
                                                    int32_t max_bytes, bool min_one) {
  FetchPartitionResult result;
  const auto found = get_partition_or_error(request.partition);
  result.error =
      found.ok() ? (*found)->check_leader(request.current_leader_epoch) : found.error().code;
  if (result.error != ErrorCode::kNone) return result;
  const std::shared_ptr<Partition>& partition = *found;
  try {
    const LogOffsetSnapshot offsets = partition->log()->offset_snapshot();
    result.high_watermark = offsets.high_watermark.message_offset;
    result.last_stable_offset = offsets.last_stable_offset.message_offset;
    result.log_start_offset = offsets.log_start_offset;
    if (request.last_fetched_epoch != kNoLeaderEpoch) {
      const std::optional<EpochEntry> end =
          partition->log()->end_offset_for_epoch(request.last_fetched_epoch);
      if (end &&
          (end->epoch < request.last_fetched_epoch || end->start_offset < request.fetch_offset)) {
        result.diverging_epoch = {end->epoch, end->start_offset};
        return result;
      }
    }
    Result<FetchDataInfo> data =
        partition->fetch_records(request.fetch_offset, max_bytes, params.isolation, min_one);
    if (!data.ok()) {
      result.error = data.error().code;
    } else {
      result.data = std::move(*data);
      trace_fetch(request, result);
    }
  } catch (const KafkaException& e) {
    KS_LOG(kWarn, node_.name(), "fetch of {}: {}", request.partition.to_string(), e.what());
    result.error = e.code();
  }
  return result;
}

void ReplicaManager::on_high_watermark_changed(const TopicPartition& partition) {
  wake_waiting(partition);
}

}  // namespace kafkascope
