// ReplicaFetcherThread: follows one leader for some of the partitions that it leads.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <vector>

#include "metadata/metadata_version.h"
#include "replication/fetcher/failed_partitions.h"
#include "replication/fetcher/fetcher_defects.h"
#include "replication/fetcher/fetcher_description.h"
#include "replication/fetcher/fetcher_manager.h"
#include "replication/fetcher/fetcher_metrics.h"
#include "replication/fetcher/follower_logs.h"
#include "replication/fetcher/leader_end_point.h"
#include "replication/fetcher/offset_truncation.h"
#include "replication/fetcher/partition_fetch_state.h"
#include "runtime/worker.h"

namespace kafkascope {

class ReplicationQuotaManager;

/// Kafka's AbstractFetcherThread and ReplicaFetcherThread: what differs between leaders is behind
/// LeaderEndPoint, what differs between logs behind FollowerLogs. One do_work cuts the logs that
/// must be cut, then makes one fetch round. The lock is held while a log is changed, never while
/// the leader is asked: an answer is dropped when the partition is not what it was.
class ReplicaFetcherThread : public Worker {
 public:
  /// What all fetcher threads of a broker share. The references outlive them.
  struct Shared {
    FollowerLogs& logs;
    ReplicationQuotaManager& quota;
    FailedPartitions& failed;
    MetricsRegistry& metrics;
    ProtocolFeatures protocol;
    int32_t fetch_max_bytes;  // of one partition
    Duration backoff;         // replica.fetch.backoff.ms
    FetcherDefects defects;
  };

  ReplicaFetcherThread(Node& node, std::string name, std::unique_ptr<LeaderEndPoint> leader,
                       const Shared& shared);

  /// A partition that is followed already in this leader epoch goes on as it is.
  void add_partitions(const std::map<TopicPartition, InitialFetchState>& partitions);
  /// Those that were followed. Once it returns their logs are left alone.
  std::map<TopicPartition, PartitionFetchState> remove_partitions(
      const std::set<TopicPartition>& partitions);
  std::map<TopicPartition, PartitionFetchState> partitions() const;
  const BrokerNode& leader() const { return leader_->broker(); }
  FetcherMetrics& metrics() { return metrics_; }
  FetcherThreadDescription describe() const;

  void do_work() override;

 protected:
  void wakeup() override;
  void on_stopped() override { leader_->close(); }

 private:
  using Answers = std::map<TopicPartition, FetchedPartition>;
  PartitionFetchState initial_state(const TopicPartition& tp, const InitialFetchState& initial)
      KS_REQUIRES(mutex_);
  std::string state_name(const PartitionFetchState& state) const;

  // replica_fetcher_truncation.cpp
  void maybe_truncate();
  std::map<TopicPartition, EpochQuery> truncating_partitions() KS_REQUIRES(mutex_);
  void truncate_to_epoch_end(const TopicPartition& tp, PartitionFetchState& state,
                             const EpochEndOffset& leader) KS_REQUIRES(mutex_);
  void truncate(const TopicPartition& tp, PartitionFetchState& state,
                const OffsetTruncation& truncation) KS_REQUIRES(mutex_);
  void handle_out_of_range(const TopicPartition& tp, LeaderEpoch epoch);
  void reset_offset(const TopicPartition& tp, PartitionFetchState& state, Offset leader_start,
                    Offset leader_end) KS_REQUIRES(mutex_);

  // replica_fetcher_fetch.cpp
  void maybe_fetch();
  FetchPartitions partitions_to_fetch();
  FetchPartitionData request_for(const TopicPartition& tp, const PartitionFetchState& state)
      KS_REQUIRES(mutex_);
  void handle_fetched(const FetchPartitions& wanted, const Answers& answers);
  /// False: OFFSET_OUT_OF_RANGE, for which the leader has to be asked more.
  bool handle_partition(const TopicPartition& tp, PartitionFetchState& state,
                        const FetchedPartition& data) KS_REQUIRES(mutex_);
  void process_partition_data(const TopicPartition& tp, PartitionFetchState& state,
                              const FetchedPartition& data) KS_REQUIRES(mutex_);

  /// The partition's state, unless it is not followed any more or in another epoch.
  PartitionFetchState* find(const TopicPartition& tp, LeaderEpoch epoch) KS_REQUIRES(mutex_);
  /// Runs fn; a partition whose log throws is set aside.
  template <typename Function>
  void or_fail(const TopicPartition& tp, Function fn) KS_REQUIRES(mutex_) {
    try {
      fn();
    } catch (const KafkaException& e) {
      mark_failed(tp, e.what());
    }
  }
  void mark_failed(const TopicPartition& tp, const std::string& why) KS_REQUIRES(mutex_);
  /// Left alone for 10 ms, longer each time it fails again, up to replica.fetch.backoff.ms.
  void delay(const TopicPartition& tp, PartitionFetchState& state, const std::string& why)
      KS_REQUIRES(mutex_);
  /// An error that the leader answered: fenced partitions wait for the controller, others are
  /// tried again.
  void handle_error(const TopicPartition& tp, PartitionFetchState& state, ErrorCode error)
      KS_REQUIRES(mutex_);

  const Shared shared_;
  const bool truncates_by_epoch_;
  const bool truncates_on_fetch_;
  const std::unique_ptr<LeaderEndPoint> leader_;
  FetcherMetrics metrics_;
  mutable Mutex mutex_;
  ConditionVariable changed_;
  std::map<TopicPartition, PartitionFetchState> partitions_ KS_GUARDED_BY(mutex_);
  std::set<TopicPartition> ever_followed_ KS_GUARDED_BY(mutex_);  // for a planted defect
  std::vector<TopicPartition> new_high_watermarks_;               // do_work's
};

}  // namespace kafkascope
