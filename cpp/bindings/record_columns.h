// Records as the buffers of Arrow's columns: without a Python object for each.
#pragma once

#include <pybind11/pybind11.h>

namespace kafkascope::bindings {

/// Of the whole batches in `data`, control records left out: "consumed" bytes, "count" records, the
/// buffers of "offset" and "timestamp" (int64), of "key" and "value" (validity, int64 ends, data),
/// and of their headers ("header_ends" by record, "header_key", "header_value"). Throws what
/// RecordIterator throws.
pybind11::dict record_columns(const pybind11::bytes& data);

}  // namespace kafkascope::bindings
