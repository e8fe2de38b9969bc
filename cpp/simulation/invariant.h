// Invariant: something that holds at every moment of every run, and who looks after it.
#pragma once

#include <stdexcept>
#include <string>

#include "runtime/trace.h"

namespace kafkascope {

class Simulation;

/// Ends the run: says the invariant in words, the seed and the turn.
class InvariantViolated : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Looks on from between the turns; never changes anything and never takes a turn.
class Invariant {
 public:
  virtual ~Invariant() = default;
  /// In words: "log start <= last stable <= high watermark <= log end".
  virtual std::string statement() const = 0;
  /// After the turn in which the event happened. What is wrong, or nothing.
  virtual std::string check(const TraceEvent& event, Simulation& simulation) = 0;
};

}  // namespace kafkascope
