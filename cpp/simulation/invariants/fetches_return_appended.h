// Invariant 12: a fetch returns what was appended, from the asked offset, below the high watermark.
#pragma once

#include "simulation/invariant.h"
#include "simulation/invariants/appended_batches.h"

namespace kafkascope {

class FetchesReturnAppended : public Invariant {
 public:
  std::string statement() const override {
    return "a consumer's fetch holds no record at or above the high watermark, its first batch "
           "covers the asked offset, and its bytes are those that were appended";
  }
  std::string check(const TraceEvent& event, Simulation& simulation) override;

 private:
  void forget_lost(const TraceEvent& event, Simulation& simulation);
  std::string check_batches(const TraceEvent& event, ByteView bytes, Offset high_watermark);

  AppendedBatches appended_;
};

}  // namespace kafkascope
