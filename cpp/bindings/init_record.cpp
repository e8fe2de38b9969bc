// Record batches: what stands in their headers, their records, their bytes by name.
#include <pybind11/stl.h>

#include "bindings/casters.h"
#include "bindings/init.h"
#include "record/batch_fields.h"
#include "record/memory_records.h"

namespace py = pybind11;

namespace kafkascope::bindings {
namespace {

py::object optional_bytes(const std::optional<ByteView>& view) {
  return view ? py::object(to_bytes(*view)) : py::none();
}

py::dict batch_to_dict(const RecordBatch& batch, size_t position) {
  if (batch.magic() >= 2 && batch.size() < batch_v2::kHeaderSize)
    throw KafkaException(ErrorCode::kCorruptMessage, "a batch is shorter than its header");
  py::dict dict;
  dict["position"] = position;
  dict["magic"] = batch.magic();
  dict["base_offset"] = batch.base_offset();
  dict["last_offset"] = batch.last_offset();
  dict["count"] = batch.count();
  dict["codec"] = compression_name(batch.compression());
  dict["base_timestamp"] = batch.base_timestamp();
  dict["max_timestamp"] = batch.max_timestamp();
  dict["log_append_time"] = batch.timestamp_type() == TimestampType::kLogAppendTime;
  dict["partition_leader_epoch"] = batch.partition_leader_epoch();
  dict["producer_id"] = batch.producer_id();
  dict["producer_epoch"] = batch.producer_epoch();
  dict["base_sequence"] = batch.base_sequence();
  dict["is_transactional"] = batch.is_transactional();
  dict["is_control"] = batch.is_control();
  dict["crc"] = batch.crc();
  dict["is_valid"] = batch.is_checksum_valid();
  dict["data"] = to_bytes(batch.bytes());
  return dict;
}

MemoryRecords records_of(std::string_view bytes) {
  return MemoryRecords(SharedSlice(nullptr, as_bytes(bytes)));
}

py::list batches(const py::bytes& data) {
  const std::string_view bytes = data;
  py::list found;
  for (const RecordBatch& batch : records_of(bytes)) {
    const auto* first = reinterpret_cast<const uint8_t*>(bytes.data());
    found.append(batch_to_dict(batch, static_cast<size_t>(batch.bytes().data() - first)));
  }
  return found;
}

/// (offset, timestamp, key, value, headers)
py::list records(const py::bytes& data) {
  const std::string_view bytes = data;
  py::list found;
  records_of(bytes).for_each_record([&](const RecordBatch&, const RecordView& record) {
    py::list headers;
    record.headers.for_each([&](const HeaderView& header) {
      headers.append(py::make_tuple(header.key, optional_bytes(header.value)));
    });
    found.append(py::make_tuple(record.offset, record.timestamp, optional_bytes(record.key),
                                optional_bytes(record.value), headers));
  });
  return found;
}

py::object to_object(const BatchFieldValue& value) {
  struct Visitor {
    py::object operator()(std::monostate) const { return py::str(""); }
    py::object operator()(int64_t v) const { return py::int_(v); }
    py::object operator()(ByteView v) const { return to_bytes(v); }
    py::object operator()(const std::string& v) const { return py::str(v); }
  };
  return std::visit(Visitor{}, value);
}

py::list fields(const py::bytes& data) {
  constexpr size_t kMaxHex = 64;
  const std::string_view bytes = data;
  py::list found;
  for (const RecordBatch& batch : records_of(bytes)) {
    for (const BatchField& field : describe_fields(batch)) {
      const ByteView own = batch.bytes().subspan(field.begin, field.end - field.begin);
      py::dict dict;
      dict["name"] = field.name;
      dict["begin"] = field.begin;
      dict["end"] = field.end;
      dict["depth"] = field.depth;
      dict["value"] = to_object(field.value);
      dict["hex"] = field.is_group
                        ? py::object(py::str(""))
                        : to_bytes(own.first(std::min(own.size(), kMaxHex))).attr("hex")();
      found.append(dict);
    }
    break;
  }
  return found;
}

}  // namespace

void init_record(py::module_& m) {
  m.def("record_batches", &batches, py::arg("data"), "Each whole batch, as a dict of its header.");
  m.def("record_records", &records, py::arg("data"), "The records of all whole batches.");
  m.def("record_fields", &fields, py::arg("data"), "The first batch as named byte ranges.");
}

}  // namespace kafkascope::bindings
