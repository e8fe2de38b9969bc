#include "record/batch_fields.h"

#include <fmt/core.h>

#include <utility>

namespace kafkascope {
namespace {

class FieldReader {
 public:
  explicit FieldReader(const RecordBatch& batch) : batch_(batch), reader_(batch.bytes()) {}

  std::vector<BatchField> run() {
    try {
      batch_.magic() >= 2 ? read_v2() : read_old();
      if (!reader_.at_end()) reader_.fail("bytes left over");
    } catch (const SerializationException& e) {
      fields_.push_back({"error", last_owned_, batch_.size(), 0, false, std::string(e.what())});
    }
    return std::move(fields_);
  }

 private:
  void add(std::string name, size_t begin, BatchFieldValue value) {
    last_owned_ = reader_.position();
    fields_.push_back({std::move(name), begin, last_owned_, depth_, false, std::move(value)});
  }
  int64_t int8(const char* name) { return number(name, &ByteReader::read_int8); }
  int64_t int16(const char* name) { return number(name, &ByteReader::read_int16); }
  int64_t int32(const char* name) { return number(name, &ByteReader::read_int32); }
  int64_t int64(const char* name) { return number(name, &ByteReader::read_int64); }
  int64_t varint(const char* name) { return number(name, &ByteReader::read_varint); }
  int64_t varlong(const char* name) { return number(name, &ByteReader::read_varlong); }
  template <typename T>
  int64_t number(const char* name, T (ByteReader::*read)()) {
    const size_t begin = reader_.position();
    const auto value = static_cast<int64_t>((reader_.*read)());
    add(name, begin, value);
    return value;
  }
  void crc() {
    const size_t begin = reader_.position();
    const uint32_t value = reader_.read_uint32();
    add("crc", begin, fmt::format("{:#010x}{}", value, batch_.is_checksum_valid() ? "" : " WRONG"));
  }
  /// Nothing at all for a null.
  void bytes(const char* name, int64_t length) {
    if (length == -1) return;
    if (length < 0) reader_.fail("negative length");
    const size_t begin = reader_.position();
    const ByteView value = reader_.read_bytes(static_cast<size_t>(length));
    add(name, begin, value);
  }
  void compressed(size_t count) {
    const size_t begin = reader_.position();
    reader_.skip(count);
    add("records", begin, fmt::format("{} bytes of {}", count, codec()));
  }
  void attributes(bool wide) {
    const size_t begin = reader_.position();
    wide ? reader_.skip(2) : reader_.skip(1);
    std::string words(codec());
    if (batch_.timestamp_type() == TimestampType::kLogAppendTime) words += ", log append time";
    if (batch_.is_transactional()) words += ", transactional";
    if (batch_.is_control()) words += ", control";
    if (batch_.delete_horizon_ms()) words += ", delete horizon";
    add("attributes", begin, std::move(words));
  }
  std::string_view codec() const { return compression_name(batch_.compression()); }

  void read_v2() {
    if (batch_.size() < batch_v2::kHeaderSize) reader_.fail("batch is shorter than its header");
    int64("base offset");
    int32("length");
    int32("partition leader epoch");
    int8("magic");
    crc();
    attributes(true);
    int32("last offset delta");
    int64(batch_.delete_horizon_ms() ? "delete horizon" : "base timestamp");
    int64("max timestamp");
    int64("producer id");
    int16("producer epoch");
    int32("base sequence");
    const int64_t count = int32("count");
    if (batch_.compression() != CompressionType::kNone) {
      if (!reader_.at_end()) compressed(reader_.remaining());
      return;
    }
    for (int64_t i = 0; i < count; ++i) read_record(i);
  }

  void read_record(int64_t index) {
    const size_t begin = reader_.position();
    const int64_t size = ByteReader(reader_).read_varint();  // a look ahead
    const size_t group = fields_.size();
    fields_.push_back({"record " + std::to_string(index), begin, begin, 0, true, {}});
    depth_ = 1;
    varint("size");
    const size_t body = reader_.position();
    if (size < 0 || static_cast<size_t>(size) > reader_.remaining()) reader_.fail("broken size");
    fields_[group].end = body + static_cast<size_t>(size);
    int8("attributes");
    varlong("timestamp delta");
    varint("offset delta");
    bytes("key", varint("key length"));
    bytes("value", varint("value length"));
    const int64_t headers = varint("header count");
    for (int64_t i = 0; i < headers; ++i) {
      bytes("header name", varint("header name length"));
      bytes("header value", varint("header value length"));
    }
    depth_ = 0;
    if (reader_.position() != fields_[group].end) reader_.fail("a record is not of its size");
  }

  void read_old() {
    int64("offset");
    int32("size");
    crc();
    int8("magic");
    attributes(false);
    if (batch_.magic() == 1) int64("timestamp");
    bytes("key", int32("key length"));
    const int64_t length = int32("value length");
    if (batch_.compression() == CompressionType::kNone) {
      bytes("value", length);
    } else if (length > 0) {
      compressed(static_cast<size_t>(length));
    }
  }

  RecordBatch batch_;
  ByteReader reader_;
  std::vector<BatchField> fields_;
  size_t last_owned_ = 0;
  int depth_ = 0;
};

}  // namespace

std::vector<BatchField> describe_fields(const RecordBatch& batch) {
  return FieldReader(batch).run();
}

}  // namespace kafkascope
