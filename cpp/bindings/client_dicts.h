// Descriptions of clients as Python dicts.
#pragma once

#include <pybind11/pybind11.h>

#include "clients/consumer/consumer_descriptions.h"
#include "clients/producer/producer_descriptions.h"
#include "runtime/metrics/metrics_registry.h"

namespace kafkascope::bindings {

/// group (type) -> name -> value
pybind11::dict metrics_to_dict(MetricsRegistry& metrics);
pybind11::dict producer_to_dict(const ProducerDescription& description);
pybind11::dict consumer_to_dict(const ConsumerDescription& description);

}  // namespace kafkascope::bindings
