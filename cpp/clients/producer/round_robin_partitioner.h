// RoundRobinPartitioner: each record to the next partition, whatever its key.
#pragma once

#include <map>
#include <string>

#include "clients/producer/partitioner.h"
#include "runtime/threads.h"

namespace kafkascope {

/// Kafka's RoundRobinPartitioner: the partitions whose leader is known, in turn; all of them when
/// none is known.
class RoundRobinPartitioner : public Partitioner {
 public:
  explicit RoundRobinPartitioner(Node& node) : mutex_(node, "round robin partitioner") {}
  PartitionIndex partition(std::string_view topic, std::optional<ByteView> key,
                           std::optional<ByteView> value, const Cluster& cluster) override;

 private:
  Mutex mutex_;
  std::map<std::string, uint32_t, std::less<>> counters_ KS_GUARDED_BY(mutex_);
};

}  // namespace kafkascope
