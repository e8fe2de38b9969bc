// Logs: a partition's directory, as it lies on disk.
#include <pybind11/stl.h>

#include "bindings/host.h"
#include "bindings/init.h"
#include "bindings/log_dicts.h"
#include "log/log_reader.h"
#include "log/producer_state_snapshot.h"

namespace py = pybind11;

namespace kafkascope::bindings {
namespace {

py::dict read_log(const std::string& dir) {
  LogDescription log;
  {
    const py::gil_scoped_release released;
    log = read_log_directory(make_real_node("reader")->files(), dir);
  }
  return log_to_dict(log);
}

/// (id, epoch, last sequence, last offset, offset delta, timestamp, coordinator epoch, first offset
/// of its transaction)
py::list producer_snapshot(const py::bytes& data) {
  const std::string_view bytes = data;
  py::list found;
  for (const ProducerStateEntry& entry : decode_producer_snapshot(as_bytes(bytes))) {
    const BatchMetadata last = entry.empty() ? BatchMetadata{} : entry.batches.back();
    found.append(py::make_tuple(entry.producer_id, entry.producer_epoch, last.last_seq,
                                last.last_offset, last.offset_delta, entry.last_timestamp,
                                entry.coordinator_epoch, entry.current_txn_first_offset));
  }
  return found;
}

}  // namespace

void init_log(py::module_& m) {
  m.def("read_log_directory", &read_log, py::arg("dir"), "What a partition's directory holds.");
  m.def("producer_snapshot", &producer_snapshot, py::arg("data"),
        "The producers of a .snapshot file.");
}

}  // namespace kafkascope::bindings
