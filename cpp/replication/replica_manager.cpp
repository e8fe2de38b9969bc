#include "replication/replica_manager.h"

#include <fmt/core.h>

#include <algorithm>

#include "common/logging.h"
#include "common/text.h"
#include "replication/partition_metrics.h"

namespace kafkascope {

ReplicaManager::ReplicaManager(Node& node, const ReplicationConfig& config, LogManager& logs,
                               MetadataCache& metadata, MetricsRegistry& metrics,
                               const ReplicationDefects& defects)
    : node_(node),
      logs_(logs),
      metadata_(metadata),
      metrics_(metrics),
      context_{node, config, logs, metadata, *this, defects},
      produce_purgatory_(node, "Produce", &metrics),
      fetch_purgatory_(node, "Fetch", &metrics),
      delete_records_purgatory_(node, "DeleteRecords", &metrics),
      alter_log_dirs_(node, logs,
                      [this](const TopicPartition& p) { return maybe_replace_with_future_log(p); }),
      state_change_mutex_(node, "replica state changes"),
      mutex_(node, "replica manager") {
  add_metrics();
}

ReplicaManager::~ReplicaManager() {
  remove_metrics();
  for (const auto& [name, partition] : partitions_) remove_partition_metrics(metrics_, name);
}

void ReplicaManager::join_cluster(const ClusterLinks& links) {
  cluster_.emplace(links);
  context_.alter_partition = &links.alter_partition;
}

void ReplicaManager::start() {
  for (const auto& [partition, high_watermark] : logs_.read_high_watermarks()) {
    if (const auto log = logs_.get_log(partition)) log->update_high_watermark(high_watermark);
  }
  produce_purgatory_.start();
  fetch_purgatory_.start();
  delete_records_purgatory_.start();
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
  {
    Lock lock(state_change_mutex_);
    is_shutting_down_ = true;
  }
  if (cluster_) cluster_->fetchers.shutdown();
  alter_log_dirs_.shutdown();
  produce_purgatory_.shutdown();
  fetch_purgatory_.shutdown();
  delete_records_purgatory_.shutdown();
}

std::shared_ptr<Partition> ReplicaManager::get_or_create_partition(
    const TopicPartition& name, const ConfigMap& topic_config, const std::optional<Uuid>& topic_id,
    bool is_new) {
  if (auto there = find_partition(name)) return there;
  try {
    return create_partition(name, logs_.get_or_create_log(name, topic_config, topic_id, is_new));
  } catch (const KafkaStorageException& e) {
    KS_LOG(kError, node_.name(), "{} is offline: {}", name.to_string(), e.what());
    mark_offline(name);
    throw;
  }
}

std::shared_ptr<Partition> ReplicaManager::create_partition(const TopicPartition& name,
                                                            const std::shared_ptr<Log>& log) {
  const auto partition = std::make_shared<Partition>(context_, name, log);
  {
    WriteLock lock(mutex_);
    // A failure is handled under this lock: before, and it is known here, or after, and finds us.
    if (!logs_.is_log_dir_online(log->parent_dir())) {
      throw KafkaStorageException(log->parent_dir() + " went offline meanwhile");
    }
    partitions_[name] = partition;
    offline_.erase(name);
  }
  add_partition_metrics(metrics_, partition);
  return partition;
}

void ReplicaManager::mark_offline(const TopicPartition& partition) {
  WriteLock lock(mutex_);
  partitions_.erase(partition);
  offline_.insert(partition);
}

bool ReplicaManager::drop(const TopicPartition& name) {
  const auto partition = find_partition(name);
  {
    WriteLock lock(mutex_);
    partitions_.erase(name);
    offline_.erase(name);
  }
  if (partition) partition->mark_deleted();
  remove_partition_metrics(metrics_, name);
  bool deleted = true;
  try {
    logs_.async_delete(name);
  } catch (const KafkaStorageException& e) {
    KS_LOG(kError, node_.name(), "deleting {}: {}", name.to_string(), e.what());
    deleted = false;
  }
  wake_waiting(name);  // that it is gone
  return deleted;
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
  Lock state_change(state_change_mutex_);
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
  if (cluster_) cluster_->fetchers.remove_fetcher_for_partitions({lost.begin(), lost.end()});
  for (const TopicPartition& name : lost) {
    remove_partition_metrics(metrics_, name);
    wake_waiting(name);
  }
  return lost;
}

void ReplicaManager::wake_waiting(const TopicPartition& partition) {
  produce_purgatory_.check_and_complete(partition);
  fetch_purgatory_.check_and_complete(partition);
  delete_records_purgatory_.check_and_complete(partition);
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

void ReplicaManager::on_high_watermark_changed(const TopicPartition& partition) {
  wake_waiting(partition);
}

void ReplicaManager::maybe_shrink_isr() {
  for (const auto& partition : partitions()) partition->maybe_shrink_isr();
}

}  // namespace kafkascope
