// Fiber: a stack of its own that runs until it suspends. Boost.Context stands behind this header
// only.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <string>

#include "runtime/scheduler.h"
#include "runtime/trace.h"

namespace kafkascope::sim {

class StackPool;

/// Thrown through a fiber whose node has crashed. Not a std::exception: nothing may catch it but
/// the fiber's own frame.
struct FiberKilled {};

/// One simulated thread. Made, resumed and destroyed on the scheduler's stack.
class Fiber {
 public:
  Fiber(StackPool& stacks, uint64_t id, std::string node, std::string name,
        std::function<void()> body);
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// Runs it from where it stopped to where it stops next. From the scheduler's stack.
  void resume();
  /// Back to the scheduler. From the fiber's own stack.
  void suspend();

  const uint64_t id;
  const std::string node;
  const std::string name;
  bool detached = false;  // nobody joins it: forgotten when it ends
  bool finished = false;
  bool killed = false;  // its node crashed: unwind when resumed
  bool runnable = false;
  bool timed_out = false;  // how the last wait ended
  WaitQueue* waiting_on = nullptr;
  uint64_t timer = 0;                             // of the wait, 0 for none
  const char* at = "start";                       // where it stopped, for people
  const std::function<void()>* errand = nullptr;  // to be run on the scheduler's stack
  std::exception_ptr failure;                     // what left its body
  EventId last_event = kNoEvent;                  // what it did or was woken by last
  WaitQueue ended{.kind = "thread", .name = "join"};

 private:
  struct Context;
  void run();

  std::function<void()> body_;
  std::unique_ptr<Context> context_;
};

}  // namespace kafkascope::sim
