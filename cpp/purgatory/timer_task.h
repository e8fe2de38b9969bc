// TimerTask: something to be done when a delay has passed, unless it is cancelled before (Kafka's
// TimerTask).
#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <string>

#include "runtime/clock.h"

namespace kafkascope {

class SystemTimer;
class TimerTaskList;

/// Belongs to at most one timer, which shares its ownership while the task waits.
class TimerTask {
 public:
  explicit TimerTask(Duration delay) : delay_(delay) {}
  virtual ~TimerTask() = default;
  TimerTask(const TimerTask&) = delete;
  TimerTask& operator=(const TimerTask&) = delete;

  /// Runs on the thread that advances the timer, once, with none of the timer's locks held.
  virtual void run() = 0;
  /// One line for pictures and traces: "fetch flights-0 at 17".
  virtual std::string describe() const { return "task"; }

  /// Takes the task out of its timer. No effect when it is not in one or already runs. Any thread;
  /// the timer must still be there.
  void cancel();
  Duration delay() const { return delay_; }

 private:
  friend class SystemTimer;
  friend class TimerTaskList;
  friend class TimingWheel;

  const Duration delay_;
  std::atomic<SystemTimer*> timer_{nullptr};
  // Guarded by the timer's mutex.
  int64_t expiration_ms_ = 0;
  TimerTaskList* bucket_ = nullptr;
  std::list<std::shared_ptr<TimerTask>>::iterator position_;
};

}  // namespace kafkascope
