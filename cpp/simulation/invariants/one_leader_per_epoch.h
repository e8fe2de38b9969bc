// Invariant 6: a leader epoch has one leader, and epochs only grow.
#pragma once

#include "simulation/invariants/appended_batches.h"
#include "simulation/invariants/cluster_view.h"

namespace kafkascope {

class OneLeaderPerEpoch : public Invariant {
 public:
  explicit OneLeaderPerEpoch(std::shared_ptr<const ClusterView> view) : view_(std::move(view)) {}
  std::string statement() const override {
    return "a partition has at most one leader in each leader epoch, epochs only grow, and no "
           "broker takes a smaller one than it knows";
  }
  std::string check(const TraceEvent& event, Simulation& simulation) override;

 private:
  std::string check_role(const TraceEvent& event);
  std::string check_states();

  const std::shared_ptr<const ClusterView> view_;
  std::map<std::pair<std::string, LeaderEpoch>, std::string> leaders_;  // node by partition, epoch
  std::map<LogName, LeaderEpoch> known_;                                // by brokers
  std::map<std::string, LeaderAndIsr> states_;                          // by partition
};

}  // namespace kafkascope
