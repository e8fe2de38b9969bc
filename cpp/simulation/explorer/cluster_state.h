// ClusterState: how a simulated cluster stands, as its ZooKeeper and its nodes say.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "metadata/leader_and_isr.h"
#include "simulation/simulation.h"
#include "zookeeper/client/zk_json.h"

namespace kafkascope {

inline const std::string kZooKeeperNode = "zookeeper";

/// Looks from outside, between two turns. Of the partitions of topic "t".
class ClusterState {
 public:
  ClusterState(Simulation& simulation, int partitions)
      : simulation_(simulation), partitions_(partitions) {}

  std::vector<std::string> brokers() const;
  /// It runs, has started, and is not about to stop.
  bool is_up(const std::string& node) const;
  bool all_run() const;
  /// Nothing while ZooKeeper is down, or before the partition has a leader.
  std::optional<LeaderAndIsr> state(PartitionIndex partition) const;
  std::optional<TopicAssignment> assignment() const;
  /// Every partition has a leader, and the replicas it shall have in its ISR.
  bool all_in_sync() const;
  /// As far as is known: yes while ZooKeeper is down.
  bool in_an_isr(const std::string& broker) const;
  /// The node of the active controller; empty: none is known.
  std::string controller() const;
  int partitions() const { return partitions_; }
  /// A line for each partition.
  std::string report() const;

 private:
  zk::Data data(const std::string& path) const;

  Simulation& simulation_;
  const int partitions_;
};

}  // namespace kafkascope
