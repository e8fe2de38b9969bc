// MetadataCache: what a broker knows of the cluster, read by every request and replaced as a whole.
#pragma once

#include <functional>
#include <memory>

#include "metadata/cluster_metadata.h"
#include "runtime/threads.h"

namespace kafkascope {

/// Kafka's MetadataCache. Any thread may call. A picture that was handed out never changes.
class MetadataCache {
 public:
  explicit MetadataCache(Node& node)
      : mutex_(node, "metadata cache"), current_(std::make_shared<const ClusterMetadata>()) {}

  std::shared_ptr<const ClusterMetadata> current() const {
    ReadLock lock(mutex_);
    return current_;
  }
  /// Changes a copy and puts it in place of the old one; changes follow one another.
  void update(const std::function<void(ClusterMetadata&)>& change) {
    WriteLock lock(mutex_);
    auto next = std::make_shared<ClusterMetadata>(*current_);
    change(*next);
    current_ = std::move(next);
  }

 private:
  mutable SharedMutex mutex_;
  std::shared_ptr<const ClusterMetadata> current_ KS_GUARDED_BY(mutex_);
};

}  // namespace kafkascope
