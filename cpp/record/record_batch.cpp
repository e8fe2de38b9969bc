#include "record/record_batch.h"

#include <fmt/core.h>
#include <zlib.h>

#include "common/crc32c.h"
#include "record/record_iterator.h"

namespace kafkascope {
namespace {

constexpr int16_t kTimestampTypeBit = 0x08;
constexpr int16_t kDeleteHorizonBit = 0x40;
// Formats 0 and 1: offset, size, crc, magic, attributes, then (1) a timestamp.
constexpr size_t kOldCrc = 12;
constexpr size_t kOldAttributes = 17;
constexpr size_t kOldTimestamp = 18;

template <typename T>
T get(ByteView bytes, size_t at) {
  uint64_t value = 0;
  for (size_t i = 0; i < sizeof(T); ++i) value = value << 8 | bytes[at + i];
  return static_cast<T>(value);
}

uint32_t old_crc(ByteView bytes) {
  const ByteView covered = bytes.subspan(kOldCrc + 4);
  return static_cast<uint32_t>(::crc32(0, covered.data(), static_cast<uInt>(covered.size())));
}

}  // namespace

std::optional<int64_t> RecordBatch::size_at(ByteView bytes) {
  if (bytes.size() < kLogOverhead) return std::nullopt;
  return int64_t{get<int32_t>(bytes, batch_v2::kLength)} + static_cast<int64_t>(kLogOverhead);
}

int16_t RecordBatch::attributes() const {
  return magic() >= 2 ? get<int16_t>(bytes_, batch_v2::kAttributes) : bytes_[kOldAttributes];
}

Offset RecordBatch::base_offset() const {
  const auto first = get<Offset>(bytes_, batch_v2::kBaseOffset);
  if (magic() >= 2 || compression() == CompressionType::kNone) return first;
  RecordIterator inner(*this);
  RecordView record;
  return inner.next(record) ? record.offset : first;
}

Offset RecordBatch::last_offset() const {
  const auto first = get<Offset>(bytes_, batch_v2::kBaseOffset);
  return magic() >= 2 ? wrapping_add(first, get<int32_t>(bytes_, batch_v2::kLastOffsetDelta))
                      : first;
}

uint32_t RecordBatch::crc() const {
  return get<uint32_t>(bytes_, magic() >= 2 ? batch_v2::kCrc : kOldCrc);
}

TimestampType RecordBatch::timestamp_type() const {
  if (magic() == 0) return TimestampType::kNone;
  return (attributes() & kTimestampTypeBit) != 0 ? TimestampType::kLogAppendTime
                                                 : TimestampType::kCreateTime;
}

TimestampMs RecordBatch::max_timestamp() const {
  if (magic() >= 2) return get<TimestampMs>(bytes_, batch_v2::kMaxTimestamp);
  return magic() == 1 ? get<TimestampMs>(bytes_, kOldTimestamp) : kNoTimestamp;
}

TimestampMs RecordBatch::base_timestamp() const {
  return magic() >= 2 ? get<TimestampMs>(bytes_, batch_v2::kBaseTimestamp) : max_timestamp();
}

ProducerId RecordBatch::producer_id() const {
  return magic() >= 2 ? get<ProducerId>(bytes_, batch_v2::kProducerId) : kNoProducerId;
}

ProducerEpoch RecordBatch::producer_epoch() const {
  return magic() >= 2 ? get<ProducerEpoch>(bytes_, batch_v2::kProducerEpoch) : kNoProducerEpoch;
}

int32_t RecordBatch::base_sequence() const {
  return magic() >= 2 ? get<int32_t>(bytes_, batch_v2::kBaseSequence) : kNoSequence;
}

int32_t RecordBatch::last_sequence() const {
  if (base_sequence() == kNoSequence) return kNoSequence;
  return increment_sequence(base_sequence(), get<int32_t>(bytes_, batch_v2::kLastOffsetDelta));
}

LeaderEpoch RecordBatch::partition_leader_epoch() const {
  return magic() >= 2 ? get<LeaderEpoch>(bytes_, batch_v2::kPartitionLeaderEpoch) : kNoLeaderEpoch;
}

std::optional<TimestampMs> RecordBatch::delete_horizon_ms() const {
  if (magic() < 2 || (attributes() & kDeleteHorizonBit) == 0) return std::nullopt;
  return base_timestamp();
}

int32_t RecordBatch::count() const {
  if (magic() >= 2) return get<int32_t>(bytes_, batch_v2::kCount);
  return compression() == CompressionType::kNone ? 1 : -1;
}

bool RecordBatch::is_checksum_valid() const {
  if (magic() < 2) return crc() == old_crc(bytes_);
  return size() >= batch_v2::kHeaderSize && crc() == crc32c(bytes_.subspan(batch_v2::kAttributes));
}

Result<int32_t> RecordBatch::validate(bool deep) const {
  if (size_at(bytes_) != static_cast<int64_t>(size())) {
    return {ErrorCode::kCorruptMessage,
            fmt::format("{} bytes: the header says {}", size(), size_at(bytes_).value_or(-1))};
  }
  if (magic() < 0 || magic() > 2) {
    return {ErrorCode::kCorruptMessage, fmt::format("magic {}: expected 0, 1 or 2", magic())};
  }
  if (!is_checksum_valid()) {
    return {ErrorCode::kCorruptMessage,
            fmt::format("checksum {:#x} does not match the batch", crc())};
  }
  if ((attributes() & 7) > static_cast<int>(CompressionType::kZstd)) {
    return {ErrorCode::kCorruptMessage, fmt::format("compression type {}", attributes() & 7)};
  }
  const int64_t declared = count();
  if (magic() >= 2) {
    const int64_t span = get<int32_t>(bytes_, batch_v2::kLastOffsetDelta) + int64_t{1};
    if (last_offset() < base_offset()) {
      return {ErrorCode::kInvalidRecord,
              fmt::format("offsets {} to {} are out of range", base_offset(), last_offset())};
    }
    if (declared <= 0 || span != declared) {
      return {
          ErrorCode::kInvalidRecord,
          fmt::format("{} records over {} offsets: a client's batch has one each", declared, span)};
    }
  }
  if (!deep && compression() != CompressionType::kNone) return static_cast<int32_t>(declared);
  try {
    RecordIterator records(*this);
    RecordView record;
    int32_t found = 0;
    const Offset base = magic() >= 2 ? base_offset() : 0;
    for (; records.next(record); ++found) {
      if (magic() >= 2 && record.offset != wrapping_add(base, found)) {
        return {ErrorCode::kInvalidRecord, fmt::format("record {} has offset delta {}", found,
                                                       wrapping_subtract(record.offset, base))};
      }
      record.headers.for_each([](const HeaderView&) {});
    }
    if (magic() >= 2 && found != declared) {
      return {ErrorCode::kInvalidRecord,
              fmt::format("{} records: the header says {}", found, declared)};
    }
    return found;
  } catch (const SerializationException& e) {
    return {ErrorCode::kInvalidRecord, e.what()};
  } catch (const KafkaException& e) {
    return {e.code(), e.what()};
  }
}

void MutableRecordBatch::put(size_t at, uint64_t value, size_t width) {
  for (size_t i = 0; i < width; ++i)
    bytes_[at + i] = static_cast<uint8_t>(value >> (8 * (width - 1 - i)));
}

void MutableRecordBatch::set_last_offset(Offset last) {
  const Offset base =
      view().magic() >= 2 ? last - get<int32_t>(bytes_, batch_v2::kLastOffsetDelta) : last;
  put(batch_v2::kBaseOffset, static_cast<uint64_t>(base), 8);
}

void MutableRecordBatch::set_partition_leader_epoch(LeaderEpoch epoch) {
  if (view().magic() >= 2) put(batch_v2::kPartitionLeaderEpoch, static_cast<uint32_t>(epoch), 4);
}

void MutableRecordBatch::set_max_timestamp(TimestampType type, TimestampMs timestamp) {
  const bool append_time = type == TimestampType::kLogAppendTime;
  if (view().magic() >= 2) {
    const auto attributes = get<uint16_t>(bytes_, batch_v2::kAttributes);
    put(batch_v2::kAttributes,
        append_time ? attributes | kTimestampTypeBit : attributes & ~kTimestampTypeBit, 2);
    put(batch_v2::kMaxTimestamp, static_cast<uint64_t>(timestamp), 8);
    put(batch_v2::kCrc, crc32c(ByteView(bytes_).subspan(batch_v2::kAttributes)), 4);
  } else if (view().magic() == 1) {
    const uint8_t attributes = bytes_[kOldAttributes];
    bytes_[kOldAttributes] = static_cast<uint8_t>(append_time ? attributes | kTimestampTypeBit
                                                              : attributes & ~kTimestampTypeBit);
    put(kOldTimestamp, static_cast<uint64_t>(timestamp), 8);
    put(kOldCrc, old_crc(bytes_), 4);
  }
}

void MutableRecordBatch::set_producer_state(ProducerId id, ProducerEpoch epoch,
                                            int32_t base_sequence) {
  KS_CHECK(view().magic() >= 2,
           "format " + std::to_string(view().magic()) + " has no producer state");
  put(batch_v2::kProducerId, static_cast<uint64_t>(id), 8);
  put(batch_v2::kProducerEpoch, static_cast<uint16_t>(epoch), 2);
  put(batch_v2::kBaseSequence, static_cast<uint32_t>(base_sequence), 4);
  put(batch_v2::kCrc, crc32c(ByteView(bytes_).subspan(batch_v2::kAttributes)), 4);
}

int32_t increment_sequence(int32_t sequence, int32_t by) {
  return static_cast<int32_t>((int64_t{sequence} + by) & 0x7fffffff);
}

}  // namespace kafkascope
