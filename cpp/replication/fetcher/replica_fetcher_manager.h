// ReplicaFetcherManager: the fetcher threads of a broker.
#pragma once

#include <functional>
#include <memory>

#include "replication/fetcher/replica_fetcher_thread.h"
#include "replication/replication_config.h"

namespace kafkascope {

/// Which of a leader's fetcher threads follows the partition: as Kafka's getFetcherId.
int fetcher_id(const TopicPartition& partition, int num_fetchers);

/// Kafka's ReplicaFetcherManager: num.replica.fetchers threads for each leader that is followed.
class ReplicaFetcherManager : public FetcherManager {
 public:
  using MakeLeaderEndPoint =
      std::function<std::unique_ptr<LeaderEndPoint>(const BrokerNode& leader, int fetcher_id)>;

  ReplicaFetcherManager(Node& node, const ReplicationConfig& config, FollowerLogs& logs,
                        ReplicationQuotaManager& follower_quota, MetricsRegistry& metrics,
                        MakeLeaderEndPoint make_leader_end_point, FetcherDefects defects = {});
  ~ReplicaFetcherManager() override;

  void add_fetcher_for_partitions(
      const std::map<TopicPartition, InitialFetchState>& partitions) override;
  void remove_fetcher_for_partitions(const std::set<TopicPartition>& partitions) override;
  void shutdown_idle_fetcher_threads() override;
  void shutdown() override;

  FetchersDescription describe() const;

 private:
  using ThreadKey = std::pair<BrokerId, int>;  // leader, fetcher id
  ReplicaFetcherThread& thread_for(const ThreadKey& key, const BrokerNode& leader)
      KS_REQUIRES(mutex_);
  /// Once it has ended.
  void remove_thread(const ThreadKey& key) KS_REQUIRES(mutex_);
  /// They live as long as mutex_ is held.
  std::map<ThreadKey, ReplicaFetcherThread*> threads() const KS_REQUIRES(mutex_);
  double max_lag() const;
  double min_fetch_rate() const;

  Node& node_;
  const ReplicationConfig config_;
  MetricsRegistry& metrics_;
  const MakeLeaderEndPoint make_leader_end_point_;
  FailedPartitions failed_;
  const ReplicaFetcherThread::Shared shared_;
  mutable Mutex mutex_;  // one change at a time; held while threads end
  /// Gauges take this one: never held while a metric is removed or a thread's lock is waited for.
  mutable Mutex threads_mutex_;
  std::map<ThreadKey, std::unique_ptr<ReplicaFetcherThread>> threads_ KS_GUARDED_BY(threads_mutex_);
};

/// Leaders on other brokers, over the network.
ReplicaFetcherManager::MakeLeaderEndPoint remote_leader_end_points(
    Node& node, const ReplicationConfig& config, std::function<int64_t()> broker_epoch);

}  // namespace kafkascope
