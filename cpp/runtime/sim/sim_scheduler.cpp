#include "runtime/sim/sim_scheduler.h"

#include <fmt/core.h>

#include <algorithm>

#include "common/check.h"
#include "runtime/node.h"

namespace kafkascope::sim {
namespace {

constexpr double kSwitchChance = 0.05;              // at a seam call, with kRandom
constexpr uint64_t kTurnsPerPriorityChange = 1000;  // on average, with kPriorities
constexpr uint64_t kMostSeamCalls = 1'000'000;      // in one turn
constexpr uint64_t kMostTurns = 1'000'000;          // at one instant

}  // namespace

SimScheduler::SimScheduler(uint64_t seed, Policy policy)
    : random_(Random(seed).stream("scheduler")), policy_(policy) {}

SimScheduler::~SimScheduler() {
  std::vector<uint64_t> all;
  for (const auto& [id, fiber] : fibers_) all.push_back(id);
  kill_all(all);
}

Fiber* SimScheduler::spawn(Node& node, std::string name, std::function<void()> body) {
  if (unwinding()) throw FiberKilled{};
  const uint64_t id = next_fiber_++;
  auto& fiber = fibers_[id] =
      std::make_unique<Fiber>(stacks_, id, node.name(), std::move(name), std::move(body));
  fiber->last_event = cause();
  priorities_[id] = random_.next();
  make_runnable(*fiber);
  return fiber.get();
}

void SimScheduler::join(Fiber* fiber) {
  while (!fiber->finished && !unwinding()) wait(fiber->ended, kForever);
  if (!fiber->finished) return;
  priorities_.erase(fiber->id);
  fibers_.erase(fiber->id);
}

void SimScheduler::make_runnable(Fiber& fiber) {
  if (fiber.runnable || fiber.finished) return;
  fiber.runnable = true;
  (paused_.contains(fiber.node) ? frozen_ : runnable_).push_back(&fiber);
}

void SimScheduler::seam_call(const char* what) {
  if (current_ == nullptr || current_->killed || ++seam_calls_ < kMostSeamCalls) return;
  current_->failure = std::make_exception_ptr(
      Livelock(fmt::format("{} / {} called {} seams in one turn without blocking, the last \"{}\"",
                           current_->node, current_->name, seam_calls_, what)));
  stop_here(what);  // for ever: nobody wakes it
}

void SimScheduler::stop_here(const char* what) {
  Fiber& self = *current_;
  self.at = what;
  self.suspend();
  if (self.killed) throw FiberKilled{};
}

void SimScheduler::switch_point(const char* what) {
  if (current_ == nullptr || current_->killed) return;
  seam_call(what);
  if (policy_ == Policy::kRoundRobin || !random_.chance(kSwitchChance)) return;
  make_runnable(*current_);
  stop_here(what);
}

bool SimScheduler::wait(WaitQueue& queue, Instant deadline) {
  KS_CHECK(current_ != nullptr, "only a fiber can wait");
  Fiber& self = *current_;
  if (self.killed) {
    KS_CHECK(++seam_calls_ < kMostSeamCalls, self.node + " / " + self.name + " waits for " +
                                                 queue.name +
                                                 " again and again while its node is crashing");
    return false;
  }
  self.timed_out = false;
  self.waiting_on = &queue;
  queue.waiters.push_back(&self);
  const TimerKey key{std::max(deadline, now_), next_sequence_++};
  if (deadline != kForever) {
    self.timer = key.second;
    timers_[key] = {[this, id = self.id, timer = key.second] {
                      const auto found = fibers_.find(id);
                      if (found == fibers_.end() || found->second->timer != timer) return;
                      end_wait(*found->second);
                      found->second->timed_out = true;
                      make_runnable(*found->second);
                    },
                    kNoEvent};
  }
  stop_here(queue.name);
  if (deadline != kForever && !self.timed_out) timers_.erase(key);
  return !self.timed_out;
}

/// Takes the fiber out of the queue that it stands in.
void SimScheduler::end_wait(Fiber& fiber) {
  if (fiber.waiting_on != nullptr) std::erase(fiber.waiting_on->waiters, &fiber);
  fiber.waiting_on = nullptr;
  fiber.timer = 0;
}

void SimScheduler::wake_one(WaitQueue& queue) {
  if (queue.waiters.empty()) return;
  Fiber& fiber = *queue.waiters.front();
  end_wait(fiber);
  if (cause() != kNoEvent) fiber.last_event = cause();
  make_runnable(fiber);
}

void SimScheduler::wake_all(WaitQueue& queue) {
  while (!queue.waiters.empty()) wake_one(queue);
}

void SimScheduler::outside(const std::function<void()>& fn) {
  if (current_ == nullptr) return fn();
  if (current_->killed) throw FiberKilled{};
  Fiber& self = *current_;
  std::exception_ptr failure;
  const std::function<void()> errand = [&] {
    try {
      fn();
    } catch (const std::exception&) {
      failure = std::current_exception();
    }
  };
  self.errand = &errand;
  self.suspend();
  if (failure) std::rethrow_exception(failure);
}

void SimScheduler::at(Instant time, std::function<void()> fn) {
  timers_[{std::max(time, now_), next_sequence_++}] = {std::move(fn), cause()};
}

void SimScheduler::fire_next_timer() {
  auto node = timers_.extract(timers_.begin());
  if (node.key().first > now_) turns_at_this_instant_ = 0;
  now_ = std::max(now_, node.key().first);
  timer_cause_ = node.mapped().cause;
  node.mapped().fn();
  timer_cause_ = kNoEvent;
}

Fiber& SimScheduler::choose() {
  size_t index = 0;
  if (policy_ == Policy::kRandom) {
    index = random_.below(runnable_.size());
  } else if (policy_ == Policy::kPriorities) {
    for (size_t i = 1; i < runnable_.size(); ++i) {
      if (priorities_[runnable_[i]->id] > priorities_[runnable_[index]->id]) index = i;
    }
    // PCT lowers the running thread at d places of a run whose length it knows. Ours has no known
    // length, so the places lie a mean distance apart.
    if (turns_ >= next_priority_change_) {
      next_priority_change_ = turns_ + 1 + random_.below(2 * kTurnsPerPriorityChange);
      priorities_[runnable_[index]->id] = random_.below(UINT64_MAX / 4);
    }
  }
  Fiber& chosen = *runnable_[index];
  runnable_.erase(runnable_.begin() + static_cast<ptrdiff_t>(index));
  return chosen;
}

void SimScheduler::run(Fiber& fiber) {
  fiber.runnable = false;
  current_ = &fiber;
  seam_calls_ = 0;
  fiber.resume();
  while (fiber.errand != nullptr) {
    current_ = nullptr;
    (*std::exchange(fiber.errand, nullptr))();
    current_ = &fiber;
    fiber.resume();
  }
  if (fiber.finished) wake_all(fiber.ended);
  current_ = nullptr;
}

bool SimScheduler::tick() {
  KS_CHECK(!stepping_, "the simulation is already in a turn: a callback may not step it");
  // Timers that are due come before fibers, so that a deadline is not passed by a busy thread.
  const bool due = !timers_.empty() && timers_.begin()->first.first <= now_;
  if (!due && runnable_.empty() && timers_.empty()) return false;
  ++ticks_;
  if (due || runnable_.empty()) {
    fire_next_timer();
    return true;
  }
  stepping_ = true;
  Fiber& fiber = choose();
  run(fiber);
  stepping_ = false;
  last_turn_ = {++turns_, now_, fiber.node, fiber.name, fiber.finished ? "end" : fiber.at};
  const std::exception_ptr failure = std::exchange(fiber.failure, nullptr);
  if (fiber.finished && fiber.detached) {
    priorities_.erase(fiber.id);
    fibers_.erase(fiber.id);
  }
  if (failure) std::rethrow_exception(failure);
  watch_progress();
  return true;
}

Instant SimScheduler::next_tick() const {
  if (!runnable_.empty()) return now_;
  return timers_.empty() ? kForever : std::max(now_, timers_.begin()->first.first);
}

void SimScheduler::watch_progress() {
  if (++turns_at_this_instant_ < kMostTurns) return;
  throw Livelock(fmt::format("{} turns and no time has passed:\n{}", kMostTurns, report()));
}

Turn SimScheduler::step() {
  const uint64_t before = turns_;
  while (turns_ == before) {
    if (!tick()) return {};
  }
  return last_turn_;
}

std::shared_ptr<const StartedCall> SimScheduler::start(Node& node, std::string name,
                                                       std::function<void()> fn) {
  auto call = std::make_shared<StartedCall>();
  // Says that the call has ended whichever way its fiber does, even before it ever ran.
  const std::shared_ptr<void> ending(nullptr, [call](void*) {
    if (!call->done) call->failure = std::make_exception_ptr(CallLost("the node has crashed"));
    call->done = true;
  });
  turns_at_this_instant_ = 0;
  Fiber* fiber = spawn(node, std::move(name), [call, ending, fn = std::move(fn)] {
    try {
      fn();
    } catch (const std::exception&) {
      call->failure = std::current_exception();
    }
    call->done = true;
  });
  fiber->detached = true;
  return call;
}

void SimScheduler::call(Node& node, std::function<void()> fn) {
  const auto call = start(node, "call", std::move(fn));
  while (!call->done) {
    if (step().number == 0) throw Deadlock("nothing can run any more:\n" + report());
  }
  if (call->failure) std::rethrow_exception(call->failure);
}

bool SimScheduler::run_until(const std::function<bool()>& condition, Duration limit) {
  const Instant end = deadline_after(now_, limit);
  while (!condition()) {
    if (next_tick() > end || !tick()) {
      if (end != kForever) advance_to(end);
      return false;
    }
  }
  return true;
}

void SimScheduler::run_for(Duration duration) {
  (void)run_until([] { return false; }, duration);
}

void SimScheduler::advance_to(Instant time) {
  if (time > now_) turns_at_this_instant_ = 0;
  now_ = std::max(now_, time);
}

void SimScheduler::kill(const std::string& node) {
  std::vector<uint64_t> victims;
  for (const auto& [id, fiber] : fibers_) {
    if (fiber->node == node) victims.push_back(id);
  }
  kill_all(victims);
}

void SimScheduler::kill_all(const std::vector<uint64_t>& victims) {
  for (const uint64_t id : victims) {
    Fiber& fiber = *fibers_.at(id);
    fiber.killed = true;
    end_wait(fiber);
    std::erase(runnable_, &fiber);
    std::erase(frozen_, &fiber);
    fiber.runnable = false;
  }
  // The newest first: threads go before the one that made them and owns what they use. That one
  // may join and so forget them while it is unwound.
  for (auto id = victims.rbegin(); id != victims.rend(); ++id) {
    const auto fiber = fibers_.find(*id);
    if (fiber != fibers_.end() && !fiber->second->finished) run(*fiber->second);
  }
  for (const uint64_t id : victims) {
    priorities_.erase(id);
    fibers_.erase(id);
  }
}

void SimScheduler::pause(const std::string& node) {
  paused_.insert(node);
  for (Fiber* fiber : runnable_) {
    if (fiber->node == node) frozen_.push_back(fiber);
  }
  std::erase_if(runnable_, [&](const Fiber* fiber) { return fiber->node == node; });
}

void SimScheduler::resume(const std::string& node) {
  paused_.erase(node);
  for (Fiber* fiber : frozen_) {
    if (fiber->node == node) runnable_.push_back(fiber);
  }
  std::erase_if(frozen_, [&](const Fiber* fiber) { return fiber->node == node; });
}

std::string SimScheduler::where(const Fiber& fiber) const {
  if (paused_.contains(fiber.node)) return "its node is paused";
  const WaitQueue* const queue = fiber.waiting_on;
  if (queue == nullptr) return fmt::format("stopped at {}", fiber.at);
  std::string text = fmt::format("waits for {} \"{}\"", queue->kind, queue->name);
  if (queue->owner != nullptr)
    text += fmt::format(", held by {} / {}", queue->owner->node, queue->owner->name);
  return text;
}

std::string SimScheduler::report() const {
  std::string text;
  for (const auto& [id, fiber] : fibers_) {
    if (!fiber->finished)
      text += fmt::format("  {} / {}: {}\n", fiber->node, fiber->name, where(*fiber));
  }
  return text;
}

}  // namespace kafkascope::sim
