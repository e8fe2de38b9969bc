// Invariants 23 and 26: one controller an epoch, and nobody is heard who speaks from an earlier
// life.
#pragma once

#include "simulation/invariants/cluster_view.h"

namespace kafkascope {

class OneController : public Invariant {
 public:
  explicit OneController(std::shared_ptr<const ClusterView> view) : view_(std::move(view)) {}
  std::string statement() const override {
    return "a controller epoch has one controller, partition states change only in the name of the "
           "current one, and requests of a broker's earlier life are refused";
  }
  std::string check(const TraceEvent& event, Simulation& simulation) override;

 private:
  std::string check_elected(const TraceEvent& event);
  std::string check_states();

  const std::shared_ptr<const ClusterView> view_;
  std::map<int64_t, std::string> controllers_;  // node by epoch
  std::map<std::string, int64_t> checked_;      // the change looked at last, by partition
};

}  // namespace kafkascope
