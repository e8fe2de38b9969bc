// Invariant 2: a leader that was elected cleanly has every committed record.
#pragma once

#include "simulation/invariants/committed_records.h"

namespace kafkascope {

class LeadersComplete : public Invariant {
 public:
  LeadersComplete(std::shared_ptr<const ClusterView> view,
                  std::shared_ptr<const CommittedRecords> committed)
      : view_(std::move(view)), committed_(std::move(committed)) {}
  std::string statement() const override {
    return "a leader that was elected cleanly has every record below the true high watermark";
  }
  std::string check(const TraceEvent& event, Simulation& simulation) override;

 private:
  const std::shared_ptr<const ClusterView> view_;
  const std::shared_ptr<const CommittedRecords> committed_;
  std::map<std::string, LeaderEpoch> checked_;  // by partition
};

}  // namespace kafkascope
