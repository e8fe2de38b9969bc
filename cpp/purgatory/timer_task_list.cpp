#include "purgatory/timer_task_list.h"

#include <utility>

#include "common/check.h"

namespace kafkascope {

TimerTaskList::~TimerTaskList() { take_all(); }

void TimerTaskList::add(std::shared_ptr<TimerTask> task) {
  KS_CHECK(task->bucket_ == nullptr, "a timer task is in two buckets");
  task->bucket_ = this;
  TimerTask& added = *task;
  added.position_ = tasks_.insert(tasks_.end(), std::move(task));
}

std::shared_ptr<TimerTask> TimerTaskList::remove(TimerTask& task) {
  KS_CHECK(task.bucket_ == this, "a timer task is not in the bucket it is removed from");
  std::shared_ptr<TimerTask> removed = std::move(*task.position_);
  tasks_.erase(task.position_);
  task.bucket_ = nullptr;
  return removed;
}

TimerTaskList::Tasks TimerTaskList::take_all() {
  for (const std::shared_ptr<TimerTask>& task : tasks_) task->bucket_ = nullptr;
  expiration_ms_ = kNotQueued;
  return std::exchange(tasks_, {});
}

bool TimerTaskList::set_expiration(int64_t expiration_ms) {
  return std::exchange(expiration_ms_, expiration_ms) != expiration_ms;
}

}  // namespace kafkascope
