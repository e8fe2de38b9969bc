// StackPool: the stacks of fibers, used again when a fiber has ended.
#pragma once

#include <boost/context/protected_fixedsize_stack.hpp>
#include <vector>

namespace kafkascope::sim {

/// Each stack has a guard page: an overflow is a crash at the place that made it. Outlives its
/// fibers.
class StackPool {
 public:
  static constexpr size_t kStackSize = 256 * 1024;
  using Stack = boost::context::stack_context;

  StackPool() = default;
  ~StackPool();
  StackPool(const StackPool&) = delete;
  StackPool& operator=(const StackPool&) = delete;

  Stack take();
  void give_back(const Stack& stack);
  /// The most bytes that any fiber ever used of its stack. Reads every stack.
  size_t high_water() const;

 private:
  boost::context::protected_fixedsize_stack allocator_{kStackSize};
  std::vector<Stack> all_;
  std::vector<Stack> free_;
};

}  // namespace kafkascope::sim
