// MemoryPool: a bound on the memory of requests that were read and not dropped yet (KIP-72).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace kafkascope {

/// Kafka's SimpleMemoryPool, not strict: as long as anything is left a frame gets all that it
/// needs, so that the largest one never waits for ever. Any thread may call; nobody waits in here.
class MemoryPool : public std::enable_shared_from_this<MemoryPool> {
 public:
  /// Gives its bytes back when the last one that holds it is gone.
  using Grant = std::shared_ptr<const void>;

  explicit MemoryPool(int64_t size) : size_(size), available_(size) {}

  /// Null when nothing is left.
  Grant try_allocate(size_t bytes);
  /// Below zero by the last frame that was let in.
  int64_t available() const { return available_.load(std::memory_order_relaxed); }
  int64_t used() const { return size_ - available(); }

 private:
  const int64_t size_;
  std::atomic<int64_t> available_;
};

}  // namespace kafkascope
