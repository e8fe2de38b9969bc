#include "record/record_scanner.h"

#include <fmt/core.h>

#include <algorithm>

#include "common/varint.h"
#include "record/compression.h"

namespace kafkascope {
namespace {

constexpr size_t kWindow = 64 * 1024;
constexpr size_t kUsualExpansion = 8;
constexpr uint64_t kMostOfASize = 10;  // bytes of a varint, to begin a record with

}  // namespace

RecordScanner::RecordScanner(const RecordBatch& batch)
    : batch_(batch),
      plain_(make_decompressor(batch.compression(), batch.bytes().subspan(batch_v2::kHeaderSize))),
      window_(std::min(kWindow, 1024 + batch.size() * kUsualExpansion)),
      records_left_(batch.count()),
      base_offset_(batch.base_offset()),
      base_timestamp_(batch.base_timestamp()),
      log_append_time_(batch.timestamp_type() == TimestampType::kLogAppendTime) {}

bool RecordScanner::next(RecordOutline& record) {
  left_in_record_ = kMostOfASize;
  if (records_left_ <= 0) {
    refill();
    if (begin_ < end_) fail("bytes left over behind the records");
    return false;
  }
  --records_left_;
  const int32_t size = read_varint();
  if (size < 0) fail("broken record size");
  left_in_record_ = static_cast<uint64_t>(size);
  read_byte();  // attributes: unused
  const int64_t timestamp_delta = read_varlong();
  record.offset = wrapping_add(base_offset_, read_varint());
  record.timestamp =
      log_append_time_ ? batch_.max_timestamp() : wrapping_add(base_timestamp_, timestamp_delta);
  record.has_key = skip_field(true);
  skip_field(true);
  skip_headers();
  if (left_in_record_ > 0) fail("bytes left over in a record");
  return true;
}

void RecordScanner::skip_headers() {
  const int32_t headers = read_varint();
  // The smallest header is two bytes: an empty key and a null value.
  if (headers < 0 || static_cast<uint64_t>(headers) > left_in_record_ / 2)
    fail("broken header count");
  for (int32_t i = 0; i < headers; ++i) {
    skip_field(false);
    skip_field(true);
  }
}

bool RecordScanner::skip_field(bool nullable) {
  const int32_t length = read_varint();
  if (length == -1 && nullable) return false;
  if (length < 0) fail("negative length in a record");
  skip(static_cast<uint64_t>(length));
  return true;
}

void RecordScanner::skip(uint64_t count) {
  if (count > left_in_record_) fail("record is longer than its size");
  left_in_record_ -= count;
  while (count > 0) {
    refill();
    if (begin_ == end_) fail("the records end in the middle of one");
    const uint64_t step = std::min<uint64_t>(count, end_ - begin_);
    begin_ += step;
    count -= step;
  }
}

/// Nothing in the window afterwards: the end.
void RecordScanner::refill() {
  if (begin_ < end_) return;
  begin_ = 0;
  end_ = plain_->read(window_);
  produced_ += end_;
  if (produced_ > kMaxDecompressedSize) {
    throw KafkaException(ErrorCode::kCorruptMessage,
                         fmt::format("{}: decompresses to more than {} bytes",
                                     compression_name(batch_.compression()), kMaxDecompressedSize));
  }
}

uint8_t RecordScanner::read_byte() {
  if (left_in_record_ == 0) fail("record is longer than its size");
  --left_in_record_;
  refill();
  if (begin_ == end_) fail("the records end in the middle of one");
  return window_[begin_++];
}

uint64_t RecordScanner::read_unsigned_varint(int bits) {
  uint64_t value = 0;
  for (int shift = 0; shift < bits; shift += 7) {
    const uint8_t byte = read_byte();
    if (shift + 7 > bits && byte >> (bits - shift) != 0) fail("varint holds too many bits");
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return value;
  }
  fail("varint is too long");
}

int32_t RecordScanner::read_varint() {
  return zigzag_decode(static_cast<uint32_t>(read_unsigned_varint(32)));
}

int64_t RecordScanner::read_varlong() { return zigzag_decode(read_unsigned_varint(64)); }

void RecordScanner::fail(const char* what) const {
  throw SerializationException(
      fmt::format("{}, after {} decompressed bytes", what, produced_ - (end_ - begin_)));
}

}  // namespace kafkascope
