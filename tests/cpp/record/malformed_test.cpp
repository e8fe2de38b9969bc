// Bytes that no honest producer sends: each is refused with its code, and nothing ends the process.
#include <gtest/gtest.h>

#include <cstring>

#include "common/byte_writer.h"
#include "record/compression.h"
#include "record/convert.h"

namespace kafkascope {
namespace {

struct RawRecord {
  int64_t timestamp_delta = 0;
  int32_t offset_delta = 0;
  int32_t key_length = -1;
  int32_t value_length = 1;
  int32_t header_count = 0;
  std::string tail;                  // in place of headers
  std::optional<int32_t> size = {};  // in place of the right one
};

void write_record(ByteWriter& out, const RawRecord& record) {
  ByteWriter body;
  body.write_int8(0);
  body.write_varlong(record.timestamp_delta);
  body.write_varint(record.offset_delta);
  body.write_varint(record.key_length);
  body.write_varint(record.value_length);
  body.write_bytes(as_bytes("v"));
  body.write_varint(record.header_count);
  body.write_bytes(as_bytes(record.tail));
  out.write_varint(record.size.value_or(static_cast<int32_t>(body.size())));
  out.write_bytes(body.view());
}

/// Makes length, count and checksum of a v2 batch around `records` right.
ByteBuffer wrap(ByteView records, int32_t count, CompressionType codec, Offset base = 0) {
  ByteBuffer batch = MemoryRecordsBuilder::close_empty({.compression = codec, .base_offset = base},
                                                       wrapping_add(base, count - 1));
  compress(codec, default_compression_level(codec), 2, records, batch);
  ByteWriter patch;
  patch.write_int32(static_cast<int32_t>(batch.size() - kLogOverhead));
  patch.write_int32(count);
  std::memcpy(batch.data() + batch_v2::kLength, patch.view().data(), 4);
  std::memcpy(batch.data() + batch_v2::kCount, patch.view().data() + 4, 4);
  MutableRecordBatch(batch).set_max_timestamp(TimestampType::kCreateTime, 1);
  return batch;
}

ErrorCode verdict(const ByteBuffer& batch) { return RecordBatch(batch).validate(true).code(); }

ErrorCode verdict(const RawRecord& record, CompressionType codec = CompressionType::kNone) {
  ByteWriter out;
  write_record(out, record);
  return verdict(wrap(out.view(), 1, codec));
}

TEST(MalformedRecordTest, TheHarnessMakesGoodBatches) {
  EXPECT_EQ(verdict(RawRecord{}), ErrorCode::kNone);
  EXPECT_EQ(verdict(RawRecord{.header_count = 1, .tail = {'\2', 'k', '\1'}}), ErrorCode::kNone);
}

TEST(MalformedRecordTest, EachLengthIsCheckedAlsoInsideACodec) {
  const RawRecord bad[] = {
      {.offset_delta = 7},
      {.offset_delta = INT32_MAX},
      {.offset_delta = INT32_MIN},
      {.key_length = -2},
      {.key_length = INT32_MAX},
      {.key_length = INT32_MIN},
      {.value_length = -2},
      {.value_length = 2},
      {.value_length = INT32_MAX},
      {.header_count = -1},
      {.header_count = INT32_MAX},
      {.header_count = 1},
      {.header_count = 1, .tail = {'\1', '\1'}},         // header key of length -1
      {.header_count = 1, .tail = {'\x10', 'k', '\1'}},  // header key longer than the record
      {.header_count = 1, .tail = {'\2', 'k', '\3'}},    // header value of length -2
      {.header_count = 0, .tail = "left over"},
      {.header_count = 1, .tail = {'\2', 'k', '\1', 'x'}},
      {.header_count = 1, .tail = std::string(6, '\xff')},  // varint of 6 bytes
      {.size = -1},
      {.size = 0},
      {.size = 3},
      {.size = 1000},
      {.size = INT32_MAX},
      {.size = INT32_MIN},
  };
  for (const RawRecord& record : bad) {
    const auto i = &record - bad;
    EXPECT_EQ(verdict(record), ErrorCode::kInvalidRecord) << i;
    EXPECT_EQ(verdict(record, CompressionType::kZstd), ErrorCode::kInvalidRecord) << i;
    EXPECT_EQ(verdict(record, CompressionType::kGzip), ErrorCode::kInvalidRecord) << i;
  }
}

TEST(MalformedRecordTest, CountsMustMatchTheRecords) {
  ByteWriter two;
  write_record(two, {});
  write_record(two, {.offset_delta = 1});
  EXPECT_EQ(verdict(wrap(two.view(), 2, CompressionType::kNone)), ErrorCode::kNone);
  for (int32_t count : {1, 3, 1'000'000}) {
    EXPECT_EQ(verdict(wrap(two.view(), count, CompressionType::kNone)), ErrorCode::kInvalidRecord);
    EXPECT_EQ(verdict(wrap(two.view(), count, CompressionType::kLz4)), ErrorCode::kInvalidRecord);
  }
}

TEST(MalformedRecordTest, OffsetsAndTimesAtTheirLimitsAreNoOverflow) {
  ByteWriter two;
  write_record(two, {.timestamp_delta = INT64_MAX});
  write_record(two, {.timestamp_delta = INT64_MIN, .offset_delta = 1});
  ByteBuffer batch = wrap(two.view(), 2, CompressionType::kNone, INT64_MAX - 1);
  EXPECT_EQ(verdict(batch), ErrorCode::kNone);
  const MemoryRecords last(SharedSlice::of(batch));
  EXPECT_EQ(rebuild(last, {}).size(), rebuild(last, {.base_offset = 5}).size());

  batch = wrap(two.view(), 2, CompressionType::kNone);
  std::memset(batch.data(), 0xff, 8);
  batch[0] = 0x7f;  // base offset INT64_MAX: the second record has no offset
  EXPECT_EQ(verdict(batch), ErrorCode::kInvalidRecord);
  EXPECT_THROW(convert(MemoryRecords(SharedSlice::of(batch)), 1), KafkaException);
  std::memset(batch.data(), 0, 8);
  batch[0] = 0x80;  // INT64_MIN
  EXPECT_THROW(convert(MemoryRecords(SharedSlice::of(batch)), 1), KafkaException);
}

TEST(MalformedRecordTest, ALengthOtherThanTheBytesIsCorrupt) {
  ByteWriter one;
  write_record(one, {});
  ByteBuffer batch = wrap(one.view(), 1, CompressionType::kNone);
  batch[batch_v2::kLength + 3] ^= 1;
  EXPECT_EQ(verdict(batch), ErrorCode::kCorruptMessage);
}

TEST(MalformedRecordTest, OffsetsThatDoNotGrowCannotBeConverted) {
  ByteWriter two;
  write_record(two, {.offset_delta = 1});
  write_record(two, {});
  const ByteBuffer batch = wrap(two.view(), 2, CompressionType::kNone);
  EXPECT_EQ(verdict(batch), ErrorCode::kInvalidRecord);
  EXPECT_THROW(convert(MemoryRecords(SharedSlice::of(batch)), 1), KafkaException);
}

/// A message of format `magic` whose value is `inner` compressed.
ByteBuffer wrapper(int8_t magic, CompressionType codec, ByteView inner) {
  ByteBuffer value;
  compress(codec, default_compression_level(codec), magic, inner, value);
  MemoryRecordsBuilder builder({.magic = 1});
  builder.append(1, std::nullopt, ByteView(value));
  ByteBuffer message = builder.close();
  message[17] = static_cast<uint8_t>(codec);
  MutableRecordBatch(message).set_max_timestamp(TimestampType::kCreateTime, 1);  // checksum anew
  return message;
}

ByteBuffer an_old_message() {
  MemoryRecordsBuilder builder({.magic = 1});
  builder.append(1, as_bytes("key"), as_bytes("value"));
  return builder.close();
}

TEST(MalformedWrapperTest, TheHarnessMakesGoodWrappers) {
  EXPECT_EQ(verdict(wrapper(1, CompressionType::kGzip, an_old_message())), ErrorCode::kNone);
}

TEST(MalformedWrapperTest, EmptyOnesAreRefusedAndDoNotEndTheBroker) {
  const ByteBuffer empty = wrapper(1, CompressionType::kGzip, {});
  EXPECT_EQ(verdict(empty), ErrorCode::kInvalidRecord);
  EXPECT_THROW(rebuild(MemoryRecords(SharedSlice::of(empty)), {}), KafkaException);
  EXPECT_THROW(rebuild(MemoryRecords(), {}), KafkaException);
}

TEST(MalformedWrapperTest, WhatLiesInsideIsChecked) {
  ByteBuffer inner = an_old_message();
  inner.back() ^= 1;
  EXPECT_EQ(verdict(wrapper(1, CompressionType::kGzip, inner)), ErrorCode::kCorruptMessage);
  inner = an_old_message();
  inner[16] = 0;  // another format
  EXPECT_EQ(verdict(wrapper(1, CompressionType::kGzip, inner)), ErrorCode::kInvalidRecord);
  EXPECT_EQ(verdict(wrapper(1, CompressionType::kGzip,
                            wrapper(1, CompressionType::kGzip, an_old_message()))),
            ErrorCode::kInvalidRecord);
  EXPECT_EQ(verdict(wrapper(1, CompressionType::kZstd, an_old_message())),
            ErrorCode::kInvalidRecord);
  inner = an_old_message();
  inner.pop_back();
  EXPECT_EQ(verdict(wrapper(1, CompressionType::kLz4, inner)), ErrorCode::kInvalidRecord);
}

}  // namespace
}  // namespace kafkascope
