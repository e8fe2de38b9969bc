// Invariants 1 and 4: what is committed stays, and is the same on every replica that counts it so.
#pragma once

#include "simulation/invariants/committed_records.h"

namespace kafkascope {

/// It learns for the CommittedRecords and the ClusterView that the other invariants look at, so it
/// is watched before them.
class CommittedPrefixesAgree : public Invariant {
 public:
  CommittedPrefixesAgree(std::shared_ptr<ClusterView> view,
                         std::shared_ptr<CommittedRecords> committed)
      : view_(std::move(view)), committed_(std::move(committed)) {}
  std::string statement() const override {
    return "what lies below the high watermarks of two replicas is equal, and what was committed "
           "once stays committed";
  }
  std::string check(const TraceEvent& event, Simulation& simulation) override;

 private:
  const std::shared_ptr<ClusterView> view_;
  const std::shared_ptr<CommittedRecords> committed_;
  std::map<LogName, Offset> compared_;  // below it the log was found equal
};

}  // namespace kafkascope
