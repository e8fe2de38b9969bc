#include "bindings/record_columns.h"

#include "record/memory_records.h"

namespace py = pybind11;

namespace kafkascope::bindings {
namespace {

/// One column of an Arrow table: its buffers.
struct BinaryColumn {
  std::vector<uint8_t> valid;  // a bit a row
  std::vector<int64_t> ends{0};
  std::string data;

  void add(const std::optional<ByteView>& value) {
    const size_t row = ends.size() - 1;
    if (row % 8 == 0) valid.push_back(0);
    if (value) {
      valid.back() |= static_cast<uint8_t>(1 << row % 8);
      data.append(to_string(*value));
    }
    ends.push_back(static_cast<int64_t>(data.size()));
  }
  py::tuple buffers() const {
    return py::make_tuple(bytes_of(valid), bytes_of(ends), py::bytes(data));
  }
  template <typename T>
  static py::bytes bytes_of(const std::vector<T>& values) {
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
  }
};

}  // namespace

py::dict record_columns(const py::bytes& data) {
  const std::string_view bytes = data;
  std::vector<int64_t> offsets, timestamps;
  std::vector<int32_t> header_ends{0};
  BinaryColumn keys, values, header_keys, header_values;
  const MemoryRecords records(SharedSlice(nullptr, as_bytes(bytes)));
  {
    const py::gil_scoped_release released;
    records.for_each_record([&](const RecordBatch& batch, const RecordView& record) {
      if (batch.is_control()) return;
      offsets.push_back(record.offset);
      timestamps.push_back(record.timestamp);
      keys.add(record.key);
      values.add(record.value);
      record.headers.for_each([&](const HeaderView& header) {
        header_keys.add(as_bytes(header.key));
        header_values.add(header.value);
      });
      header_ends.push_back(static_cast<int32_t>(header_keys.ends.size() - 1));
    });
  }
  py::dict dict;
  dict["consumed"] = records.valid_bytes();
  dict["count"] = offsets.size();
  dict["offset"] = BinaryColumn::bytes_of(offsets);
  dict["timestamp"] = BinaryColumn::bytes_of(timestamps);
  dict["key"] = keys.buffers();
  dict["value"] = values.buffers();
  dict["header_ends"] = BinaryColumn::bytes_of(header_ends);
  dict["header_count"] = header_keys.ends.size() - 1;
  dict["header_key"] = header_keys.buffers();
  dict["header_value"] = header_values.buffers();
  return dict;
}

}  // namespace kafkascope::bindings
