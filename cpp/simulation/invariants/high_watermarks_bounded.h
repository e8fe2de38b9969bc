// Invariant 5: a leader's high watermark moves forward, and never past a replica that counts.
#pragma once

#include "simulation/invariants/committed_records.h"

namespace kafkascope {

class HighWatermarksBounded : public Invariant {
 public:
  explicit HighWatermarksBounded(std::shared_ptr<const CommittedRecords> committed)
      : committed_(std::move(committed)) {}
  std::string statement() const override {
    return "a leader's high watermark never decreases within its epoch, and lies at or below the "
           "log end of every member of the maximal ISR";
  }
  std::string check(const TraceEvent& event, Simulation& simulation) override;

 private:
  const std::shared_ptr<const CommittedRecords> committed_;
  std::map<LogName, std::pair<LeaderEpoch, Offset>> last_;
};

}  // namespace kafkascope
