#include "bindings/record_maker.h"

namespace py = pybind11;

namespace kafkascope::bindings {
namespace {

constexpr int kRecordFields = 13;

PyObject* bytes_or_none(const std::optional<ByteView>& view) {
  if (!view) return Py_NewRef(Py_None);
  return PyBytes_FromStringAndSize(reinterpret_cast<const char*>(view->data()),
                                   static_cast<Py_ssize_t>(view->size()));
}

PyObject* headers_of(const HeadersView& headers) {
  PyObject* list = PyList_New(0);
  if (headers.size() == 0) PyObject_GC_UnTrack(list);
  headers.for_each([&](const HeaderView& header) {
    const py::tuple pair =
        py::make_tuple(py::str(header.key.data(), header.key.size()),
                       py::reinterpret_steal<py::object>(bytes_or_none(header.value)));
    PyList_Append(list, pair.ptr());
  });
  return list;
}

long size_of(const std::optional<ByteView>& view) {
  return view ? static_cast<long>(view->size()) : -1;
}

}  // namespace

RecordMaker::RecordMaker() {
  const py::module_ structs = py::module_::import("kafkascope.structs");
  record_ = structs.attr("ConsumerRecord");
  partition_ = structs.attr("TopicPartition");
}

py::object RecordMaker::make(const py::object& topic, const py::object& partition,
                             const ConsumerRecord& record) const {
  auto* const type = reinterpret_cast<PyTypeObject*>(record_.ptr());
  PyObject* tuple = type->tp_alloc(type, kRecordFields);
  if (tuple == nullptr) throw py::error_already_set();
  int at = 0;
  const auto put = [&](PyObject* item) { PyTuple_SET_ITEM(tuple, at++, item); };
  put(Py_NewRef(topic.ptr()));
  put(Py_NewRef(partition.ptr()));
  put(record.leader_epoch == kNoLeaderEpoch ? Py_NewRef(Py_None)
                                            : PyLong_FromLong(record.leader_epoch));
  put(PyLong_FromLongLong(record.offset));
  put(PyLong_FromLongLong(record.timestamp));
  put(PyLong_FromLong(record.timestamp == kNoTimestamp ? -1 : record.log_append_time ? 1 : 0));
  put(bytes_or_none(record.key));
  put(bytes_or_none(record.value));
  put(headers_of(record.headers));
  put(Py_NewRef(Py_None));
  put(PyLong_FromLong(size_of(record.key)));
  put(PyLong_FromLong(size_of(record.value)));
  put(PyLong_FromLong(-1));
  // Nothing in a record points back to it. A collector that looked through every record that is
  // held would take a fifth of a consumer's time.
  PyObject_GC_UnTrack(tuple);
  return py::reinterpret_steal<py::object>(tuple);
}

py::dict RecordMaker::to_dict(const ConsumerRecords& records) const {
  py::dict result;
  for (const PartitionRecords& part : records.partitions) {
    const py::str topic(part.topic_partition.topic);
    const py::int_ partition(part.topic_partition.partition);
    const py::object key = partition_(topic, partition);
    py::list list(part.records.size());
    for (size_t i = 0; i < part.records.size(); ++i) {
      list[i] = make(topic, partition, part.records[i]);
    }
    if (result.contains(key)) {
      result[key].attr("extend")(list);
    } else {
      result[key] = list;
    }
  }
  return result;
}

}  // namespace kafkascope::bindings
