#include "purgatory/timing_wheel.h"

#include "common/check.h"

namespace kafkascope {

TimingWheel::TimingWheel(int64_t tick_ms, int wheel_size, int64_t start_ms, DelayQueue& queue)
    : tick_ms_(tick_ms),
      interval_ms_(tick_ms * wheel_size),
      current_time_ms_(start_ms - start_ms % tick_ms),
      queue_(queue),
      buckets_(static_cast<size_t>(wheel_size)) {
  KS_CHECK(tick_ms > 0 && wheel_size > 1, "a timing wheel needs a tick and two buckets");
}

bool TimingWheel::add(const std::shared_ptr<TimerTask>& task) {
  const int64_t expiration_ms = task->expiration_ms_;
  if (expiration_ms < current_time_ms_ + tick_ms_) return false;
  if (expiration_ms >= current_time_ms_ + interval_ms_) return overflow_wheel().add(task);
  const int64_t tick = expiration_ms / tick_ms_;
  TimerTaskList& bucket = buckets_[static_cast<size_t>(tick) % buckets_.size()];
  bucket.add(task);
  if (bucket.set_expiration(tick * tick_ms_)) queue_.offer(tick * tick_ms_, bucket);
  return true;
}

void TimingWheel::advance_clock(int64_t time_ms) {
  if (time_ms < current_time_ms_ + tick_ms_) return;
  current_time_ms_ = time_ms - time_ms % tick_ms_;
  if (overflow_wheel_ != nullptr) overflow_wheel_->advance_clock(current_time_ms_);
}

TimingWheel& TimingWheel::overflow_wheel() {
  if (overflow_wheel_ == nullptr) {
    overflow_wheel_ = std::make_unique<TimingWheel>(interval_ms_, static_cast<int>(buckets_.size()),
                                                    current_time_ms_, queue_);
  }
  return *overflow_wheel_;
}

std::vector<WheelDescription> TimingWheel::describe() const {
  WheelDescription wheel{tick_ms_, static_cast<int>(buckets_.size()), current_time_ms_, {}};
  for (size_t i = 0; i < buckets_.size(); ++i) {
    if (buckets_[i].tasks().empty()) continue;
    BucketDescription& bucket = wheel.buckets.emplace_back();
    bucket.index = static_cast<int>(i);
    bucket.expiration_ms = buckets_[i].expiration_ms();
    for (const auto& task : buckets_[i].tasks()) bucket.tasks.push_back(task->describe());
  }
  std::vector<WheelDescription> wheels{std::move(wheel)};
  if (overflow_wheel_ != nullptr) {
    for (WheelDescription& above : overflow_wheel_->describe()) wheels.push_back(std::move(above));
  }
  return wheels;
}

}  // namespace kafkascope
