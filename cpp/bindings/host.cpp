#include "bindings/host.h"

#include <pybind11/pybind11.h>

#include <algorithm>
#include <exception>

#include "runtime/future.h"
#include "runtime/real/real_runtime.h"

namespace py = pybind11;

namespace kafkascope::bindings {
namespace {

constexpr Duration kSlice = std::chrono::milliseconds(50);

void check_signals() {
  if (PyErr_CheckSignals() != 0) throw py::error_already_set();
}

}  // namespace

std::unique_ptr<Node> make_real_node(const std::string& name) {
  static auto* const runtime = new real::RealRuntime;
  return runtime->make_node(name);
}

Duration seconds(std::optional<double> s) {
  if (!s || *s > 1e9) return kForever;
  return std::chrono::round<Duration>(std::chrono::duration<double>(std::max(*s, 0.0)));
}

void run_interruptible(Node& node, const std::function<void()>& fn,
                       const std::function<void()>& interrupt) {
  Promise<bool> promise(node);
  const Future<bool> done = promise.future();
  std::exception_ptr failure;
  Thread thread(node, "python-call", [&] {
    try {
      fn();
    } catch (const std::exception&) {
      failure = std::current_exception();
    }
    promise.set(true);
  });
  try {
    for (bool finished = false; !finished;) {
      {
        const py::gil_scoped_release released;
        finished = done.wait_until(node.clock().monotonic() + kSlice);
      }
      if (!finished) check_signals();
    }
  } catch (const py::error_already_set&) {
    interrupt();
    const py::gil_scoped_release released;
    thread.join();
    throw;
  }
  {
    const py::gil_scoped_release released;
    thread.join();
  }
  if (failure) std::rethrow_exception(failure);
}

bool run_in_slices(Node& node, std::optional<double> timeout_s,
                   const std::function<bool(Instant)>& fn) {
  const Instant deadline = deadline_after(node.clock().monotonic(), seconds(timeout_s));
  for (;;) {
    Instant now{};
    bool done = false;
    {
      const py::gil_scoped_release released;
      done = fn(std::min(deadline, node.clock().monotonic() + kSlice));
      now = node.clock().monotonic();
    }
    if (done) return true;
    check_signals();
    if (now >= deadline) return false;
  }
}

}  // namespace kafkascope::bindings
