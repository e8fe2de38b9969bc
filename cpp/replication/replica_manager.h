// ReplicaManager: all partitions that a broker holds; reads and writes of many at once.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "protocol/messages/leader_and_isr_request.h"
#include "protocol/messages/leader_and_isr_response.h"
#include "protocol/messages/stop_replica_request.h"
#include "protocol/messages/stop_replica_response.h"
#include "protocol/messages/update_metadata_request.h"
#include "purgatory/delayed_operation_purgatory.h"
#include "replication/fetcher/fetcher_manager.h"
#include "replication/partition.h"
#include "replication/replica_alter_log_dirs_thread.h"

namespace kafkascope {

class MetricsRegistry;
class ReplicationQuotaManager;

/// What a broker of a cluster has besides; a broker by itself has none of it.
struct ClusterLinks {
  AlterPartitionManager& alter_partition;
  FetcherManager& fetchers;
  /// The overrides of a topic, for a log that is to be made.
  std::function<ConfigMap(const std::string& topic)> topic_config;
  ReplicationQuotaManager* leader_quota = nullptr;  // none: followers are never throttled
};

/// Kafka's ReplicaManager. Any thread may call. Callbacks run on the thread that completes the
/// request, perhaps before the call returns.
class ReplicaManager : public PartitionListener {
 public:
  ReplicaManager(Node& node, const ReplicationConfig& config, LogManager& logs,
                 MetadataCache& metadata, MetricsRegistry& metrics,
                 const ReplicationDefects& defects = {});
  ~ReplicaManager() override;

  /// Before start(). What it names outlives shutdown().
  void join_cluster(const ClusterLinks& links);
  /// Gives every log the high watermark of the last checkpoint: nobody may write one before.
  void start();
  /// Ends the fetchers and answers nothing more.
  void shutdown();

  // Roles: replica_manager_roles.cpp
  /// STALE_CONTROLLER_EPOCH: an older controller asks; nothing was done. Else one error for each
  /// partition: STALE_CONTROLLER_EPOCH (its leader epoch is not newer), INCONSISTENT_TOPIC_ID,
  /// KAFKA_STORAGE_ERROR, UNKNOWN_TOPIC_OR_PARTITION (this broker is no replica).
  protocol::LeaderAndIsrResponse become_leader_or_follower(
      const protocol::LeaderAndIsrRequest& request, int16_t version);
  /// FENCED_LEADER_EPOCH: the partition has a newer leader epoch than the request.
  protocol::StopReplicaResponse stop_replicas(const protocol::StopReplicaRequest& request);
  /// The partitions that the request deletes. STALE_CONTROLLER_EPOCH as above.
  Result<std::vector<TopicPartition>> maybe_update_metadata_cache(
      const protocol::UpdateMetadataRequest& request);
  /// Makes this broker the partition's leader, with a log of its own when there is none yet; a
  /// partition that is not new must have one. KAFKA_STORAGE_ERROR: the partition is offline. For a
  /// broker by itself, as the next one.
  Error become_leader(const TopicPartition& partition, const PartitionState& state,
                      const ConfigMap& topic_config, const Uuid& topic_id, bool is_new);
  /// Stops serving the partition; its log goes away in the background.
  void stop_and_delete(const TopicPartition& partition);
  int32_t controller_epoch() const;

  // Partitions.
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
  /// The partitions of the directory go offline; whoever waits for them is answered
  /// KAFKA_STORAGE_ERROR. Returns them.
  std::vector<TopicPartition> handle_log_dir_failure(const std::string& log_dir);

  // Records: replica_manager_append.cpp
  /// acks: 0 and 1 answer once the leader has written, -1 when all in sync have.
  void append_records(Duration timeout, int16_t required_acks, AppendOrigin origin,
                      const std::map<TopicPartition, SharedSlice>& entries,
                      ProduceCallback callback);
  /// Answers when the replicas on all live brokers have deleted, or with REQUEST_TIMED_OUT.
  void delete_records(Duration timeout, const std::map<TopicPartition, Offset>& before,
                      DeleteRecordsCallback callback);

  // Fetches: replica_manager_fetch.cpp
  void fetch_messages(const FetchParams& params, std::vector<FetchPartitionRequest> requests,
                      FetchCallback callback);
  /// One pass over the partitions, without waiting: within max_bytes, and at least one batch in
  /// all. `update_fetch_state`: a follower's progress is noted (once a request).
  FetchResults read_from_log(const FetchParams& params,
                             const std::vector<FetchPartitionRequest>& requests,
                             bool update_fetch_state);
  /// A follower that is out of sync and throttled gets nothing of the partition for now. One in
  /// sync is never held down: it would leave the ISR.
  bool should_leader_throttle(const FetchParams& params, const Partition& partition) const;
  /// Counts what throttled partitions give to a follower.
  void record_leader_quota(const FetchParams& params, const FetchResults& results);
  /// A follower's log has grown: answers the consumers that read from it.
  void complete_delayed_fetch_requests(const std::vector<TopicPartition>& partitions);

  // Tasks and news.
  /// "isr-expiration": every replica.lag.time.max.ms / 2.
  void maybe_shrink_isr();
  void checkpoint_high_watermarks() { logs_.checkpoint_high_watermarks(); }
  void on_high_watermark_changed(const TopicPartition& partition) override;
  void on_isr_update(const TopicPartition& partition, IsrUpdate update) override;

  LogManager& log_manager() { return logs_; }
  DelayedOperationPurgatory<TopicPartition>& produce_purgatory() { return produce_purgatory_; }
  DelayedOperationPurgatory<TopicPartition>& fetch_purgatory() { return fetch_purgatory_; }
  DelayedOperationPurgatory<TopicPartition>& delete_records_purgatory() {
    return delete_records_purgatory_;
  }

 private:
  struct RoleChange;  // what a LeaderAndIsr request says of one partition
  struct Stop;        // what a StopReplica request says of one
  using RoleChanges = std::vector<RoleChange>;
  using Errors = std::map<TopicPartition, ErrorCode>;

  // replica_manager_metrics.cpp
  void add_metrics();
  void remove_metrics();
  double count(bool (Partition::*predicate)() const) const;

  // replica_manager_roles.cpp
  static RoleChanges role_changes(const protocol::LeaderAndIsrRequest& request);
  static std::vector<Stop> stops(const protocol::StopReplicaRequest& request);
  std::optional<ErrorCode> settle_without_change(const RoleChange& change);
  /// Null where the partition cannot be had; `errors` then says why.
  std::shared_ptr<Partition> host(const RoleChange& change, Errors& errors);
  void make_leaders(const RoleChanges& changes, Errors& errors) KS_REQUIRES(state_change_mutex_);
  void make_followers(const RoleChanges& changes, Errors& errors) KS_REQUIRES(state_change_mutex_);
  std::optional<BrokerNode> alive_broker(BrokerId id) const;
  Offset initial_fetch_offset(const Log& log) const;
  ErrorCode check_stop(const Stop& stop) const;

  /// The partition, with its log; made where there is none. Throws KafkaStorageException, after
  /// which it is offline, and KafkaException(INCONSISTENT_TOPIC_ID).
  std::shared_ptr<Partition> get_or_create_partition(const TopicPartition& partition,
                                                     const ConfigMap& topic_config,
                                                     const std::optional<Uuid>& topic_id,
                                                     bool is_new);
  std::shared_ptr<Partition> create_partition(const TopicPartition& partition,
                                              const std::shared_ptr<Log>& log);
  void mark_offline(const TopicPartition& partition);
  /// Forgets the partition and deletes its log. False when the log could not be.
  bool drop(const TopicPartition& partition);
  void wake_waiting(const TopicPartition& partition);
  bool maybe_replace_with_future_log(const TopicPartition& partition);
  void start_moving();

  LogAppendInfo append_to_local_log(const TopicPartition& partition, const SharedSlice& records,
                                    AppendOrigin origin, int16_t required_acks);
  void trace_fetch(const FetchParams& params, const FetchPartitionRequest& request,
                   const FetchPartitionResult& result);
  FetchPartitionResult read_partition(const FetchParams& params,
                                      const FetchPartitionRequest& request, int32_t max_bytes,
                                      bool min_one, bool update_fetch_state);
  std::optional<BrokerId> find_preferred_read_replica(const Partition& partition,
                                                      const FetchParams& params,
                                                      Offset fetch_offset) const;

  Node& node_;
  LogManager& logs_;
  MetadataCache& metadata_;
  MetricsRegistry& metrics_;
  PartitionContext context_;
  std::optional<ClusterLinks> cluster_;
  DelayedOperationPurgatory<TopicPartition> produce_purgatory_;
  DelayedOperationPurgatory<TopicPartition> fetch_purgatory_;
  DelayedOperationPurgatory<TopicPartition> delete_records_purgatory_;
  ReplicaAlterLogDirsThread alter_log_dirs_;

  // Lock order: state_change_mutex_, then mutex_.
  mutable Mutex state_change_mutex_;  // one request of the controller at a time
  int32_t controller_epoch_ KS_GUARDED_BY(state_change_mutex_) = kInitialControllerEpoch;
  bool is_shutting_down_ KS_GUARDED_BY(state_change_mutex_) = false;
  mutable SharedMutex mutex_;
  std::map<TopicPartition, std::shared_ptr<Partition>> partitions_ KS_GUARDED_BY(mutex_);
  bool is_moving_ KS_GUARDED_BY(mutex_) = false;
  std::set<TopicPartition> offline_ KS_GUARDED_BY(mutex_);  // their directory failed
};

}  // namespace kafkascope
