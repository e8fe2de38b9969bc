// CoverageMarks: which interesting states a run came through.
#pragma once

#include <map>
#include <string>

#include "simulation/invariant.h"

namespace kafkascope {

/// Counted by name. A mark that a thousand seeds do not reach is a fault of what draws the faults.
using Marks = std::map<std::string, int>;

/// Looks on like an invariant, and never complains.
class CoverageMarks : public Invariant {
 public:
  explicit CoverageMarks(Marks& marks) : marks_(marks) {}
  std::string statement() const override { return "a run comes through interesting states"; }
  std::string check(const TraceEvent& event, Simulation& simulation) override;

 private:
  Marks& marks_;
};

}  // namespace kafkascope
