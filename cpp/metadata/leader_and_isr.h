// What the controller decides about a partition, and what a topic's znode says of its replicas.
#pragma once

#include <algorithm>
#include <vector>

#include "common/types.h"

namespace kafkascope {

inline constexpr BrokerId kNoLeader = -1;
inline constexpr BrokerId kLeaderDuringDelete = -2;
inline constexpr LeaderEpoch kEpochDuringDelete = -2;
inline constexpr int32_t kInitialControllerEpoch = 0;

/// Kafka's LeaderAndIsr: who leads, who is in sync. Kept in the partition's state znode.
struct LeaderAndIsr {
  BrokerId leader = kNoLeader;
  LeaderEpoch leader_epoch = 0;
  std::vector<BrokerId> isr;
  int32_t partition_epoch = 0;  // the version of the znode: grows with each change

  bool operator==(const LeaderAndIsr&) const = default;
};

struct LeaderIsrAndControllerEpoch {
  LeaderAndIsr leader_and_isr;
  int32_t controller_epoch = 0;

  bool operator==(const LeaderIsrAndControllerEpoch&) const = default;
};

/// Kafka's ReplicaAssignment. While a partition is reassigned `replicas` holds the target replicas
/// and, behind them, those that are to go.
struct ReplicaAssignment {
  std::vector<BrokerId> replicas;  // the preferred leader first
  std::vector<BrokerId> adding;
  std::vector<BrokerId> removing;

  bool operator==(const ReplicaAssignment&) const = default;
  bool is_being_reassigned() const { return !adding.empty() || !removing.empty(); }
  /// What will be left when the reassignment is done.
  std::vector<BrokerId> target_replicas() const {
    std::vector<BrokerId> target;
    for (BrokerId id : replicas) {
      if (std::find(removing.begin(), removing.end(), id) == removing.end()) target.push_back(id);
    }
    return target;
  }
};

}  // namespace kafkascope
