// BuiltInPartitioner: one topic's sticky partition, so that keyless records fill batches (KIP-480,
// KIP-794).
#pragma once

#include <atomic>
#include <vector>

#include "common/types.h"
#include "runtime/threads.h"

namespace kafkascope {

/// Kafka's BuiltInPartitioner. Records without a key go to one partition until batch.size bytes
/// went there, then to the next, chosen at random: by the rule of KIP-794 the less likely the
/// longer a partition's queue is. Any thread may call.
class BuiltInPartitioner {
 public:
  static constexpr PartitionIndex kNoPartition = -1;

  BuiltInPartitioner(Node& node, std::string_view topic, int32_t sticky_batch_size);

  /// What the sender saw of the partitions that can be sent to: how many batches wait for each.
  struct QueueSizes {
    std::vector<PartitionIndex> partitions;
    std::vector<int32_t> batches;
  };
  /// Empty: choose evenly.
  void update_load(const QueueSizes& queues);

  /// The partition for the next keyless record; kNoPartition before the first switch_to_next.
  PartitionIndex current() const { return current_.load(std::memory_order_acquire); }
  /// Counts bytes that went to the sticky partition. True: it is time to switch. `force` when its
  /// batch is complete.
  bool count(int32_t bytes, bool batch_complete);
  /// Chooses the next one. `available`: those whose leader is known; when empty, any of
  /// `partition_count`.
  PartitionIndex switch_to_next(const std::vector<PartitionIndex>& available,
                                int32_t partition_count);

 private:
  PartitionIndex choose(const std::vector<PartitionIndex>& available, int32_t partition_count)
      KS_REQUIRES(mutex_);

  const int32_t sticky_batch_size_;
  std::atomic<PartitionIndex> current_{kNoPartition};
  std::atomic<int32_t> produced_bytes_{0};
  Mutex mutex_;
  RandomStream random_ KS_GUARDED_BY(mutex_);
  std::vector<PartitionIndex> load_partitions_ KS_GUARDED_BY(mutex_);
  std::vector<int64_t> cumulative_weights_ KS_GUARDED_BY(mutex_);
};

}  // namespace kafkascope
