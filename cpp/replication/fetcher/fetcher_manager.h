// FetcherManager: which partitions this broker follows, and from whom: what ReplicaManager asks of
// the fetchers.
#pragma once

#include <map>
#include <optional>
#include <set>

#include "clients/cluster.h"
#include "common/uuid.h"

namespace kafkascope {

/// Where to begin to follow a leader (Kafka's InitialFetchState). The offset is the log end where
/// the leader will say whether the log diverges (truncates_on_fetch(), and the log knows an epoch),
/// else the high watermark.
struct InitialFetchState {
  std::optional<Uuid> topic_id;
  BrokerNode leader;
  LeaderEpoch current_leader_epoch = 0;
  Offset init_offset = 0;
};

/// Any thread may call, without a lock that a gauge or FollowerLogs takes. ReplicaFetcherManager in
/// a broker.
class FetcherManager {
 public:
  virtual ~FetcherManager() = default;
  /// Follows them from now on; a partition that is followed already is followed anew, unless
  /// leader and epoch are the same.
  virtual void add_fetcher_for_partitions(
      const std::map<TopicPartition, InitialFetchState>& partitions) = 0;
  /// Once it returns, no fetcher touches their logs.
  virtual void remove_fetcher_for_partitions(const std::set<TopicPartition>& partitions) = 0;
  /// Ends the threads that follow nothing.
  virtual void shutdown_idle_fetcher_threads() = 0;
  virtual void shutdown() = 0;
};

}  // namespace kafkascope
