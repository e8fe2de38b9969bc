// Invariant 9: acks=all is answered when enough replicas have the records, not before.
#pragma once

#include "simulation/invariants/committed_records.h"

namespace kafkascope {

class AcknowledgedIsCommitted : public Invariant {
 public:
  explicit AcknowledgedIsCommitted(std::shared_ptr<const CommittedRecords> committed)
      : committed_(std::move(committed)) {}
  std::string statement() const override {
    return "acks=all is answered with success only when the records are below the high watermark "
           "and at least min.insync.replicas are in sync";
  }
  std::string check(const TraceEvent& event, Simulation& simulation) override;

 private:
  const std::shared_ptr<const CommittedRecords> committed_;
};

}  // namespace kafkascope
