// ReplicationQuotaManager: how fast the throttled partitions may be replicated.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/types.h"
#include "runtime/threads.h"

namespace kafkascope {

class MetricsRegistry;

/// Which side of replication a quota holds down.
enum class ReplicationSide { kLeader, kFollower };

struct ReplicationQuotaManagerConfig {
  int num_quota_samples = 11;                            // replication.quota.window.num
  Duration quota_window_size = std::chrono::seconds(1);  // replication.quota.window.size.seconds
};

/// Kafka's ReplicationQuotaManager: the bytes of throttled partitions, over the last windows, and
/// whether they are too many. It makes nobody wait: who replicates asks, and leaves throttled
/// partitions out while the quota is exceeded. Metric byte-rate of LeaderReplication and
/// FollowerReplication. Any thread may call.
class ReplicationQuotaManager {
 public:
  ReplicationQuotaManager(Node& node, MetricsRegistry& metrics, ReplicationSide side,
                          ReplicationQuotaManagerConfig config = {});
  ~ReplicationQuotaManager();

  /// leader.replication.throttled.rate or follower.replication.throttled.rate; nothing: no limit.
  void update_quota(std::optional<int64_t> bytes_per_second);
  std::optional<int64_t> quota() const;
  /// The topic's *.replication.throttled.replicas: "*", or partition:broker pairs, of which those
  /// of this broker count. Replaces what was set before. Throws ConfigException.
  void mark_throttled(const std::string& topic, const std::vector<std::string>& replicas,
                      BrokerId broker);

  bool is_throttled(const TopicPartition& partition) const;
  /// Bytes of a throttled partition, which count also beyond the quota.
  void record(int64_t bytes);
  bool is_quota_exceeded() const;
  /// Bytes per second.
  double rate() const;

 private:
  struct Sample {
    Instant start;
    int64_t bytes;
  };
  struct Throttled {
    bool all = false;
    std::set<PartitionIndex> partitions;
  };
  bool is_over(const Sample& sample, Instant now) const;

  Node& node_;
  MetricsRegistry& metrics_;
  const ReplicationSide side_;
  const ReplicationQuotaManagerConfig config_;
  mutable Mutex mutex_;
  std::optional<int64_t> quota_ KS_GUARDED_BY(mutex_);
  std::map<std::string, Throttled> throttled_ KS_GUARDED_BY(mutex_);
  std::deque<Sample> samples_ KS_GUARDED_BY(mutex_);
};

}  // namespace kafkascope
