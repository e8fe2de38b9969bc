// Invariant 12: a fetch returns what was appended, from the asked offset, as far as its reader may
// see.
#pragma once

#include <memory>

#include "simulation/invariant.h"
#include "simulation/invariants/appended_batches.h"

namespace kafkascope {

/// `appended` has learned of the event before.
class FetchesReturnAppended : public Invariant {
 public:
  explicit FetchesReturnAppended(std::shared_ptr<const AppendedBatches> appended)
      : appended_(std::move(appended)) {}
  std::string statement() const override {
    return "a consumer's fetch holds no record at or above the high watermark, a follower's none "
           "beyond the log end, its first batch covers the asked offset, and its bytes are those "
           "that were appended";
  }
  std::string check(const TraceEvent& event, Simulation& simulation) override;

 private:
  std::string check_batches(const TraceEvent& event, ByteView bytes, Offset end) const;

  const std::shared_ptr<const AppendedBatches> appended_;
};

}  // namespace kafkascope
