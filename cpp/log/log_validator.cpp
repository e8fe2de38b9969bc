#include "log/log_validator.h"

#include <fmt/core.h>

#include "record/convert.h"
#include "record/record_scanner.h"

namespace kafkascope {
namespace {

/// The request's frame belongs to this append alone: the one place where record bytes that came as
/// const are written, so that offsets are assigned without a copy.
MutableByteView writable(ByteView request_bytes) {
  return {const_cast<uint8_t*>(request_bytes.data()), request_bytes.size()};
}

// A client may send any timestamp, and a configuration may hold any limit.
int64_t saturating_add(int64_t a, int64_t b) {
  int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? (a < 0 ? -INT64_MAX : INT64_MAX) : sum;
}

[[noreturn]] void refuse(ErrorCode code, const TopicPartition& partition, const std::string& why) {
  throw KafkaException(code, fmt::format("{}: {}", partition.to_string(), why));
}

}  // namespace

void LogValidator::check_header(const RecordBatch& batch) const {
  const int8_t format = options_.config.message_format;
  if (format < 2 && (batch.has_producer_id() || batch.compression() == CompressionType::kZstd)) {
    refuse(ErrorCode::kUnsupportedForMessageFormat, options_.partition,
           fmt::format("format {} knows neither producers' state nor zstd", format));
  }
  if (batch.magic() < 2) return;
  const auto invalid = [&](const std::string& why) {
    refuse(ErrorCode::kInvalidRecord, options_.partition, why);
  };
  if (batch.compression() > CompressionType::kZstd) {
    refuse(ErrorCode::kUnsupportedCompressionType, options_.partition,
           fmt::format("compression type {}", static_cast<int>(batch.compression())));
  }
  const int64_t span = batch.last_offset() - batch.base_offset() + 1;
  if (batch.count() <= 0 || span != batch.count()) {
    invalid(
        fmt::format("batch of {} records over {} offsets: one each is right", batch.count(), span));
  }
  if (options_.origin != AppendOrigin::kClient) return;
  if (batch.is_control()) invalid("clients may not write control records");
  if (batch.is_transactional() && !batch.has_producer_id()) {
    invalid("transactional batch without a producer id");
  }
  if (batch.has_producer_id()) {
    if (batch.producer_epoch() < 0) invalid("idempotent batch with a negative producer epoch");
    if (batch.base_sequence() < 0) {
      invalid(fmt::format("idempotent batch with base sequence {}", batch.base_sequence()));
    }
  }
}

void LogValidator::check_record(const RecordOutline& record, int32_t index,
                                const RecordBatch& batch, std::vector<RecordError>& key_errors,
                                std::vector<RecordError>& time_errors) const {
  const LogConfig& config = options_.config;
  if (config.compact && !record.has_key && !batch.is_control()) {
    key_errors.push_back({index, "Compacted topic cannot accept message without key"});
  }
  if (log_append_time() || record.timestamp == kNoTimestamp) return;
  const int64_t earliest = saturating_add(options_.now, -config.message_timestamp_before_max_ms);
  const int64_t latest = saturating_add(options_.now, config.message_timestamp_after_max_ms);
  if (record.timestamp < earliest || record.timestamp > latest) {
    time_errors.push_back(
        {index, fmt::format("Timestamp {} of message is out of range: should be within [{}, {}]",
                            record.timestamp, std::max<int64_t>(earliest, 0), latest)});
  }
}

LogValidator::Batch LogValidator::check_records(const RecordBatch& batch,
                                                int32_t first_index) const {
  Batch checked;
  std::vector<RecordError> key_errors, time_errors;
  const bool counted = batch.magic() >= 2;
  const Offset base = counted ? batch.base_offset() : 0;
  const auto invalid = [&](const std::string& why) {
    refuse(ErrorCode::kInvalidRecord, options_.partition, why);
  };
  const auto check = [&](const RecordOutline& record) {
    if (counted && record.offset != base + checked.count)
      invalid(fmt::format("record {} has offset delta {}", checked.count, record.offset - base));
    check_record(record, first_index + checked.count, batch, key_errors, time_errors);
    checked.max_timestamp = std::max(checked.max_timestamp, record.timestamp);
    ++checked.count;
  };
  try {
    if (counted && batch.compression() != CompressionType::kNone) {
      RecordScanner records(batch);
      for (RecordOutline record; records.next(record);) check(record);
    } else {
      RecordIterator records(batch);
      for (RecordView record; records.next(record);) {
        record.headers.for_each([](const HeaderView&) {});
        check({record.offset, record.timestamp, record.key.has_value()});
      }
    }
  } catch (const SerializationException& e) {
    invalid(e.what());
  }
  if (batch.magic() >= 2 && checked.count != batch.count()) {
    invalid(fmt::format("batch with {} records: its header says {}", checked.count, batch.count()));
  }
  if (!key_errors.empty()) {
    throw RecordValidationException(ErrorCode::kInvalidRecord,
                                    "One or more records have been rejected", key_errors);
  }
  if (!time_errors.empty()) {
    throw RecordValidationException(
        ErrorCode::kInvalidTimestamp,
        "One or more records have been rejected due to invalid timestamp", time_errors);
  }
  return checked;
}

void LogValidator::assign_in_place(MutableByteView bytes, const Batch& checked,
                                   LogAppendInfo& info) {
  MutableRecordBatch batch(bytes);
  next_offset_ += checked.count;
  batch.set_last_offset(next_offset_ - 1);
  batch.set_partition_leader_epoch(options_.leader_epoch);
  const TimestampType type = options_.config.message_timestamp_type;
  const TimestampMs timestamp = log_append_time() ? options_.now : checked.max_timestamp;
  // Changes the checksum, hence only where it says something new.
  if (batch.view().timestamp_type() != type || batch.view().max_timestamp() != timestamp) {
    batch.set_max_timestamp(type, timestamp);
  }
  if (timestamp > info.max_timestamp) {
    info.max_timestamp = timestamp;
    info.offset_of_max_timestamp = next_offset_ - 1;
  }
}

SharedSlice LogValidator::rebuild_all(const MemoryRecords& records,
                                      const std::vector<Batch>& checked, CompressionType target,
                                      LogAppendInfo& info) {
  const RecordBatch first = *records.begin();
  MemoryRecordsBuilder::Options options;
  options.magic = options_.config.message_format;
  options.compression = target;
  if (options_.config.compression_type) options.level = options_.config.compression_level;
  options.timestamp_type = options_.config.message_timestamp_type;
  options.base_offset = next_offset_;
  options.log_append_time = log_append_time() ? options_.now : kNoTimestamp;
  options.producer_id = first.producer_id();
  options.producer_epoch = first.producer_epoch();
  options.base_sequence = first.base_sequence();
  options.transactional = first.is_transactional();
  options.control = first.is_control();
  options.partition_leader_epoch = options_.leader_epoch;
  // Formats 0 and 1 have no headers: rebuild leaves them out.
  SharedSlice rebuilt = SharedSlice::of(rebuild(records, options));
  for (const Batch& batch : checked) {
    next_offset_ += batch.count;
    info.max_timestamp = std::max(info.max_timestamp, batch.max_timestamp);
  }
  if (log_append_time()) info.max_timestamp = options_.now;
  info.offset_of_max_timestamp = next_offset_ - 1;
  info.shallow_count = 1;
  return rebuilt;
}

SharedSlice LogValidator::validate_and_assign_offsets(const SharedSlice& slice,
                                                      LogAppendInfo& info) {
  const MemoryRecords records(slice);
  next_offset_ = options_.next_offset;
  std::vector<Batch> checked;
  bool in_place = true;
  int32_t index = 0;
  CompressionType target = CompressionType::kNone;
  for (const RecordBatch& batch : records) {
    if (options_.origin == AppendOrigin::kClient && !checked.empty() &&
        (batch.magic() >= 2 || batch.compression() != CompressionType::kNone)) {
      refuse(ErrorCode::kInvalidRecord, options_.partition,
             "more than one batch: a produce request has one for each partition");
    }
    check_header(batch);
    checked.push_back(check_records(batch, index));
    index += checked.back().count;
    target = options_.config.compression_type.value_or(batch.compression());
    in_place &= batch.magic() == 2 && options_.config.message_format == 2 &&
                (batch.compression() == target || batch.is_control());
  }
  info.max_timestamp = kNoTimestamp;
  SharedSlice result = slice;
  if (in_place) {
    size_t n = 0;
    for (const RecordBatch& batch : records) {
      assign_in_place(writable(batch.bytes()), checked[n++], info);
    }
  } else {
    result = rebuild_all(records, checked, target, info);
  }
  info.first_offset = options_.next_offset;
  info.last_offset = next_offset_ - 1;
  info.last_leader_epoch = options_.leader_epoch;
  if (log_append_time()) info.log_append_time = options_.now;
  return result;
}

}  // namespace kafkascope
