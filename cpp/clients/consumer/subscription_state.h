// SubscriptionState: which partitions a consumer reads, and how far it is in each.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "clients/cluster.h"
#include "clients/consumer/consumer_config.h"
#include "clients/consumer/consumer_descriptions.h"
#include "common/types.h"
#include "runtime/threads.h"

namespace kafkascope {

/// The next offset to read, the epoch of the record before it, and who led when it was set
/// (KIP-320).
struct FetchPosition {
  Offset offset = 0;
  LeaderEpoch offset_epoch = kNoLeaderEpoch;
  BrokerId leader = -1;
  LeaderEpoch leader_epoch = kNoLeaderEpoch;

  bool operator==(const FetchPosition&) const = default;
};

/// kInitializing: no position yet. kAwaitReset: the reset strategy decides it. kAwaitValidation:
/// the leader changed and must first say whether the log still holds the position. kFetching: all
/// is well.
enum class FetchState { kInitializing, kFetching, kAwaitReset, kAwaitValidation };

/// A position that the new leader's log does not hold: records before it were lost (unclean
/// election).
struct LogTruncation {
  TopicPartition topic_partition;
  FetchPosition position;
  std::optional<FetchPosition> diverging_offset;
};

/// Kafka's SubscriptionState. Any thread may call; positions of partitions that are not assigned
/// are ignored.
class SubscriptionState {
 public:
  enum class Type { kNone, kUserAssigned, kTopics };

  SubscriptionState(Node& node, OffsetResetStrategy default_strategy);

  // What is read.
  void assign_from_user(const std::set<TopicPartition>& partitions);
  void subscribe(const std::set<std::string>& topics);
  /// The partitions of subscribed topics: by the cluster (no group), later by a group's assignment.
  void assign_from_subscribed(const std::set<TopicPartition>& partitions);
  void unsubscribe();
  Type type() const;
  std::set<std::string> subscription() const;
  std::set<std::string> topics_to_fetch() const;
  std::set<TopicPartition> assigned_partitions() const;
  bool is_assigned(const TopicPartition& tp) const;

  // Positions.
  void seek(const TopicPartition& tp, const FetchPosition& position);
  void seek_validated(const TopicPartition& tp, const FetchPosition& position);
  std::optional<FetchPosition> position(const TopicPartition& tp) const;
  /// Moves on after records were returned. False: no longer where `expected` says (a seek came
  /// between).
  bool advance(const TopicPartition& tp, Offset expected, const FetchPosition& next);
  void request_offset_reset(const TopicPartition& tp,
                            std::optional<OffsetResetStrategy> strategy = {});
  bool has_default_reset_strategy() const {
    return default_strategy_ != OffsetResetStrategy::kNone;
  }
  /// Those without position get the default strategy. Throws KafkaException when there is none.
  void reset_initializing_positions();
  bool has_all_fetch_positions() const;
  /// Partitions to reset now, with their strategies; those in backoff are left out.
  std::map<TopicPartition, OffsetResetStrategy> partitions_needing_reset(Instant now) const;
  /// Only when still awaiting a reset with this strategy. False otherwise.
  bool complete_reset(const TopicPartition& tp, OffsetResetStrategy strategy,
                      const FetchPosition& position);
  void set_next_allowed_retry(const std::vector<TopicPartition>& partitions, Instant when);
  /// When the earliest of the partitions in backoff may go on; kForever when none waits.
  Instant next_retry() const;

  // Validation after a leader change.
  /// Compares with the leader that the cluster names; true when the position must be validated
  /// first.
  bool maybe_validate_position(const TopicPartition& tp, BrokerId leader, LeaderEpoch leader_epoch,
                               bool can_validate);
  std::map<TopicPartition, FetchPosition> partitions_needing_validation(Instant now) const;
  std::optional<LogTruncation> complete_validation(const TopicPartition& tp,
                                                   const FetchPosition& validated,
                                                   LeaderEpoch end_epoch, Offset end_offset);

  // Fetching.
  void pause(const TopicPartition& tp);
  void resume(const TopicPartition& tp);
  bool is_paused(const TopicPartition& tp) const;
  std::set<TopicPartition> paused_partitions() const;
  bool is_fetchable(const TopicPartition& tp) const;
  std::vector<std::pair<TopicPartition, FetchPosition>> fetchable_partitions() const;
  void update_offsets(const TopicPartition& tp, Offset high_watermark, Offset last_stable,
                      Offset log_start);
  std::optional<int64_t> lag(const TopicPartition& tp, IsolationLevel isolation) const;
  std::optional<Offset> high_watermark(const TopicPartition& tp) const;
  void set_preferred_read_replica(const TopicPartition& tp, BrokerId replica, Instant expires);
  std::optional<BrokerId> preferred_read_replica(const TopicPartition& tp, Instant now) const;
  void clear_preferred_read_replica(const TopicPartition& tp);

  /// Changes with every new assignment.
  int64_t assignment_id() const;
  void describe(ConsumerDescription& into) const;

 private:
  struct PartitionState {
    FetchState state = FetchState::kInitializing;
    std::optional<FetchPosition> position;
    OffsetResetStrategy reset_strategy = OffsetResetStrategy::kNone;
    Instant retry_at{};
    bool paused = false;
    Offset high_watermark = -1;
    Offset last_stable_offset = -1;
    Offset log_start_offset = -1;
    BrokerId preferred_replica = -1;
    Instant preferred_replica_expires{};
  };
  PartitionState* find(const TopicPartition& tp) KS_REQUIRES(mutex_);
  const PartitionState* find(const TopicPartition& tp) const KS_REQUIRES(mutex_);
  void replace_assignment(const std::set<TopicPartition>& partitions) KS_REQUIRES(mutex_);
  void set_type(Type type) KS_REQUIRES(mutex_);

  Node& node_;
  const OffsetResetStrategy default_strategy_;
  mutable Mutex mutex_;
  Type type_ KS_GUARDED_BY(mutex_) = Type::kNone;
  std::set<std::string> subscription_ KS_GUARDED_BY(mutex_);
  std::map<TopicPartition, PartitionState> assignment_ KS_GUARDED_BY(mutex_);
  int64_t assignment_id_ KS_GUARDED_BY(mutex_) = 0;
};

}  // namespace kafkascope
