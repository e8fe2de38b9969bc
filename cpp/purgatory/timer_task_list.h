// TimerTaskList: one bucket of a timing wheel (Kafka's TimerTaskList).
#pragma once

#include <cstdint>
#include <list>
#include <memory>

#include "purgatory/timer_task.h"

namespace kafkascope {

/// The tasks that are due within one tick of one wheel. Guarded by the timer's mutex.
class TimerTaskList {
 public:
  using Tasks = std::list<std::shared_ptr<TimerTask>>;
  static constexpr int64_t kNotQueued = -1;

  ~TimerTaskList();

  void add(std::shared_ptr<TimerTask> task);
  /// The task must be in this bucket.
  std::shared_ptr<TimerTask> remove(TimerTask& task);
  /// Empties the bucket and lets it be queued for another round of the wheel.
  Tasks take_all();

  /// Start of the tick that the bucket stands for now. True when it changed: the bucket must be
  /// queued again.
  bool set_expiration(int64_t expiration_ms);
  int64_t expiration_ms() const { return expiration_ms_; }
  const Tasks& tasks() const { return tasks_; }

 private:
  Tasks tasks_;
  int64_t expiration_ms_ = kNotQueued;
};

}  // namespace kafkascope
