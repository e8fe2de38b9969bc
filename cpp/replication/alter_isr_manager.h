// AlterIsrManager: how a Partition tells the controller whom it counts as in sync.
#pragma once

#include <vector>

#include "common/types.h"

namespace kafkascope {

/// Kafka's AlterIsrManager (once a write to ZooKeeper by the partition itself). Any thread may call.
class AlterIsrManager {
 public:
  virtual ~AlterIsrManager() = default;
  virtual void submit(const TopicPartition& partition, LeaderEpoch leader_epoch, const std::vector<BrokerId>& isr) = 0;
};

}  // namespace kafkascope
