// SimScheduler: runs fibers one at a time in virtual time. One seed, one schedule.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "runtime/random.h"
#include "runtime/sim/fiber.h"

namespace kafkascope::sim {

/// How the next fiber is chosen among the runnable ones.
enum class Policy {
  kRoundRobin,  // calm: for notebooks
  kRandom,      // any of them, and a switch may come at any seam call
  kPriorities,  // PCT: random priorities that change a few times; finds rare orders
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

  // From the outside.
  Instant now() const { return now_; }
  uint64_t turns() const { return turns_; }
  /// Runs fn on the scheduler's stack when virtual time has come to `time`.
  void at(Instant time, std::function<void()> fn);
  /// One turn. Time jumps to the next timer when nothing is runnable. Throws what left a fiber's
  /// body.
  Turn step();
  /// Runs fn as a fiber of the node and turns until it has returned. Throws its exception, or
  /// Deadlock.
  void call(Node& node, const std::function<void()>& fn);
  /// True when it held in time.
  bool run_until(const std::function<bool()>& condition, Duration limit);
  void run_for(Duration duration);
  /// Unwinds all fibers of the node.
  void kill(const std::string& node);
  /// What every fiber waits for.
  std::string report() const;

 private:
  void make_runnable(Fiber& fiber);
  Fiber& choose();
  void run(Fiber& fiber);
  bool fire_next_timer();
  void stop_here(const char* what);
  void forget(Fiber* fiber);

  RandomStream random_;
  const Policy policy_;
  Instant now_{};
  uint64_t turns_ = 0;
  uint64_t next_fiber_ = 1;
  uint64_t next_sequence_ = 1;
  Fiber* current_ = nullptr;
  std::map<uint64_t, std::unique_ptr<Fiber>> fibers_;
  std::map<uint64_t, uint64_t> priorities_;  // by fiber, for kPriorities
  std::vector<Fiber*> runnable_;             // in the order of becoming so
  std::map<std::pair<Instant, uint64_t>, std::function<void()>> timers_;
};

}  // namespace kafkascope::sim
