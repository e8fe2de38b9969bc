#include "purgatory/system_timer.h"

#include <algorithm>
#include <chrono>

#include "common/check.h"

namespace kafkascope {
namespace {

int64_t round_up(int64_t value, int64_t unit) { return (value + unit - 1) / unit * unit; }

Instant at_ms(int64_t ms) { return std::chrono::milliseconds(ms); }

// Later than any run; keeps sums of milliseconds and the wheels' spans far from overflow.
constexpr Duration kLongestDelay = std::chrono::hours(24 * 365 * 10);

}  // namespace

void TimerTask::cancel() {
  if (SystemTimer* timer = timer_.load(std::memory_order_acquire); timer != nullptr) {
    timer->cancel(*this);
  }
}

SystemTimer::SystemTimer(Node& node, std::string name, int64_t tick_ms, int wheel_size)
    : node_(node),
      name_(std::move(name)),
      tick_ms_(tick_ms),
      mutex_(node, "timer"),
      changed_(node, "timer"),
      wheel_(tick_ms, wheel_size, now_ms(), queue_) {}

int64_t SystemTimer::now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(node_.clock().monotonic()).count();
}

void SystemTimer::add(const std::shared_ptr<TimerTask>& task) {
  const Instant due = node_.clock().monotonic() + std::min(task->delay(), kLongestDelay);
  const int64_t due_ms = std::chrono::ceil<std::chrono::milliseconds>(due).count();
  Lock lock(mutex_);
  KS_CHECK(task->timer_ == nullptr, "a timer task is added twice: " + task->describe());
  // A wheel's bucket stands for the start of its tick. Rounded up, that is never before the task is
  // due.
  task->expiration_ms_ = round_up(due_ms, tick_ms_);
  task->timer_.store(this, std::memory_order_release);
  const int64_t first = queue_.empty() ? INT64_MAX : queue_.next_expiration_ms();
  if (wheel_.add(task)) {
    size_.fetch_add(1, std::memory_order_relaxed);
    if (queue_.next_expiration_ms() < first) changed_.notify_one();
  } else {
    due_at_once_.push_back(task);
    changed_.notify_one();
  }
}

void SystemTimer::cancel(TimerTask& task) {
  std::shared_ptr<TimerTask> removed;  // outlives the lock: its destructor may do anything
  Lock lock(mutex_);
  if (task.bucket_ == nullptr) return;
  removed = task.bucket_->remove(task);
  size_.fetch_sub(1, std::memory_order_relaxed);
  lock.unlock();
}

bool SystemTimer::advance_clock(Duration timeout) {
  const Instant deadline = deadline_after(node_.clock().monotonic(), timeout);
  TimerTaskList::Tasks due;
  {
    Lock lock(mutex_);
    while (!closed_) {
      due = take_due();
      if (!due.empty() || node_.clock().monotonic() >= deadline) break;
      const Instant next = queue_.empty() ? kForever : at_ms(queue_.next_expiration_ms());
      changed_.wait_until(lock, std::min(deadline, next));
    }
  }
  for (const std::shared_ptr<TimerTask>& task : due) {
    KS_TRACE(node_, "TimerTaskExpired", {"timer", name_}, {"task", task->describe()});
    task->run();
  }
  return !due.empty();
}

TimerTaskList::Tasks SystemTimer::take_due() {
  TimerTaskList::Tasks due = std::exchange(due_at_once_, {});
  const int64_t now = now_ms();
  while (TimerTaskList* bucket = queue_.poll(now)) {
    wheel_.advance_clock(bucket->expiration_ms());
    for (std::shared_ptr<TimerTask>& task : bucket->take_all()) {
      if (wheel_.add(task)) continue;
      size_.fetch_sub(1, std::memory_order_relaxed);
      due.push_back(std::move(task));
    }
  }
  wheel_.advance_clock(now);  // no bucket before now is left
  return due;
}

void SystemTimer::close() {
  Lock lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

TimerDescription SystemTimer::describe() {
  Lock lock(mutex_);
  return {name_, now_ms(), size(), wheel_.describe()};
}

}  // namespace kafkascope
