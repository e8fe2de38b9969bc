// Invariants 27, 28 and 29: what a broker finds in its logs when it starts.
#pragma once

#include <memory>

#include "log/log_description.h"
#include "simulation/invariant.h"
#include "simulation/invariants/appended_batches.h"

namespace kafkascope {

/// Its AppendedBatches are the ones that all invariants share: it learns for them, so it is watched
/// first. Checked at each start of a broker: its logs are a prefix of what was appended and hold
/// all that was synced; segments, indexes and leader epochs agree with the batches; and recovering
/// the same disk once more changes nothing.
class RecoveredLogsWhole : public Invariant {
 public:
  explicit RecoveredLogsWhole(std::shared_ptr<AppendedBatches> appended)
      : appended_(std::move(appended)) {}
  std::string statement() const override {
    return "a recovered log is a prefix of what was appended and holds all that was synced, its "
           "indexes and leader epochs agree with its batches, and a second recovery changes "
           "nothing";
  }
  std::string check(const TraceEvent& event, Simulation& simulation) override;

 private:
  std::string check_log(const std::string& node, Simulation& simulation, const LogDescription& log);
  std::string check_prefix(const std::string& node, const LogDescription& log,
                           const Batches& found);

  const std::shared_ptr<AppendedBatches> appended_;
};

}  // namespace kafkascope
