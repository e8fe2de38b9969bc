#include "clients/producer/built_in_partitioner.h"

#include <algorithm>

#include "common/check.h"

namespace kafkascope {

BuiltInPartitioner::BuiltInPartitioner(Node& node, std::string_view topic,
                                       int32_t sticky_batch_size)
    : sticky_batch_size_(sticky_batch_size),
      mutex_(node, "sticky partition"),
      random_(node.random().stream("partitioner " + std::string(topic))) {}

void BuiltInPartitioner::update_load(const QueueSizes& queues) {
  Lock lock(mutex_);
  load_partitions_.clear();
  cumulative_weights_.clear();
  if (queues.partitions.size() < 2) return;
  const auto [least, most] = std::minmax_element(queues.batches.begin(), queues.batches.end());
  if (*least == *most) return;
  load_partitions_ = queues.partitions;
  int64_t sum = 0;
  for (const int32_t batches : queues.batches)
    cumulative_weights_.push_back(sum += *most + 1 - batches);
}

bool BuiltInPartitioner::count(int32_t bytes, bool batch_complete) {
  const int32_t produced = produced_bytes_.fetch_add(bytes, std::memory_order_relaxed) + bytes;
  // Switching in the middle of a batch would leave it half full; one batch more is the limit of
  // unevenness.
  return (produced >= sticky_batch_size_ && batch_complete) ||
         produced >= 2 * int64_t{sticky_batch_size_};
}

PartitionIndex BuiltInPartitioner::switch_to_next(const std::vector<PartitionIndex>& available,
                                                  int32_t partition_count) {
  KS_CHECK(partition_count > 0, "a topic without partitions");
  Lock lock(mutex_);
  const PartitionIndex next = choose(available, partition_count);
  produced_bytes_.store(0, std::memory_order_relaxed);
  current_.store(next, std::memory_order_release);
  return next;
}

PartitionIndex BuiltInPartitioner::choose(const std::vector<PartitionIndex>& available,
                                          int32_t partition_count) {
  if (!cumulative_weights_.empty()) {
    const auto draw =
        static_cast<int64_t>(random_.below(static_cast<uint64_t>(cumulative_weights_.back())));
    const auto at = std::upper_bound(cumulative_weights_.begin(), cumulative_weights_.end(), draw);
    return load_partitions_[static_cast<size_t>(at - cumulative_weights_.begin())];
  }
  if (!available.empty()) return available[random_.below(available.size())];
  return static_cast<PartitionIndex>(random_.below(static_cast<uint64_t>(partition_count)));
}

}  // namespace kafkascope
