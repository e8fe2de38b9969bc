// Invariant 11: the offsets of a log stand in order, and its start never goes back.
#pragma once

#include <map>

#include "common/types.h"
#include "simulation/invariant.h"
#include "simulation/invariants/appended_batches.h"

namespace kafkascope {

class OffsetsOrdered : public Invariant {
 public:
  std::string statement() const override {
    return "log start <= last stable <= high watermark <= log end, recovery point <= log end, and "
           "the log start never decreases";
  }
  std::string check(const TraceEvent& event, Simulation& simulation) override;

 private:
  std::map<LogName, Offset> starts_;
};

}  // namespace kafkascope
