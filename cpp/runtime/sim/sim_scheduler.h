// SimScheduler: runs fibers one at a time in virtual time. One seed, one schedule.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "runtime/random.h"
#include "runtime/sim/fiber.h"
#include "runtime/sim/stack_pool.h"

namespace kafkascope::sim {

/// How the next fiber is chosen among the runnable ones.
enum class Policy {
  kRoundRobin,  // calm: for notebooks
  kRandom,      // any of them, and a switch may come at any seam call
  kPriorities,  // PCT: random priorities that change now and then; finds rare orders
};

/// What one turn did.
struct Turn {
  uint64_t number = 0;  // 0: nothing could run
  Instant time{};
  std::string node;
  std::string thread;
  const char* stopped_at = "";
};

/// Nothing can run any more although somebody waits. Says who waits for what, and who holds it.
class Deadlock : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A thread goes round without ever blocking, or all of them do without time passing.
class Livelock : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A call's node crashed before the call returned.
class CallLost : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A function that was started as a fiber from the outside.
struct StartedCall {
  bool done = false;
  std::exception_ptr failure;
};

/// Everything is ordered by time and sequence, never by an address.
class SimScheduler : public Scheduler {
 public:
  SimScheduler(uint64_t seed, Policy policy);
  ~SimScheduler() override;

  // Scheduler, from fibers.
  void switch_point(const char* what) override;
  bool wait(WaitQueue& queue, Instant deadline) override;
  void wake_one(WaitQueue& queue) override;
  void wake_all(WaitQueue& queue) override;
  Fiber* current() override { return current_; }
  bool unwinding() override { return current_ != nullptr && current_->killed; }
  Fiber* spawn(Node& node, std::string name, std::function<void()> body) override;
  void join(Fiber* fiber) override;
  void outside(const std::function<void()>& fn) override;
  /// A seam was called that cannot switch: for the watchdog.
  void seam_call(const char* what);

  // From the outside.
  Instant now() const { return now_; }
  uint64_t turns() const { return turns_; }
  /// Turns made and timers fired: a place in the run that a replay finds again.
  uint64_t ticks() const { return ticks_; }
  /// Runs fn on the scheduler's stack when virtual time has come to `time`.
  void at(Instant time, std::function<void()> fn);
  /// Fires one timer or runs one turn. False: there is nothing to do, ever.
  bool tick();
  /// When the next tick will be: now, at the next timer, or never.
  Instant next_tick() const;
  /// One turn. Time jumps to the next timer when nothing is runnable. Throws what left a fiber's
  /// body, or Livelock.
  Turn step();
  /// Makes fn a fiber of the node, which the next turns run.
  std::shared_ptr<const StartedCall> start(Node& node, std::string name, std::function<void()> fn);
  /// Starts fn and turns until it has returned. Throws its exception, Deadlock, or CallLost. After
  /// a Deadlock the run has ended: it can be looked at, and destroyed.
  void call(Node& node, std::function<void()> fn);
  /// True when it held in time.
  bool run_until(const std::function<bool()>& condition, Duration limit);
  void run_for(Duration duration);
  /// Moves time on to where a replay needs it; nothing may be due before.
  void advance_to(Instant time);
  /// Unwinds all fibers of the node.
  void kill(const std::string& node);
  /// The node's fibers do not run until resume(); its timers, messages and clock go on (SIGSTOP).
  void pause(const std::string& node);
  void resume(const std::string& node);
  bool paused(const std::string& node) const { return paused_.contains(node); }
  /// What every fiber waits for.
  std::string report() const;
  const Turn& last_turn() const { return last_turn_; }
  /// The event that what happens now follows from.
  EventId cause() const { return current_ == nullptr ? timer_cause_ : current_->last_event; }
  size_t stack_high_water() const { return stacks_.high_water(); }

 private:
  struct Timer {
    std::function<void()> fn;
    EventId cause;
  };
  using TimerKey = std::pair<Instant, uint64_t>;

  void make_runnable(Fiber& fiber);
  Fiber& choose();
  void run(Fiber& fiber);
  void run_errand(Fiber& fiber);
  void fire_next_timer();
  void watch_progress();
  void stop_here(const char* what);
  void end_wait(Fiber& fiber);
  void kill_all(const std::vector<uint64_t>& victims);
  std::string where(const Fiber& fiber) const;

  RandomStream random_;
  const Policy policy_;
  Instant now_{};
  uint64_t turns_ = 0;
  uint64_t ticks_ = 0;
  uint64_t next_fiber_ = 1;
  uint64_t next_sequence_ = 1;
  uint64_t next_priority_change_ = 0;   // a turn, for kPriorities
  uint64_t seam_calls_ = 0;             // of this turn
  uint64_t turns_at_this_instant_ = 0;  // since time moved or somebody outside asked for something
  Turn last_turn_;
  EventId timer_cause_ = kNoEvent;
  bool stepping_ = false;
  Fiber* current_ = nullptr;
  StackPool stacks_;
  std::map<uint64_t, std::unique_ptr<Fiber>> fibers_;
  std::map<uint64_t, uint64_t> priorities_;  // by fiber, for kPriorities
  std::vector<Fiber*> runnable_;             // in the order of becoming so
  std::vector<Fiber*> frozen_;               // would be runnable, but their node is paused
  std::set<std::string> paused_;
  std::map<TimerKey, Timer> timers_;
};

}  // namespace kafkascope::sim
