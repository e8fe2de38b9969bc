#include "network/memory_pool.h"

namespace kafkascope {

MemoryPool::Grant MemoryPool::try_allocate(size_t bytes) {
  const auto wanted = static_cast<int64_t>(bytes);
  int64_t left = available_.load(std::memory_order_relaxed);
  do {
    if (left <= 0) return nullptr;
  } while (!available_.compare_exchange_weak(left, left - wanted, std::memory_order_relaxed));
  return {this, [self = shared_from_this(), wanted](const void*) {
            self->available_.fetch_add(wanted, std::memory_order_relaxed);
          }};
}

}  // namespace kafkascope
