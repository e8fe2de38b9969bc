// FailedPartitions: those that no fetcher follows any more, until the controller says anew.
#pragma once

#include <set>

#include "common/types.h"
#include "runtime/threads.h"

namespace kafkascope {

/// Kafka's FailedPartitions: fenced ones, and those whose log failed. Any thread may call.
class FailedPartitions {
 public:
  explicit FailedPartitions(Node& node) : mutex_(node, "failed partitions") {}

  void add(const TopicPartition& partition) {
    Lock lock(mutex_);
    partitions_.insert(partition);
  }
  void remove(const TopicPartition& partition) {
    Lock lock(mutex_);
    partitions_.erase(partition);
  }
  std::set<TopicPartition> partitions() const {
    Lock lock(mutex_);
    return partitions_;
  }

 private:
  mutable Mutex mutex_;
  std::set<TopicPartition> partitions_ KS_GUARDED_BY(mutex_);
};

}  // namespace kafkascope
