#include "record/convert.h"

#include <vector>

namespace kafkascope {
namespace {

MemoryRecordsBuilder::Options options_like(const RecordBatch& batch, int8_t magic) {
  MemoryRecordsBuilder::Options options;
  options.magic = magic;
  const bool cannot_have = magic < 2 && batch.compression() == CompressionType::kZstd;
  options.compression = cannot_have ? CompressionType::kNone : batch.compression();
  options.base_offset = batch.base_offset();
  if (batch.timestamp_type() == TimestampType::kLogAppendTime && magic > 0) {
    options.timestamp_type = TimestampType::kLogAppendTime;
    options.log_append_time = batch.max_timestamp();
  }
  return options;
}

void append_converted(const RecordBatch& batch, int8_t magic, Offset first_offset,
                      ByteBuffer& out) {
  Offset next = batch.base_offset();
  if (next < 0 || next > INT64_MAX - INT32_MAX) {
    throw KafkaException(ErrorCode::kCorruptMessage, "a batch whose offsets no log has");
  }
  MemoryRecordsBuilder builder(options_like(batch, magic));
  RecordIterator records(batch);
  for (RecordView record; records.next(record);) {
    if (record.offset < next || record.offset - batch.base_offset() > INT32_MAX) {
      throw KafkaException(ErrorCode::kCorruptMessage, "a batch whose offsets go back");
    }
    next = record.offset + 1;
    const bool alone = batch.compression() == CompressionType::kNone && magic < 2;
    if (alone && record.offset < first_offset) continue;
    std::vector<HeaderView> headers;
    if (magic >= 2)
      record.headers.for_each([&](const HeaderView& header) { headers.push_back(header); });
    builder.append_with_offset(record.offset, record.timestamp, record.key, record.value, headers);
  }
  if (builder.empty()) return;
  const ByteBuffer made = builder.close();
  out.insert(out.end(), made.begin(), made.end());
}

}  // namespace

ByteBuffer convert(const MemoryRecords& records, int8_t magic, Offset first_offset) {
  ByteBuffer out;
  for (const RecordBatch& batch : records) {
    if (batch.magic() == magic || (batch.magic() < magic && magic < 2)) {
      out.insert(out.end(), batch.bytes().begin(), batch.bytes().end());
    } else if (!batch.is_control()) {
      append_converted(batch, magic, first_offset, out);
    }
  }
  return out;
}

ByteBuffer rebuild(const MemoryRecords& records, const MemoryRecordsBuilder::Options& options) {
  MemoryRecordsBuilder builder(options);
  records.for_each_record([&](const RecordBatch&, const RecordView& record) {
    std::vector<HeaderView> headers;
    if (options.magic >= 2)
      record.headers.for_each([&](const HeaderView& header) { headers.push_back(header); });
    builder.append(record.timestamp, record.key, record.value, headers);
  });
  if (builder.empty()) throw KafkaException(ErrorCode::kInvalidRecord, "batches without records");
  return builder.close();
}

}  // namespace kafkascope
