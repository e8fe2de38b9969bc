// The states of partitions and replicas, and which may follow which.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "common/types.h"

namespace kafkascope {

/// One replica of one partition.
struct PartitionAndReplica {
  TopicPartition topic_partition;
  BrokerId replica = -1;

  auto operator<=>(const PartitionAndReplica&) const = default;
};

namespace controller {

/// As PartitionStateMachine sees a partition. The numbers are Kafka's.
enum class PartitionState : int8_t {
  kNewPartition = 0,      // assigned, without a leader so far
  kOnlinePartition = 1,   // has a leader
  kOfflinePartition = 2,  // its leader died
  kNonExistentPartition = 3,
};

/// As ReplicaStateMachine sees a replica. The numbers are Kafka's.
enum class ReplicaState : int8_t {
  kNewReplica = 1,      // made; can only become a follower
  kOnlineReplica = 2,   // part of its partition's replicas, its broker lives
  kOfflineReplica = 3,  // its broker or its disk died
  kReplicaDeletionStarted = 4,
  kReplicaDeletionSuccessful = 5,
  kReplicaDeletionIneligible = 6,  // to be deleted, and its broker is away
  kNonExistentReplica = 7,
};

/// "OnlinePartition"
const char* to_string(PartitionState state);
const char* to_string(ReplicaState state);

bool may_follow(PartitionState from, PartitionState to);
bool may_follow(ReplicaState from, ReplicaState to);

}  // namespace controller
}  // namespace kafkascope
