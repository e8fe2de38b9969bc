#include "record/memory_records_builder.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>

#include "common/byte_writer.h"
#include "common/crc32c.h"
#include "record/compression.h"

namespace kafkascope {
namespace {

constexpr size_t kMaxRecordOverhead = 21;  // five varints and the attributes, at their longest

size_t nullable_size(std::optional<ByteView> bytes) {
  return bytes ? varint_size(static_cast<int32_t>(bytes->size())) + bytes->size() : 1;
}

size_t headers_size(std::span<const HeaderView> headers) {
  size_t size = varint_size(static_cast<int32_t>(headers.size()));
  for (const HeaderView& header : headers)
    size += nullable_size(as_bytes(header.key)) + nullable_size(header.value);
  return size;
}

uint8_t* put_varint(uint8_t* out, int32_t value) {
  return put_unsigned_varint(out, zigzag_encode(value));
}

uint8_t* put_nullable(uint8_t* out, std::optional<ByteView> bytes) {
  if (!bytes) return put_varint(out, -1);
  out = put_varint(out, static_cast<int32_t>(bytes->size()));
  if (!bytes->empty()) std::memcpy(out, bytes->data(), bytes->size());
  return out + bytes->size();
}

void put_big_endian(ByteBuffer& buffer, size_t at, uint64_t value, size_t width) {
  for (size_t i = 0; i < width; ++i)
    buffer[at + i] = static_cast<uint8_t>(value >> (8 * (width - 1 - i)));
}

void write_nullable(ByteWriter& writer, std::optional<ByteView> bytes) {
  writer.write_int32(bytes ? static_cast<int32_t>(bytes->size()) : -1);
  if (bytes) writer.write_bytes(*bytes);
}

/// One message of format 0 or 1, its checksum included.
void write_old_message(ByteBuffer& out, Offset offset, int8_t magic, int8_t attributes,
                       TimestampMs timestamp, std::optional<ByteView> key,
                       std::optional<ByteView> value) {
  ByteWriter body;
  body.write_int8(magic);
  body.write_int8(attributes);
  if (magic == 1) body.write_int64(timestamp);
  write_nullable(body, key);
  write_nullable(body, value);
  ByteWriter head(16);
  head.write_int64(offset);
  head.write_int32(static_cast<int32_t>(body.size() + 4));
  head.write_uint32(
      static_cast<uint32_t>(::crc32(0, body.view().data(), static_cast<uInt>(body.size()))));
  out.insert(out.end(), head.view().begin(), head.view().end());
  out.insert(out.end(), body.view().begin(), body.view().end());
}

}  // namespace

MemoryRecordsBuilder::MemoryRecordsBuilder(Options options, ByteBuffer buffer)
    : options_(options), plain_(std::move(buffer)), last_offset_(options.base_offset - 1) {
  KS_CHECK(options_.magic >= 0 && options_.magic <= 2, "magic");
  plain_.clear();
  if (options_.magic >= 2) plain_.resize(batch_v2::kHeaderSize);
  if (options_.delete_horizon_ms) base_timestamp_ = *options_.delete_horizon_ms;
}

Offset MemoryRecordsBuilder::append(TimestampMs timestamp, std::optional<ByteView> key,
                                    std::optional<ByteView> value,
                                    std::span<const HeaderView> headers) {
  append_with_offset(last_offset_ + 1, timestamp, key, value, headers);
  return last_offset_;
}

void MemoryRecordsBuilder::append_with_offset(Offset offset, TimestampMs timestamp,
                                              std::optional<ByteView> key,
                                              std::optional<ByteView> value,
                                              std::span<const HeaderView> headers) {
  KS_CHECK(offset > last_offset_, "offsets must grow");
  // Format 2 keeps the producer's times in its deltas; its header's maximum is what counts.
  const bool append_time = options_.timestamp_type == TimestampType::kLogAppendTime;
  if (append_time && options_.magic < 2) timestamp = options_.log_append_time;
  if (count_ == 0 && !options_.delete_horizon_ms) base_timestamp_ = timestamp;
  if (options_.magic >= 2) {
    append_v2(static_cast<int32_t>(offset - options_.base_offset), timestamp, key, value, headers);
  } else {
    KS_CHECK(headers.empty(), "headers need message format 2");
    append_old(offset, timestamp, key, value);
  }
  ++count_;
  last_offset_ = offset;
  max_timestamp_ = append_time ? options_.log_append_time : std::max(max_timestamp_, timestamp);
}

void MemoryRecordsBuilder::append_v2(int32_t offset_delta, TimestampMs timestamp,
                                     std::optional<ByteView> key, std::optional<ByteView> value,
                                     std::span<const HeaderView> headers) {
  const int64_t timestamp_delta = wrapping_subtract(timestamp, base_timestamp_);
  const size_t body = 1 + varlong_size(timestamp_delta) + varint_size(offset_delta) +
                      nullable_size(key) + nullable_size(value) + headers_size(headers);
  const size_t begin = plain_.size();
  plain_.resize(begin + varint_size(static_cast<int32_t>(body)) + body);
  uint8_t* out = put_varint(plain_.data() + begin, static_cast<int32_t>(body));
  *out++ = 0;  // attributes
  out = put_unsigned_varint(out, zigzag_encode(timestamp_delta));
  out = put_varint(out, offset_delta);
  out = put_nullable(out, key);
  out = put_nullable(out, value);
  out = put_varint(out, static_cast<int32_t>(headers.size()));
  for (const HeaderView& header : headers) {
    out = put_nullable(out, as_bytes(header.key));
    out = put_nullable(out, header.value);
  }
}

void MemoryRecordsBuilder::append_old(Offset offset, TimestampMs timestamp,
                                      std::optional<ByteView> key, std::optional<ByteView> value) {
  const bool wrapped = options_.compression != CompressionType::kNone;
  const Offset written = wrapped && options_.magic == 1 ? offset - options_.base_offset : offset;
  const bool append_time = options_.timestamp_type == TimestampType::kLogAppendTime;
  write_old_message(plain_, written, options_.magic, options_.magic == 1 && append_time ? 8 : 0,
                    timestamp, key, value);
}

Offset MemoryRecordsBuilder::append_control_record(TimestampMs timestamp, ControlRecordType type,
                                                   ByteView value) {
  KS_CHECK(options_.control, "a control record needs a control batch");
  return append(timestamp, control_record_key(type), value);
}

Offset MemoryRecordsBuilder::append_end_txn_marker(TimestampMs timestamp,
                                                   const EndTransactionMarker& marker) {
  KS_CHECK(options_.transactional, "a marker needs a transactional control batch");
  return append_control_record(timestamp, marker.type(), marker.value());
}

size_t MemoryRecordsBuilder::estimate_size_upper_bound(std::optional<ByteView> key,
                                                       std::optional<ByteView> value,
                                                       std::span<const HeaderView> headers) {
  return batch_v2::kHeaderSize + kMaxRecordOverhead + nullable_size(key) + nullable_size(value) +
         headers_size(headers);
}

bool MemoryRecordsBuilder::has_room_for(std::optional<ByteView> key, std::optional<ByteView> value,
                                        std::span<const HeaderView> headers) const {
  if (count_ == 0) return true;
  const size_t added =
      kMaxRecordOverhead + nullable_size(key) + nullable_size(value) + headers_size(headers);
  return plain_.size() + added <= options_.write_limit;
}

void MemoryRecordsBuilder::set_producer_state(ProducerId id, ProducerEpoch epoch,
                                              int32_t base_sequence, bool transactional) {
  options_.producer_id = id;
  options_.producer_epoch = epoch;
  options_.base_sequence = base_sequence;
  options_.transactional = transactional;
}

ByteBuffer MemoryRecordsBuilder::close(std::optional<Offset> last_offset) {
  KS_CHECK(count_ > 0, "a batch without records: use close_empty");
  last_offset_ = std::max(last_offset_, last_offset.value_or(last_offset_));
  if (options_.magic < 2) return close_old();
  ByteBuffer batch;
  if (options_.compression == CompressionType::kNone) {
    batch = std::move(plain_);
  } else {
    batch.resize(batch_v2::kHeaderSize);
    compress(options_.compression,
             options_.level.value_or(default_compression_level(options_.compression)), 2,
             ByteView(plain_).subspan(batch_v2::kHeaderSize), batch);
  }
  write_header(batch, options_, static_cast<int32_t>(last_offset_ - options_.base_offset),
               base_timestamp_, max_timestamp_, count_);
  return batch;
}

ByteBuffer MemoryRecordsBuilder::close_old() {
  if (options_.compression == CompressionType::kNone) return std::move(plain_);
  ByteBuffer compressed;
  compress(options_.compression,
           options_.level.value_or(default_compression_level(options_.compression)), options_.magic,
           plain_, compressed);
  const bool append_time =
      options_.magic == 1 && options_.timestamp_type == TimestampType::kLogAppendTime;
  const auto attributes =
      static_cast<int8_t>(static_cast<int8_t>(options_.compression) | (append_time ? 8 : 0));
  ByteBuffer batch;
  write_old_message(batch, last_offset_, options_.magic, attributes, max_timestamp_, std::nullopt,
                    compressed);
  return batch;
}

ByteBuffer MemoryRecordsBuilder::close_empty(const Options& options, Offset last_offset) {
  ByteBuffer batch(batch_v2::kHeaderSize);
  write_header(batch, options, static_cast<int32_t>(last_offset - options.base_offset),
               kNoTimestamp, options.log_append_time, 0);
  return batch;
}

void MemoryRecordsBuilder::write_header(ByteBuffer& batch, const Options& options,
                                        int32_t last_offset_delta, TimestampMs base_timestamp,
                                        TimestampMs max_timestamp, int32_t count) {
  namespace v2 = batch_v2;
  int attributes = static_cast<int>(options.compression);
  if (options.timestamp_type == TimestampType::kLogAppendTime) attributes |= 0x08;
  if (options.transactional) attributes |= 0x10;
  if (options.control) attributes |= 0x20;
  if (options.delete_horizon_ms) attributes |= 0x40;
  put_big_endian(batch, v2::kBaseOffset, static_cast<uint64_t>(options.base_offset), 8);
  put_big_endian(batch, v2::kLength, batch.size() - kLogOverhead, 4);
  put_big_endian(batch, v2::kPartitionLeaderEpoch,
                 static_cast<uint32_t>(options.partition_leader_epoch), 4);
  batch[v2::kMagic] = 2;
  put_big_endian(batch, v2::kAttributes, static_cast<uint64_t>(attributes), 2);
  put_big_endian(batch, v2::kLastOffsetDelta, static_cast<uint32_t>(last_offset_delta), 4);
  put_big_endian(batch, v2::kBaseTimestamp, static_cast<uint64_t>(base_timestamp), 8);
  put_big_endian(batch, v2::kMaxTimestamp, static_cast<uint64_t>(max_timestamp), 8);
  put_big_endian(batch, v2::kProducerId, static_cast<uint64_t>(options.producer_id), 8);
  put_big_endian(batch, v2::kProducerEpoch, static_cast<uint16_t>(options.producer_epoch), 2);
  put_big_endian(batch, v2::kBaseSequence, static_cast<uint32_t>(options.base_sequence), 4);
  put_big_endian(batch, v2::kCount, static_cast<uint32_t>(count), 4);
  put_big_endian(batch, v2::kCrc, crc32c(ByteView(batch).subspan(v2::kAttributes)), 4);
}

}  // namespace kafkascope
