// ProducerIdManager: ids for idempotent producers, taken from the store in blocks.
#pragma once

#include "metadata/metadata_store.h"
#include "runtime/threads.h"

namespace kafkascope {

/// Kafka's ProducerIdManager. Any thread may call. A block that a crash leaves unused is never used
/// again.
class ProducerIdManager {
 public:
  static constexpr int64_t kBlockSize = 1000;

  ProducerIdManager(Node& node, MetadataStore& store)
      : store_(store), mutex_(node, "producer ids") {}

  ProducerId generate() {
    Lock lock(mutex_);
    if (next_ == end_) {
      next_ = store_.allocate_producer_ids(kBlockSize);
      end_ = next_ + kBlockSize;
    }
    return next_++;
  }

 private:
  MetadataStore& store_;
  Mutex mutex_;
  ProducerId next_ KS_GUARDED_BY(mutex_) = 0;
  ProducerId end_ KS_GUARDED_BY(mutex_) = 0;
};

}  // namespace kafkascope
