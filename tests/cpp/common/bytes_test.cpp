#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/byte_reader.h"
#include "common/byte_writer.h"
#include "common/errors.h"

namespace kafkascope {
namespace {

TEST(ByteReaderTest, ReadsBackWhatTheWriterWrote) {
  ByteWriter writer;
  writer.write_int16(-2);
  writer.write_int64(INT64_MIN);
  writer.write_varint(-300);
  writer.write_varlong(INT64_MIN);
  writer.write_unsigned_varint(UINT32_MAX);
  writer.write_float64(0.5);
  ByteReader reader(writer.view());
  EXPECT_EQ(reader.read_int16(), -2);
  EXPECT_EQ(reader.read_int64(), INT64_MIN);
  EXPECT_EQ(reader.read_varint(), -300);
  EXPECT_EQ(reader.read_varlong(), INT64_MIN);
  EXPECT_EQ(reader.read_unsigned_varint(), UINT32_MAX);
  EXPECT_EQ(reader.read_float64(), 0.5);
  EXPECT_TRUE(reader.at_end());
}

TEST(ByteReaderTest, ReadingPastTheEndNamesTheByte) {
  const ByteBuffer three{1, 2, 3};
  ByteReader reader(three);
  reader.read_int16();
  try {
    reader.read_int32();
    FAIL() << "no exception";
  } catch (const SerializationException& e) {
    EXPECT_STREQ(e.what(), "unexpected end of data at byte 2 of 3");
  }
}

TEST(ByteReaderTest, RefusesVarintsThatAreTooLong) {
  const ByteBuffer endless(11, 0x80);
  EXPECT_THROW(ByteReader(endless).read_unsigned_varint(), SerializationException);
  EXPECT_THROW(ByteReader(endless).read_varlong(), SerializationException);
  const ByteBuffer five_full(5, 0x7f | 0x80);
  EXPECT_THROW(ByteReader(five_full).read_unsigned_varint(), SerializationException);
}

TEST(VarintTest, SizesAreThoseOfLeb128) {
  EXPECT_EQ(unsigned_varint_size(0), 1u);
  EXPECT_EQ(unsigned_varint_size(127), 1u);
  EXPECT_EQ(unsigned_varint_size(128), 2u);
  EXPECT_EQ(unsigned_varint_size(UINT64_MAX), 10u);
  EXPECT_EQ(varint_size(-1), 1u);
}

TEST(ErrorCodeTest, KnowsKafkasTable) {
  EXPECT_EQ(static_cast<int>(ErrorCode::kNotLeaderOrFollower), 6);
  EXPECT_EQ(error_name(ErrorCode::kNotLeaderOrFollower), "NOT_LEADER_OR_FOLLOWER");
  EXPECT_EQ(error_exception_name(ErrorCode::kCorruptMessage), "CorruptRecordException");
  EXPECT_TRUE(is_retriable(ErrorCode::kNotLeaderOrFollower));
  EXPECT_TRUE(is_invalid_metadata(ErrorCode::kUnknownTopicOrPartition));
  EXPECT_FALSE(is_retriable(ErrorCode::kRecordListTooLarge));
  EXPECT_EQ(error_code_from_wire(9999), ErrorCode::kUnknownServerError);
}

TEST(ResultTest, HoldsAValueOrAnError) {
  Result<int> good = 7;
  Result<int> bad(ErrorCode::kInvalidTopicException, "topic 'a b': only letters");
  EXPECT_TRUE(good.ok());
  EXPECT_EQ(*good, 7);
  EXPECT_EQ(bad.code(), ErrorCode::kInvalidTopicException);
  EXPECT_EQ(bad.error().message, "topic 'a b': only letters");
}

}  // namespace
}  // namespace kafkascope
