#include "record/record_iterator.h"

#include <fmt/core.h>
#include <zlib.h>

#include "record/compression.h"

namespace kafkascope {
namespace {

std::optional<ByteView> read_nullable(ByteReader& reader, int32_t length) {
  if (length == -1) return std::nullopt;
  if (length < 0) reader.fail("negative length in a record");
  return reader.read_bytes(static_cast<size_t>(length));
}

/// One uncompressed message of format 0 or 1, as it stands.
struct OldMessage {
  Offset offset;
  uint32_t crc;
  ByteView checked;  // what the checksum covers
  int8_t magic;
  int8_t attributes;
  TimestampMs timestamp;
  std::optional<ByteView> key;
  std::optional<ByteView> value;
};

OldMessage read_old(ByteReader& reader) {
  OldMessage message{};
  message.offset = reader.read_int64();
  const int32_t size = reader.read_int32();
  if (size < static_cast<int32_t>(kSmallestBatch - kLogOverhead) ||
      static_cast<size_t>(size) > reader.remaining()) {
    reader.fail("broken message size");
  }
  ByteReader body(reader.read_bytes(static_cast<size_t>(size)));
  message.crc = body.read_uint32();
  message.checked = ByteReader(body).read_bytes(body.remaining());
  message.magic = body.read_int8();
  message.attributes = body.read_int8();
  message.timestamp = message.magic == 1 ? body.read_int64() : kNoTimestamp;
  message.key = read_nullable(body, body.read_int32());
  message.value = read_nullable(body, body.read_int32());
  if (!body.at_end()) body.fail("bytes left over in a message");
  return message;
}

/// Of a message in a wrapper; others are batches, whose checksum is the batch's.
void check_inner(const OldMessage& message, const RecordBatch& wrapper, const ByteReader& reader) {
  if (message.magic != wrapper.magic()) reader.fail("a wrapper holds a message of another format");
  if ((message.attributes & 7) != 0) reader.fail("a wrapper inside a wrapper");
  const auto crc = static_cast<uint32_t>(
      ::crc32(0, message.checked.data(), static_cast<uInt>(message.checked.size())));
  if (crc == message.crc) return;
  throw KafkaException(ErrorCode::kCorruptMessage,
                       fmt::format("message {} in a wrapper has checksum {:#x}: expected {:#x}",
                                   message.offset, message.crc, crc));
}

}  // namespace

HeaderView HeadersView::read_header(ByteReader& reader) {
  const int32_t key_length = reader.read_varint();
  if (key_length < 0) reader.fail("negative header key length");
  const std::string_view key = as_text(reader.read_bytes(static_cast<size_t>(key_length)));
  return {key, read_nullable(reader, reader.read_varint())};
}

RecordIterator::RecordIterator(const RecordBatch& batch, ByteBuffer buffer)
    : batch_(batch), buffer_(std::move(buffer)), reader_(batch.bytes()) {
  if (batch.magic() < 2) {
    if (batch.compression() != CompressionType::kNone) open_wrapper();
    return;
  }
  if (batch.size() < batch_v2::kHeaderSize) reader_.fail("batch is shorter than its header");
  left_ = batch.count();
  base_offset_ = batch.base_offset();
  base_timestamp_ = batch.base_timestamp();
  if (batch.timestamp_type() == TimestampType::kLogAppendTime)
    log_append_time_ = batch.max_timestamp();
  base_sequence_ = batch.base_sequence();
  reader_.seek(batch_v2::kHeaderSize);
  if (batch.compression() == CompressionType::kNone || left_ == 0) return;
  buffer_ = decompress(batch.compression(), batch.bytes().subspan(batch_v2::kHeaderSize),
                       kMaxDecompressedSize, std::move(buffer_));
  reader_ = ByteReader(buffer_);
}

bool RecordIterator::next(RecordView& record) {
  return batch_.magic() >= 2 ? next_v2(record) : next_old(record);
}

bool RecordIterator::next_v2(RecordView& record) {
  if (left_ <= 0) {
    if (left_ < 0) reader_.fail("negative record count");
    if (batch_.count() > 0 && !reader_.at_end()) reader_.fail("bytes left over behind the records");
    return false;
  }
  --left_;
  const int32_t size = reader_.read_varint();
  if (size < 0 || static_cast<size_t>(size) > reader_.remaining())
    reader_.fail("broken record size");
  const size_t end = reader_.position() + static_cast<size_t>(size);
  reader_.skip(1);  // attributes: unused
  const int64_t timestamp_delta = reader_.read_varlong();
  const int32_t offset_delta = reader_.read_varint();
  record.key = read_nullable(reader_, reader_.read_varint());
  record.value = read_nullable(reader_, reader_.read_varint());
  const int32_t headers = reader_.read_varint();
  if (reader_.position() > end) reader_.fail("record is longer than its size");
  const size_t header_bytes = end - reader_.position();
  // The smallest header is two bytes: an empty key and a null value.
  if (headers < 0 || static_cast<size_t>(headers) > header_bytes / 2)
    reader_.fail("broken header count");
  if (headers == 0 && header_bytes > 0) reader_.fail("bytes left over in a record");
  record.headers = HeadersView(headers, reader_.read_bytes(header_bytes));
  record.offset = wrapping_add(base_offset_, offset_delta);
  record.timestamp = log_append_time_.value_or(wrapping_add(base_timestamp_, timestamp_delta));
  record.sequence = base_sequence_ == kNoSequence
                        ? kNoSequence
                        : increment_sequence(base_sequence_, offset_delta);
  return true;
}

bool RecordIterator::next_old(RecordView& record) {
  if (reader_.at_end()) return false;
  const OldMessage message = read_old(reader_);
  record = RecordView{};
  record.offset = wrapping_add(relative_base_, message.offset);
  record.timestamp = message.timestamp;
  if (batch_.compression() != CompressionType::kNone) {
    check_inner(message, batch_, reader_);
    if (batch_.timestamp_type() == TimestampType::kLogAppendTime)
      record.timestamp = batch_.max_timestamp();
  }
  record.key = message.key;
  record.value = message.value;
  return true;
}

void RecordIterator::open_wrapper() {
  ByteReader outer(batch_.bytes());
  const OldMessage wrapper = read_old(outer);
  if (!wrapper.value) outer.fail("a wrapper without messages");
  if (batch_.compression() == CompressionType::kZstd) outer.fail("zstd needs message format 2");
  buffer_ =
      decompress(batch_.compression(), *wrapper.value, kMaxDecompressedSize, std::move(buffer_));
  reader_ = ByteReader(buffer_);
  if (reader_.at_end()) outer.fail("a wrapper without messages");
  if (batch_.magic() == 0) return;
  // Format 1: the wrapper carries the last absolute offset, the messages inside count from 0
  // (KIP-31).
  Offset last = 0;
  for (ByteReader inner(buffer_); !inner.at_end();) last = read_old(inner).offset;
  relative_base_ = wrapping_subtract(wrapper.offset, last);
}

}  // namespace kafkascope
