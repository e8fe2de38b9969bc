// Invariant 31: a delayed operation completes once, not before it may, and not late.
#pragma once

#include <map>
#include <set>
#include <tuple>

#include "runtime/clock.h"
#include "simulation/invariant.h"

namespace kafkascope {

/// The operations of a node that is paused or stops are late for good reason: nothing is said of
/// them. Nor of the time that a slow disk takes.
class OperationsCompleteOnce : public Invariant {
 public:
  std::string statement() const override {
    return "a delayed operation completes exactly once, expires never early and at most one tick "
           "late";
  }
  std::string check(const TraceEvent& event, Simulation& simulation) override;

 private:
  using Key = std::tuple<std::string, std::string, int64_t>;  // node, purgatory, number
  std::string completed(const TraceEvent& event);

  Duration slowest_sync_{};
  std::map<Key, Instant> deadlines_;
  std::set<std::pair<Instant, Key>> by_deadline_;
};

}  // namespace kafkascope
