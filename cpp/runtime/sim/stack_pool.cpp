#include "runtime/sim/stack_pool.h"

#include <algorithm>
#include <cstdint>

#include "runtime/sim/sanitizer.h"

namespace kafkascope::sim {
namespace {

constexpr size_t kGuard = 4096;  // below the stack; may not be read

/// A stack begins as zeros. Frames are looked at from below, which AddressSanitizer must allow.
__attribute__((no_sanitize("address"))) size_t used(const StackPool::Stack& stack) {
  const auto* const end = static_cast<const uint64_t*>(stack.sp);
  const auto* at = end - (stack.size - kGuard) / sizeof(uint64_t);
  while (at < end && *at == 0) ++at;
  return static_cast<size_t>(end - at) * sizeof(uint64_t);
}

}  // namespace

StackPool::~StackPool() {
  for (Stack& stack : all_) allocator_.deallocate(stack);
}

StackPool::Stack StackPool::take() {
  if (free_.empty()) {
    all_.push_back(allocator_.allocate());
    return all_.back();
  }
  const Stack stack = free_.back();
  free_.pop_back();
  return stack;
}

void StackPool::give_back(const Stack& stack) {
  forget_poison(static_cast<const char*>(stack.sp) - (stack.size - kGuard), stack.size - kGuard);
  free_.push_back(stack);
}

size_t StackPool::high_water() const {
  size_t most = 0;
  for (const Stack& stack : all_) most = std::max(most, used(stack));
  return most;
}

}  // namespace kafkascope::sim
