// send: a producer's one hot function, as a built-in of its own.
#pragma once

#include "bindings/producer.h"

namespace kafkascope::bindings {

/// send(topic, value=None, key=None, headers=None, partition=None, timestamp_ms=None) ->
/// FutureRecordMetadata, bound to `producer`, which `owner` keeps alive. Arguments are parsed once,
/// without a tuple or a dict.
pybind11::object make_send(Producer& producer, const pybind11::object& owner);

}  // namespace kafkascope::bindings
