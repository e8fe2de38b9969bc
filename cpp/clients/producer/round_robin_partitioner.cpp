#include "clients/producer/round_robin_partitioner.h"

namespace kafkascope {

PartitionIndex RoundRobinPartitioner::partition(std::string_view topic, std::optional<ByteView>,
                                                std::optional<ByteView>, const Cluster& cluster) {
  uint32_t turn = 0;
  {
    Lock lock(mutex_);
    auto counter = counters_.find(topic);
    if (counter == counters_.end()) counter = counters_.emplace(topic, 0).first;
    turn = counter->second++;
  }
  const std::vector<PartitionIndex> available = cluster.available_partitions(topic);
  if (!available.empty()) return available[turn % available.size()];
  const TopicInfo* info = cluster.topic(topic);
  return info == nullptr || info->partitions.empty()
             ? 0
             : static_cast<PartitionIndex>(turn % info->partitions.size());
}

}  // namespace kafkascope
