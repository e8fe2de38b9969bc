// Replica placement: which brokers get a new partition's replicas.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/errors.h"
#include "common/types.h"

namespace kafkascope {

struct BrokerRack {
  BrokerId id = -1;
  std::optional<std::string> rack;
};

using Assignment = std::map<PartitionIndex, std::vector<BrokerId>>;

/// Where the round robin begins; drawn at random for a new topic.
struct PlacementStart {
  size_t leader = 0;  // index of the first partition's leader among the brokers
  size_t shift = 0;   // how far the second replica stands from the first
};

/// Kafka's AdminUtils.assignReplicasToBrokers: leaders go round the brokers, followers stand a
/// growing distance behind, so that the partitions of a broker that dies spread over all others.
/// When every broker has a rack, the replicas of a partition are in as many racks as there are
/// (KIP-36). INVALID_REPLICATION_FACTOR when there are too few brokers; INVALID_REQUEST when only
/// some have a rack.
Result<Assignment> assign_replicas_to_brokers(const std::vector<BrokerRack>& brokers,
                                              PartitionIndex first, int32_t count,
                                              int16_t replication_factor, PlacementStart start);

}  // namespace kafkascope
