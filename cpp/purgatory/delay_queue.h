// DelayQueue: the buckets of all wheels by the time at which they are due (java.util.concurrent's
// DelayQueue).
#pragma once

#include <cstdint>
#include <map>

namespace kafkascope {

class TimerTaskList;

/// Guarded by the timer's mutex. Buckets of equal time come out in the order in which they went in.
class DelayQueue {
 public:
  void offer(int64_t expiration_ms, TimerTaskList& bucket) {
    buckets_.emplace(expiration_ms, &bucket);
  }
  /// The first bucket that is due; null when none is.
  TimerTaskList* poll(int64_t now_ms) {
    if (buckets_.empty() || next_expiration_ms() > now_ms) return nullptr;
    TimerTaskList* bucket = buckets_.begin()->second;
    buckets_.erase(buckets_.begin());
    return bucket;
  }
  bool empty() const { return buckets_.empty(); }
  /// Only when not empty.
  int64_t next_expiration_ms() const { return buckets_.begin()->first; }

 private:
  std::multimap<int64_t, TimerTaskList*> buckets_;
};

}  // namespace kafkascope
