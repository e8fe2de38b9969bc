// ClusterView: what ZooKeeper says of the cluster, read from outside.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "metadata/leader_and_isr.h"
#include "simulation/simulation.h"

namespace kafkascope {

class Partition;

/// The node of a broker: "broker-1".
std::string broker_node(BrokerId id);
/// Null when the broker does not run or does not hold the partition.
std::shared_ptr<Partition> running_partition(Simulation& simulation, const std::string& node,
                                             const std::string& partition);

/// Kept up to date by the events of ZooKeeper's tree. A state that was overwritten in the turn that
/// wrote it is not seen. While ZooKeeper is down it stays what it was.
class ClusterView {
 public:
  struct PartitionView {
    LeaderAndIsr state;
    int32_t controller_epoch = 0;
    int64_t changed = 0;  // zxid
  };
  /// Partitions whose state the event changed or removed.
  std::set<std::string> learn(const TraceEvent& event, Simulation& simulation);

  /// Null: it has no state.
  const PartitionView* find(const std::string& partition) const;
  const std::map<std::string, PartitionView>& partitions() const { return partitions_; }
  /// Empty when not known.
  std::vector<BrokerId> replicas(const std::string& partition) const;
  int32_t controller_epoch() const { return controller_epoch_; }
  int64_t controller_epoch_changed() const { return controller_epoch_changed_; }  // zxid

 private:
  std::map<std::string, PartitionView> partitions_;
  std::map<std::string, std::vector<BrokerId>> replicas_;
  int32_t controller_epoch_ = 0;
  int64_t controller_epoch_changed_ = 0;
};

}  // namespace kafkascope
