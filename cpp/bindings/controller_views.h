// What Python sees of a broker's controller and fetchers, real or simulated.
#pragma once

#include <pybind11/pybind11.h>

namespace kafkascope {
class KafkaServer;
}

namespace kafkascope::bindings {

/// The controller: its state, and, when it is active, what it knows of brokers, partitions and
/// replicas. None for a broker that stands alone. Waits for the event under way without the GIL.
pybind11::object controller_of(KafkaServer& server);
/// The fetcher threads: "threads", each with "name", "leader" and "partitions", and
/// "failed_partitions". None for a broker that stands alone.
pybind11::object fetchers_of(KafkaServer& server);

}  // namespace kafkascope::bindings
