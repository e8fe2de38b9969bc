#include "runtime/sim/sim_scheduler.h"

#include <fmt/core.h>

#include <algorithm>

#include "common/check.h"
#include "runtime/node.h"

namespace kafkascope::sim {
namespace {

constexpr double kSwitchChance = 0.05;     // at a seam call, with kRandom
constexpr double kPriorityChange = 0.001;  // at a turn, with kPriorities

}  // namespace

SimScheduler::SimScheduler(uint64_t seed, Policy policy)
    : random_(Random(seed).stream("scheduler")), policy_(policy) {}

SimScheduler::~SimScheduler() {
  for (auto& [id, fiber] : fibers_) fiber->killed = true;
  for (auto& [id, fiber] : fibers_) {
    current_ = fiber.get();
    while (!fiber->finished) fiber->resume();
  }
  current_ = nullptr;
}

Fiber* SimScheduler::spawn(Node& node, std::string name, std::function<void()> body) {
  const uint64_t id = next_fiber_++;
  auto& fiber = fibers_[id] =
      std::make_unique<Fiber>(id, node.name(), std::move(name), std::move(body));
  priorities_[id] = random_.next();
  make_runnable(*fiber);
  return fiber.get();
}

void SimScheduler::join(Fiber* fiber) {
  while (!fiber->finished && !unwinding()) wait(fiber->ended, kForever);
  if (fiber->finished) forget(fiber);
}

void SimScheduler::forget(Fiber* fiber) {
  priorities_.erase(fiber->id);
  fibers_.erase(fiber->id);
}

void SimScheduler::make_runnable(Fiber& fiber) {
  if (fiber.runnable || fiber.finished) return;
  fiber.runnable = true;
  runnable_.push_back(&fiber);
}

void SimScheduler::stop_here(const char* what) {
  Fiber& self = *current_;
  self.at = what;
  self.suspend();
  if (self.killed) throw FiberKilled{};
}

void SimScheduler::switch_point(const char* what) {
  if (current_ == nullptr || current_->killed) return;
  if (policy_ == Policy::kRoundRobin || !random_.chance(kSwitchChance)) return;
  make_runnable(*current_);
  stop_here(what);
}

bool SimScheduler::wait(WaitQueue& queue, Instant deadline) {
  KS_CHECK(current_ != nullptr, "only a fiber can wait");
  if (current_->killed) return false;
  Fiber& self = *current_;
  self.timed_out = false;
  self.waiting_on = &queue;
  queue.waiters.push_back(&self);
  if (deadline != kForever) {
    self.timer = next_sequence_++;
    const uint64_t id = self.id;
    const uint64_t timer = self.timer;
    timers_[{std::max(deadline, now_), timer}] = [this, id, timer] {
      const auto found = fibers_.find(id);
      if (found == fibers_.end() || found->second->timer != timer) return;
      Fiber& fiber = *found->second;
      std::erase(fiber.waiting_on->waiters, &fiber);
      fiber.waiting_on = nullptr;
      fiber.timer = 0;
      fiber.timed_out = true;
      make_runnable(fiber);
    };
  }
  const std::pair<Instant, uint64_t> key{std::max(deadline, now_), self.timer};
  try {
    stop_here(queue.name);
  } catch (const FiberKilled&) {
    if (self.waiting_on != nullptr) std::erase(queue.waiters, &self);
    self.waiting_on = nullptr;
    throw;
  }
  if (deadline != kForever && !self.timed_out) timers_.erase(key);
  return !self.timed_out;
}

void SimScheduler::wake_one(WaitQueue& queue) {
  if (queue.waiters.empty()) return;
  Fiber& fiber = *queue.waiters.front();
  queue.waiters.pop_front();
  fiber.waiting_on = nullptr;
  fiber.timer = 0;
  make_runnable(fiber);
}

void SimScheduler::wake_all(WaitQueue& queue) {
  while (!queue.waiters.empty()) wake_one(queue);
}

void SimScheduler::at(Instant time, std::function<void()> fn) {
  timers_[{std::max(time, now_), next_sequence_++}] = std::move(fn);
}

bool SimScheduler::fire_next_timer() {
  if (timers_.empty()) return false;
  auto node = timers_.extract(timers_.begin());
  now_ = std::max(now_, node.key().first);
  node.mapped()();
  return true;
}

Fiber& SimScheduler::choose() {
  size_t index = 0;
  if (policy_ == Policy::kRandom) {
    index = random_.below(runnable_.size());
  } else if (policy_ == Policy::kPriorities) {
    for (size_t i = 1; i < runnable_.size(); ++i) {
      if (priorities_[runnable_[i]->id] > priorities_[runnable_[index]->id]) index = i;
    }
    if (random_.chance(kPriorityChange))
      priorities_[runnable_[index]->id] = random_.below(UINT64_MAX / 4);
  }
  Fiber& chosen = *runnable_[index];
  runnable_.erase(runnable_.begin() + static_cast<ptrdiff_t>(index));
  return chosen;
}

void SimScheduler::run(Fiber& fiber) {
  fiber.runnable = false;
  current_ = &fiber;
  fiber.resume();
  current_ = nullptr;
  if (fiber.finished) wake_all(fiber.ended);
}

Turn SimScheduler::step() {
  // Timers that are due come before fibers, so that a deadline is not passed by a busy thread.
  while (!timers_.empty() && timers_.begin()->first.first <= now_) fire_next_timer();
  while (runnable_.empty()) {
    if (!fire_next_timer()) return {};
  }
  Fiber& fiber = choose();
  run(fiber);
  Turn turn{++turns_, now_, fiber.node, fiber.name, fiber.finished ? "end" : fiber.at};
  if (fiber.failure) {
    const std::exception_ptr failure = std::exchange(fiber.failure, nullptr);
    std::rethrow_exception(failure);
  }
  return turn;
}

void SimScheduler::call(Node& node, const std::function<void()>& fn) {
  std::exception_ptr failure;
  bool done = false;
  Fiber* fiber = spawn(node, "call", [&] {
    try {
      fn();
    } catch (const std::exception&) {
      failure = std::current_exception();
    }
    done = true;
  });
  while (!done) {
    if (step().number == 0) throw Deadlock("nothing can run any more:\n" + report());
  }
  while (!fiber->finished) step();
  forget(fiber);
  if (failure) std::rethrow_exception(failure);
}

bool SimScheduler::run_until(const std::function<bool()>& condition, Duration limit) {
  const Instant end = deadline_after(now_, limit);
  while (!condition()) {
    if (now_ > end) return false;
    if (!runnable_.empty()) {
      step();
    } else if (!timers_.empty() && timers_.begin()->first.first <= end) {
      // One timer at a time: it may wake nobody, and the next may lie behind the limit.
      fire_next_timer();
    } else {
      if (end != kForever) now_ = std::max(now_, end);
      return condition();
    }
  }
  return true;
}

void SimScheduler::run_for(Duration duration) {
  (void)run_until([] { return false; }, duration);
}

void SimScheduler::kill(const std::string& node) {
  std::vector<Fiber*> victims;
  for (auto& [id, fiber] : fibers_) {
    if (fiber->node == node) victims.push_back(fiber.get());
  }
  for (Fiber* fiber : victims) {
    fiber->killed = true;
    if (fiber->waiting_on != nullptr) std::erase(fiber->waiting_on->waiters, fiber);
    fiber->waiting_on = nullptr;
    fiber->timer = 0;
    std::erase(runnable_, fiber);
    fiber->runnable = false;
  }
  // The newest first: threads go before the one that made them and owns what they use.
  for (auto fiber = victims.rbegin(); fiber != victims.rend(); ++fiber) {
    if (!(*fiber)->finished) run(**fiber);
  }
  for (Fiber* fiber : victims) forget(fiber);
}

std::string SimScheduler::report() const {
  std::string text;
  for (const auto& [id, fiber] : fibers_) {
    if (fiber->finished) continue;
    text += fmt::format("  {} / {}", fiber->node, fiber->name);
    if (const WaitQueue* queue = fiber->waiting_on; queue != nullptr) {
      text += fmt::format(": waits for {} \"{}\"", queue->kind, queue->name);
      if (queue->owner != nullptr)
        text += fmt::format(", held by {} / {}", queue->owner->node, queue->owner->name);
    } else {
      text += fmt::format(": stopped at {}", fiber->at);
    }
    text += "\n";
  }
  return text;
}

}  // namespace kafkascope::sim
