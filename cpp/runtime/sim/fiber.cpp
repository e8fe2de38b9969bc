#include "runtime/sim/fiber.h"

#include <cxxabi.h>

#include <boost/context/fiber.hpp>
#include <boost/context/protected_fixedsize_stack.hpp>

#include "common/check.h"

namespace kafkascope::sim {
namespace {

namespace ctx = boost::context;

constexpr size_t kStackSize = 256 * 1024;

/// The C++ runtime keeps what is being caught per OS thread; fibers that share one must each have
/// their own.
struct ExceptionState {
  void* caught = nullptr;
  unsigned uncaught = 0;
};
ExceptionState& exception_state() {
  return *reinterpret_cast<ExceptionState*>(abi::__cxa_get_globals());
}

}  // namespace

struct Fiber::Context {
  ctx::fiber fiber;      // valid while suspended
  ctx::fiber scheduler;  // valid while running
  ExceptionState own;
};

Fiber::Fiber(uint64_t fiber_id, std::string node_name, std::string fiber_name,
             std::function<void()> body)
    : id(fiber_id),
      node(std::move(node_name)),
      name(std::move(fiber_name)),
      body_(std::move(body)),
      context_(std::make_unique<Context>()) {
  context_->fiber = ctx::fiber(std::allocator_arg, ctx::protected_fixedsize_stack(kStackSize),
                               [this](ctx::fiber&& scheduler) {
                                 context_->scheduler = std::move(scheduler);
                                 run();
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
  context_->fiber = std::move(context_->fiber).resume();
  context_->own = std::exchange(globals, outside);
}

void Fiber::suspend() { context_->scheduler = std::move(context_->scheduler).resume(); }

}  // namespace kafkascope::sim
