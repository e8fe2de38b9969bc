// Partition: a partition as its broker sees it: its log, its leader, who is in sync.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "log/log.h"
#include "metadata/cluster_metadata.h"
#include "runtime/threads.h"

namespace kafkascope {

/// Told when something happens that a waiting request may have waited for.
class PartitionListener {
 public:
  virtual ~PartitionListener() = default;
  virtual void on_high_watermark_changed(const TopicPartition& partition) = 0;
};

/// What a picture of a partition shows.
struct PartitionDescription {
  TopicPartition topic_partition;
  PartitionState state;
  bool is_leader = false;
  Offset log_start_offset = 0;
  Offset high_watermark = 0;
  Offset log_end_offset = 0;
};

/// Kafka's Partition. Any thread may call.
class Partition {
 public:
  Partition(Node& node, TopicPartition topic_partition, BrokerId local_broker,
            std::shared_ptr<Log> log, PartitionListener& listener);

  const TopicPartition& topic_partition() const { return topic_partition_; }
  /// It is another one once the partition has moved to another directory.
  std::shared_ptr<Log> log() const;
  /// Calls next() while nobody appends; what it returns is the log from then on, if anything.
  void replace_log(const std::function<std::shared_ptr<Log>(Log& current)>& next);

  /// This broker leads from the epoch on. Ignored for an older epoch than the one known.
  void make_leader(const PartitionState& state);
  bool is_leader() const;
  LeaderEpoch leader_epoch() const;

  /// Why a request with this leader epoch (-1: it does not say) may not be served here:
  /// NOT_LEADER_OR_FOLLOWER, FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH; kNone when it may.
  ErrorCode check_leader(LeaderEpoch client_epoch) const;

  /// Appends what a client or coordinator sent. NOT_ENOUGH_REPLICAS with acks=all and too few in
  /// sync.
  LogAppendInfo append_records_to_leader(const SharedSlice& records, AppendOrigin origin,
                                         int16_t required_acks);
  Result<FetchDataInfo> fetch_records(Offset offset, int32_t max_bytes, FetchIsolation isolation,
                                      bool min_one);
  /// Has every in-sync replica what lies before the offset? NOT_ENOUGH_REPLICAS_AFTER_APPEND when
  /// they became too few.
  Result<bool> check_enough_replicas_reach_offset(Offset required) const;
  Result<Offset> delete_records(Offset before);
  PartitionDescription describe() const;

 private:
  bool maybe_increment_leader_high_watermark();

  Node& node_;
  const TopicPartition topic_partition_;
  const BrokerId local_broker_;
  PartitionListener& listener_;
  mutable SharedMutex mutex_;  // leadership and log may not change during an append
  std::shared_ptr<Log> log_ KS_GUARDED_BY(mutex_);
  PartitionState state_ KS_GUARDED_BY(mutex_);
};

}  // namespace kafkascope
