// What a picture of a broker's fetchers shows.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "clients/cluster.h"

namespace kafkascope {

struct FollowedPartitionDescription {
  TopicPartition topic_partition;
  std::string state;  // "Truncating", "Fetching", "Delayed"
  Offset fetch_offset = 0;
  std::optional<int64_t> lag;
  LeaderEpoch current_leader_epoch = kNoLeaderEpoch;
  std::optional<LeaderEpoch> last_fetched_epoch;
};

struct FetcherThreadDescription {
  std::string name;  // "ReplicaFetcherThread-0-2"
  BrokerNode leader;
  std::vector<FollowedPartitionDescription> partitions;
};

struct FetchersDescription {
  std::vector<FetcherThreadDescription> threads;
  std::vector<TopicPartition> failed_partitions;
};

}  // namespace kafkascope
