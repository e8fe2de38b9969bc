#include "runtime/sim/fiber.h"

#include <cxxabi.h>

#include <boost/context/fiber.hpp>

#include "common/check.h"
#include "runtime/sim/sanitizer.h"
#include "runtime/sim/stack_pool.h"

namespace kafkascope::sim {
namespace {

namespace ctx = boost::context;

/// The C++ runtime keeps what is being caught per OS thread; fibers that share one must each have
/// their own.
struct ExceptionState {
  void* caught = nullptr;
  unsigned uncaught = 0;
};
ExceptionState& exception_state() {
  return *reinterpret_cast<ExceptionState*>(abi::__cxa_get_globals());
}

/// Boost's StackAllocator over the pool.
struct PooledStack {
  StackPool* pool;
  StackPool::Stack stack;
  StackPool::Stack allocate() { return stack; }
  void deallocate(StackPool::Stack& used) noexcept { pool->give_back(used); }
};

}  // namespace

struct Fiber::Context {
  ctx::fiber fiber;      // valid while suspended
  ctx::fiber scheduler;  // valid while running
  ExceptionState own;
  LeftStack own_stack;
  LeftStack scheduler_stack;
  void* own_fake = nullptr;
  void* scheduler_fake = nullptr;
};

Fiber::Fiber(StackPool& stacks, uint64_t fiber_id, std::string node_name, std::string fiber_name,
             std::function<void()> body)
    : id(fiber_id),
      node(std::move(node_name)),
      name(std::move(fiber_name)),
      body_(std::move(body)),
      context_(std::make_unique<Context>()) {
  PooledStack stack{&stacks, stacks.take()};
  context_->own_stack = {static_cast<const char*>(stack.stack.sp) - stack.stack.size,
                         stack.stack.size};
  context_->fiber = ctx::fiber(std::allocator_arg, stack, [this](ctx::fiber&& scheduler) {
    enter_stack(nullptr, &context_->scheduler_stack);
    context_->scheduler = std::move(scheduler);
    run();
    leave_stack(nullptr, context_->scheduler_stack);
    return std::move(context_->scheduler);
  });
}

Fiber::~Fiber() { KS_CHECK(finished, "fiber " + name + " destroyed before it ended"); }

void Fiber::run() {
  try {
    if (!killed) body_();
  } catch (const FiberKilled&) {
  } catch (const std::exception&) {
    failure = std::current_exception();
  }
  body_ = nullptr;
  finished = true;
}

void Fiber::resume() {
  ExceptionState& globals = exception_state();
  const ExceptionState outside = std::exchange(globals, context_->own);
  leave_stack(&context_->scheduler_fake, context_->own_stack);
  context_->fiber = std::move(context_->fiber).resume();
  LeftStack left;
  enter_stack(context_->scheduler_fake, &left);
  context_->own = std::exchange(globals, outside);
}

void Fiber::suspend() {
  leave_stack(&context_->own_fake, context_->scheduler_stack);
  context_->scheduler = std::move(context_->scheduler).resume();
  enter_stack(context_->own_fake, &context_->scheduler_stack);
}

}  // namespace kafkascope::sim
