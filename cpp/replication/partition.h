// Partition: a partition as its broker sees it: its log, its leader, who is in sync.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "log/log_manager.h"
#include "metadata/metadata_cache.h"
#include "replication/alter_partition_manager.h"
#include "replication/isr.h"
#include "replication/partition_description.h"
#include "replication/produce_types.h"
#include "replication/rack_aware_replica_selector.h"
#include "replication/replication_config.h"
#include "replication/replication_defects.h"

namespace kafkascope {

struct EpochEntry;

/// Told when something happens that a waiting request may have waited for, or that is counted. No
/// lock of the partition is held.
class PartitionListener {
 public:
  enum class IsrUpdate { kExpanded, kShrunk, kFailed };

  virtual ~PartitionListener() = default;
  /// Records, the high watermark or the low watermark have moved.
  virtual void on_high_watermark_changed(const TopicPartition& partition) = 0;
  virtual void on_isr_update(const TopicPartition& partition, IsrUpdate update) = 0;
};

/// What all partitions of a broker work with.
struct PartitionContext {
  Node& node;
  const ReplicationConfig config;
  LogManager& logs;
  const MetadataCache& metadata;
  PartitionListener& listener;
  const ReplicationDefects defects{};
  AlterPartitionManager* alter_partition = nullptr;  // null in a broker by itself
};

/// What a fetch found, and the log's offsets just before.
struct LogReadInfo {
  FetchDataInfo data;
  std::optional<std::pair<LeaderEpoch, Offset>> diverging_epoch;  // then there is no data
  LogOffsetSnapshot offsets;
};

/// Kafka's Partition. Any thread may call. Held by shared_ptr: answers to ISR changes may come
/// late.
class Partition : public std::enable_shared_from_this<Partition> {
 public:
  Partition(PartitionContext& context, TopicPartition topic_partition, std::shared_ptr<Log> log);

  const TopicPartition& topic_partition() const { return topic_partition_; }
  /// It is another one once the partition has moved to another directory.
  std::shared_ptr<Log> log() const;
  /// Calls next() while nobody appends; what it returns is the log from then on, if anything.
  void replace_log(const std::function<std::shared_ptr<Log>(Log& current)>& next);

  // Roles. A state with an older partition epoch than the known one changes nothing.
  /// This broker leads from the epoch on. True when it did not lead before.
  bool make_leader(const PartitionState& state);
  /// True when it must follow anew: the leader epoch has grown.
  bool make_follower(const PartitionState& state);
  /// The broker holds it no more: requests that still do are refused, late answers ignored.
  void mark_deleted();
  bool is_leader() const;
  LeaderEpoch leader_epoch() const;
  PartitionState state() const;

  /// Why a request with this leader epoch (-1: it does not say) may not be served here:
  /// FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH, NOT_LEADER_OR_FOLLOWER; kNone when it may.
  ErrorCode check_leader(LeaderEpoch client_epoch) const;

  // The leader's records.
  /// Appends what a client or coordinator sent. NOT_ENOUGH_REPLICAS with acks=all and too few in
  /// sync.
  LogAppendInfo append_records_to_leader(const SharedSlice& records, AppendOrigin origin,
                                         int16_t required_acks);
  /// Has every in-sync replica what lies before the offset? NOT_ENOUGH_REPLICAS_AFTER_APPEND when
  /// they became too few.
  Result<bool> check_enough_replicas_reach_offset(Offset required) const;
  /// Raises the log start (-1: to the high watermark). POLICY_VIOLATION for a log that is only
  /// compacted, OFFSET_OUT_OF_RANGE above the high watermark.
  Result<DeleteRecordsResult> delete_records_on_leader(Offset before);
  /// The smallest log start of all replicas whose brokers live. NOT_LEADER_OR_FOLLOWER.
  Result<Offset> low_watermark_if_leader() const;

  // Reads: partition_fetch.cpp
  /// `update_fetch_state`: a follower's fetch also says how far it is. A replica that this leader
  /// does not know gets UNKNOWN_LEADER_EPOCH, since it may know more (NOT_LEADER_OR_FOLLOWER when
  /// it does not tell its epoch).
  Result<LogReadInfo> fetch_records(const FetchParams& params, const FetchPartitionRequest& request,
                                    int32_t max_bytes, bool min_one, bool update_fetch_state);
  Result<LogOffsetSnapshot> fetch_offset_snapshot(LeaderEpoch client_epoch,
                                                  bool fetch_only_leader) const;
  /// The largest epoch up to the asked one, and where it ends: {-1, -1} when there is none.
  Result<EpochEntry> last_offset_for_leader_epoch(LeaderEpoch client_epoch, LeaderEpoch epoch,
                                                  bool fetch_only_leader) const;
  /// ListOffsets. Without an isolation (a follower asks) up to the log's end. A leader that has not
  /// yet committed the start of its epoch does not know where the committed part ends:
  /// OFFSET_NOT_AVAILABLE. Nothing found: all -1.
  Result<TimestampAndOffset> fetch_offset_for_timestamp(TimestampMs timestamp,
                                                        std::optional<FetchIsolation> isolation,
                                                        LeaderEpoch client_epoch,
                                                        bool fetch_only_leader) const;
  /// The in-sync replicas that have the offset, the leader first. Empty when it does not lead.
  std::vector<ReplicaView> replica_views(Offset fetch_offset) const;

  // The follower's log.
  /// When the first batch begins before an empty log's start (the leader's start lies inside of
  /// it), the log starts anew at the batch. An error when the offsets do not fit.
  LogAppendInfo append_records_to_follower(const SharedSlice& records);
  void truncate_to(Offset offset);
  void truncate_fully_and_start_at(Offset offset);

  // In-sync replicas: partition_isr.cpp
  /// Proposes an ISR without those that have lagged for longer than replica.lag.time.max.ms.
  void maybe_shrink_isr();
  bool is_under_replicated() const;
  bool is_under_min_isr() const;
  bool is_at_min_isr() const;
  bool is_reassigning() const;
  /// Does the reassignment under way bring this replica?
  bool is_adding_replica(BrokerId id) const;
  std::vector<BrokerId> in_sync_replica_ids() const;
  PartitionDescription describe() const;

 private:
  ErrorCode check(LeaderEpoch client_epoch, bool fetch_only_leader) const
      KS_REQUIRES_SHARED(mutex_);
  bool leads() const KS_REQUIRES_SHARED(mutex_);
  void set_followers(const PartitionState& state, bool is_new_leader, bool is_new_epoch)
      KS_REQUIRES(mutex_);
  Result<LogReadInfo> read(const FetchParams& params, const FetchPartitionRequest& request,
                           int32_t max_bytes, bool min_one) KS_REQUIRES_SHARED(mutex_);
  Error check_replica(const FetchParams& params, const FetchPartitionRequest& request) const
      KS_REQUIRES_SHARED(mutex_);
  ErrorCode update_follower_fetch_state(BrokerId id, const FollowerFetch& fetch);

  size_t effective_min_isr() const KS_REQUIRES_SHARED(mutex_);
  LogOffsetMetadata next_high_watermark_locked() const KS_REQUIRES_SHARED(mutex_);
  bool maybe_increment_leader_high_watermark() KS_REQUIRES_SHARED(mutex_);
  bool may_join(BrokerId id) const;
  bool needs_expand_isr(BrokerId id) const KS_REQUIRES_SHARED(mutex_);
  void maybe_expand_isr(BrokerId id);
  std::vector<BrokerId> find_out_of_sync() const KS_REQUIRES_SHARED(mutex_);
  PendingIsrChange propose(std::vector<BrokerId> isr, bool expands) KS_REQUIRES(mutex_);
  void submit(const PendingIsrChange& change);
  void on_answer(const PendingIsrChange& change, const Result<LeaderAndIsr>& answer);
  bool accept(const LeaderAndIsr& state) KS_REQUIRES(mutex_);
  Offset low_watermark() const KS_REQUIRES_SHARED(mutex_);
  void describe_followers(PartitionDescription& description) const KS_REQUIRES_SHARED(mutex_);

  PartitionContext& context_;
  Node& node_;
  const BrokerId local_broker_;
  const TopicPartition topic_partition_;

  // Lock order: mutex_, then replicas_mutex_ (held for a moment only).
  mutable SharedMutex mutex_;  // leadership, ISR and log may not change during an append
  std::shared_ptr<Log> log_ KS_GUARDED_BY(mutex_);
  PartitionState state_ KS_GUARDED_BY(mutex_);  // with the committed ISR; a follower knows none
  std::optional<PendingIsrChange> pending_ KS_GUARDED_BY(mutex_);
  std::optional<Offset> leader_epoch_start_offset_ KS_GUARDED_BY(mutex_);
  mutable Mutex replicas_mutex_;
  Replicas followers_ KS_GUARDED_BY(replicas_mutex_);  // empty unless this broker leads
};

}  // namespace kafkascope
