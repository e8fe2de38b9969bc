// FutureObject: ProducerFuture as a Python object that costs one small allocation.
#pragma once

#include "bindings/callback_thread.h"

namespace kafkascope::bindings {

/// Defines FutureRecordMetadata in the module. A type of our own rather than a pybind11 class: a
/// producer makes a million of them a second, and most are dropped unread.
void define_future(pybind11::module_& m);

/// A new reference. `owner` lives as long as the object.
PyObject* make_future(ProducerFuture future, PyObject* owner);

}  // namespace kafkascope::bindings
