// Invariant 3: whoever may be elected has every committed record.
#pragma once

#include "simulation/invariants/committed_records.h"

namespace kafkascope {

class CandidatesComplete : public Invariant {
 public:
  CandidatesComplete(std::shared_ptr<const ClusterView> view,
                     std::shared_ptr<const CommittedRecords> committed)
      : view_(std::move(view)), committed_(std::move(committed)) {}
  std::string statement() const override {
    return "every running member of the controller's ISR has its log up to the true high watermark";
  }
  std::string check(const TraceEvent& event, Simulation& simulation) override;

 private:
  std::string check_partition(const std::string& partition, Simulation& simulation) const;

  const std::shared_ptr<const ClusterView> view_;
  const std::shared_ptr<const CommittedRecords> committed_;
};

}  // namespace kafkascope
