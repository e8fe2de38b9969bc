// Invariants 7 and 8: who may be in an ISR, and that a leader waits for all who are.
#pragma once

#include "simulation/invariants/cluster_view.h"

namespace kafkascope {

class IsrWithinReplicas : public Invariant {
 public:
  explicit IsrWithinReplicas(std::shared_ptr<const ClusterView> view) : view_(std::move(view)) {}
  std::string statement() const override {
    return "the ISR lies within the replicas and holds the leader, and the maximal ISR of a leader "
           "that is not stale contains the controller's";
  }
  std::string check(const TraceEvent& event, Simulation& simulation) override;

 private:
  std::string check_state(const std::string& partition) const;
  std::string check_leader(const std::string& partition, Simulation& simulation) const;

  const std::shared_ptr<const ClusterView> view_;
  std::map<std::string, int64_t> checked_;  // the change that was looked at last, by partition
};

}  // namespace kafkascope
