// ReplicaManager: all partitions that a broker holds; reads and writes of many at once.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "log/log_manager.h"
#include "metadata/metadata_cache.h"
#include "purgatory/delayed_operation_purgatory.h"
#include "replication/partition.h"
#include "replication/produce_types.h"
#include "replication/replica_alter_log_dirs_thread.h"

namespace kafkascope {

class MetricsRegistry;

/// Kafka's ReplicaManager. Any thread may call. Callbacks run on the thread that completes the
/// request, perhaps before the call returns.
class ReplicaManager : public PartitionListener {
 public:
  ReplicaManager(Node& node, BrokerId local_broker, LogManager& logs, MetricsRegistry& metrics);
  ~ReplicaManager() override;

  void start();
  /// Answers nothing more; writes the high watermark checkpoint.
  void shutdown();

  /// Makes this broker the partition's leader, with a log of its own when there is none yet; a
  /// partition that is not new must have one. KAFKA_STORAGE_ERROR: the partition is offline.
  Error become_leader(const TopicPartition& partition, const PartitionState& state,
                      const ConfigMap& topic_config, const Uuid& topic_id, bool is_new);
  /// Stops serving the partition; its log goes away in the background.
  void stop_and_delete(const TopicPartition& partition);
  /// Begins to move the partition's log to another of the broker's log directories; a move that is
  /// under way to elsewhere is given up. Throws KafkaException: LOG_DIR_NOT_FOUND,
  /// KAFKA_STORAGE_ERROR, REPLICA_NOT_AVAILABLE (no such partition here).
  void alter_replica_log_dir(const TopicPartition& partition, const std::string& log_dir);
  /// Null when the broker does not hold it, or not in a directory that is online.
  std::shared_ptr<Partition> find_partition(const TopicPartition& partition) const;
  /// UNKNOWN_TOPIC_OR_PARTITION when the broker does not hold it, KAFKA_STORAGE_ERROR when it is
  /// offline.
  Result<std::shared_ptr<Partition>> get_partition_or_error(const TopicPartition& partition) const;
  std::vector<std::shared_ptr<Partition>> partitions() const;

  /// acks: 0 and 1 answer once the leader has written, -1 when all in sync have.
  void append_records(Duration timeout, int16_t required_acks, AppendOrigin origin,
                      const std::map<TopicPartition, SharedSlice>& entries,
                      ProduceCallback callback);
  void fetch_messages(const FetchParams& params, std::vector<FetchPartitionRequest> requests,
                      FetchCallback callback);
  /// One pass over the partitions, without waiting: within max_bytes, and at least one batch in
  /// all.
  FetchResults read_from_log(const FetchParams& params,
                             const std::vector<FetchPartitionRequest>& requests);

  /// The partitions of the directory go offline; whoever waits for them is answered
  /// KAFKA_STORAGE_ERROR. Returns them.
  std::vector<TopicPartition> handle_log_dir_failure(const std::string& log_dir);

  void on_high_watermark_changed(const TopicPartition& partition) override;
  void checkpoint_high_watermarks() { logs_.checkpoint_high_watermarks(); }

  LogManager& log_manager() { return logs_; }
  DelayedOperationPurgatory<TopicPartition>& produce_purgatory() { return produce_purgatory_; }
  DelayedOperationPurgatory<TopicPartition>& fetch_purgatory() { return fetch_purgatory_; }

 private:
  LogAppendInfo append_to_local_log(const TopicPartition& partition, const SharedSlice& records,
                                    AppendOrigin origin, int16_t required_acks);
  void wake_waiting(const TopicPartition& partition);
  bool maybe_replace_with_future_log(const TopicPartition& partition);
  void start_moving();
  void trace_fetch(const FetchPartitionRequest& request, const FetchPartitionResult& result);
  FetchPartitionResult read_partition(const FetchParams& params,
                                      const FetchPartitionRequest& request, int32_t max_bytes,
                                      bool min_one);

  Node& node_;
  const BrokerId local_broker_;
  LogManager& logs_;
  MetricsRegistry& metrics_;
  DelayedOperationPurgatory<TopicPartition> produce_purgatory_;
  DelayedOperationPurgatory<TopicPartition> fetch_purgatory_;
  ReplicaAlterLogDirsThread alter_log_dirs_;
  mutable SharedMutex mutex_;
  std::map<TopicPartition, std::shared_ptr<Partition>> partitions_ KS_GUARDED_BY(mutex_);
  bool is_moving_ KS_GUARDED_BY(mutex_) = false;
  std::set<TopicPartition> offline_ KS_GUARDED_BY(mutex_);  // their directory failed
};

}  // namespace kafkascope
