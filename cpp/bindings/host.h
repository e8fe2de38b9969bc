// Host: the nodes that Python's clients and brokers live on, and how a call waits without holding
// Python up.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "runtime/node.h"

namespace kafkascope::bindings {

/// A node of the process's one real runtime. The runtime is never taken down: threads may outlive
/// the interpreter.
std::unique_ptr<Node> make_real_node(const std::string& name);

/// Runs fn on a thread of its own with the GIL released, while the calling thread looks for signals
/// every 50 ms. A signal whose handler raises calls `interrupt`, waits for fn, and the Python
/// exception goes on. Exceptions of fn come out here.
void run_interruptible(Node& node, const std::function<void()>& fn,
                       const std::function<void()>& interrupt);

/// Calls fn(deadline) with the GIL released, again and again in slices of at most 50 ms, until it
/// says true or the time is up; between two slices signals are seen. False: time up.
bool run_in_slices(Node& node, std::optional<double> timeout_s,
                   const std::function<bool(Instant)>& fn);

/// Seconds of Python as a duration; for ever without one.
Duration seconds(std::optional<double> s);

}  // namespace kafkascope::bindings
