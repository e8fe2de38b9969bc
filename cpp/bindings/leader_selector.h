// Python objects as the controller's PartitionLeaderSelectors.
#pragma once

#include <pybind11/pybind11.h>

#include <functional>
#include <map>
#include <string>

#include "controller/partition_leader_selector.h"

namespace kafkascope {
class Node;
}

namespace kafkascope::bindings {

/// "offline", "reassigned", "preferred", "controlled_shutdown" or "no_op" to a function: it takes a
/// dict of a PartitionElection and returns (leader, isr, recipients or None), or None.
using SelectorFunctions = std::map<std::string, pybind11::function>;

/// Kafka's selectors of one broker, with these in place of those that they name. What a function
/// raises or returns wrongly is one line in the log, and the partition stays as it is. With the
/// GIL; throws py::value_error for another name.
std::function<LeaderSelectors(Node&)> leader_selector_factory(const SelectorFunctions& functions);

}  // namespace kafkascope::bindings
