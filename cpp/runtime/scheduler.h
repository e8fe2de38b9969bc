// What the simulated runtime puts behind Threads. A real run has none.
#pragma once

#include <deque>
#include <functional>
#include <string>

#include "runtime/clock.h"

namespace kafkascope {

class Node;

namespace sim {
class Fiber;
}

/// Fibers that wait for one object, first come first served; carries the words for a deadlock
/// report.
struct WaitQueue {
  const char* kind = "";        // "mutex", "condition", "thread"
  const char* name = "";        // a string literal
  sim::Fiber* owner = nullptr;  // a mutex's holder
  std::deque<sim::Fiber*> waiters;
};

/// Runs fibers one at a time on one OS thread. All calls but wake come from a fiber and may run
/// others before they return; each may throw sim::FiberKilled when the fiber's node has crashed,
/// which nothing may catch.
class Scheduler {
 public:
  virtual ~Scheduler() = default;
  /// Lets another fiber run, if the schedule says so. `what` is for the reader of a trace.
  virtual void switch_point(const char* what) = 0;
  /// Parks the current fiber until it is woken or the deadline passes on its node's monotonic
  /// clock. False: passed.
  virtual bool wait(WaitQueue& queue, Instant deadline) = 0;
  /// Makes one or all waiters runnable. Never switches: unlocking and notifying are safe in
  /// destructors.
  virtual void wake_one(WaitQueue& queue) = 0;
  virtual void wake_all(WaitQueue& queue) = 0;
  virtual sim::Fiber* current() = 0;
  /// True while the current fiber is unwound by its node's crash: seams refuse service, locks are
  /// void.
  virtual bool unwinding() = 0;
  virtual sim::Fiber* spawn(Node& node, std::string name, std::function<void()> body) = 0;
  /// Waits until the fiber has ended, then forgets it.
  virtual void join(sim::Fiber* fiber) = 0;
  /// Runs fn on the scheduler's own stack while the fiber waits: for what may not run on a fiber's,
  /// such as Python. fn may not step the simulation.
  virtual void outside(const std::function<void()>& fn) = 0;
};

}  // namespace kafkascope
