// Record batches: what stands in their headers, their records, their bytes by name.
#include <pybind11/stl.h>

#include "bindings/casters.h"
#include "bindings/init.h"
#include "bindings/record_columns.h"
#include "record/batch_fields.h"
#include "record/memory_records.h"
#include "record/memory_records_builder.h"

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
  dict["delete_horizon_ms"] = batch.delete_horizon_ms();
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

using HeaderTuples = std::vector<std::pair<std::string, std::optional<std::string>>>;
/// (offset or none: the next, timestamp, key, value, headers)
using RecordTuple = std::tuple<std::optional<Offset>, TimestampMs, std::optional<std::string>,
                               std::optional<std::string>, HeaderTuples>;

std::optional<ByteView> view_of(const std::optional<std::string>& text) {
  return text ? std::optional(as_bytes(*text)) : std::nullopt;
}

py::bytes build(const py::list& records, const std::string& codec, int8_t magic, Offset base_offset,
                ProducerId producer_id, ProducerEpoch producer_epoch, int32_t base_sequence,
                bool transactional) {
  MemoryRecordsBuilder::Options options;
  options.magic = magic;
  const auto compression = parse_compression(codec);
  if (!compression) throw KafkaException(ErrorCode::kUnsupportedCompressionType, "codec " + codec);
  options.compression = *compression;
  options.base_offset = base_offset;
  options.producer_id = producer_id;
  options.producer_epoch = producer_epoch;
  options.base_sequence = base_sequence;
  options.transactional = transactional;
  MemoryRecordsBuilder builder(options);
  Offset next = base_offset;
  for (const auto& [offset, timestamp, key, value, headers] :
       records.cast<std::vector<RecordTuple>>()) {
    if (offset.value_or(next) < next)
      throw KafkaException(ErrorCode::kInvalidRecord, "offsets of a batch must grow");
    std::vector<HeaderView> views;
    for (const auto& [name, content] : headers) views.push_back({name, view_of(content)});
    if (magic < 2 && !views.empty())
      throw KafkaException(ErrorCode::kInvalidRecord, "headers need message format 2");
    next = offset.value_or(next) + 1;
    builder.append_with_offset(next - 1, timestamp, view_of(key), view_of(value), views);
  }
  if (builder.empty()) throw KafkaException(ErrorCode::kInvalidRecord, "a batch without records");
  return to_bytes(builder.close());
}

py::bytes end_txn_marker(bool commit, ProducerId producer_id, ProducerEpoch producer_epoch,
                         TimestampMs timestamp) {
  MemoryRecordsBuilder::Options options;
  options.producer_id = producer_id;
  options.producer_epoch = producer_epoch;
  options.transactional = options.control = true;
  MemoryRecordsBuilder builder(options);
  builder.append_end_txn_marker(timestamp, {commit, 0});
  return to_bytes(builder.close());
}

}  // namespace

void init_record(py::module_& m) {
  m.def("record_batches", &batches, py::arg("data"), "Each whole batch, as a dict of its header.");
  m.def("record_records", &records, py::arg("data"), "The records of all whole batches.");
  m.def("record_build", &build, py::arg("records"), py::arg("codec"), py::arg("magic"),
        py::arg("base_offset"), py::arg("producer_id"), py::arg("producer_epoch"),
        py::arg("base_sequence"), py::arg("transactional"), "The bytes of one batch.");
  m.def("record_end_txn_marker", &end_txn_marker, py::arg("commit"), py::arg("producer_id"),
        py::arg("producer_epoch"), py::arg("timestamp_ms"), "The bytes of a marker's batch.");
  m.def("record_columns", &record_columns, py::arg("data"),
        "Records as the buffers of Arrow columns.");
  m.def("record_fields", &fields, py::arg("data"), "The first batch as named byte ranges.");
}

}  // namespace kafkascope::bindings
