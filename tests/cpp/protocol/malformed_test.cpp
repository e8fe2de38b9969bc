// Hostile bytes: each is refused with the field's name, and never costs memory beyond the frame's
// own size.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/byte_writer.h"
#include "common/errors.h"
#include "protocol/dissect.h"
#include "protocol/messages/metadata_request.h"
#include "protocol/messages/produce_request.h"
#include "protocol/request_header.h"

namespace kafkascope::protocol {
namespace {

template <typename Message>
std::string refusal(const ByteWriter& bytes, int16_t version) {
  try {
    decode<Message>(SharedSlice::of(ByteBuffer(bytes.view().begin(), bytes.view().end())), version);
  } catch (const SerializationException& e) {
    return e.what();
  }
  return "accepted";
}

TEST(MalformedTest, ArrayOfAThousandInFewBytes) {
  ByteWriter bytes;
  bytes.write_int32(1000);
  bytes.write_int16(1);
  bytes.write_uint8('a');
  EXPECT_THAT(refusal<MetadataRequest>(bytes, 1), testing::HasSubstr("array count is larger"));
  EXPECT_THAT(refusal<MetadataRequest>(bytes, 1), testing::HasSubstr("Topics"));
}

TEST(MalformedTest, NegativeAndHugeLengths) {
  for (int32_t count : {-2, INT32_MIN, INT32_MAX}) {
    ByteWriter bytes;
    bytes.write_int32(count);
    EXPECT_NE(refusal<MetadataRequest>(bytes, 1), "accepted") << count;
  }
  ByteWriter string;
  string.write_int32(1);
  string.write_int16(-2);
  EXPECT_THAT(refusal<MetadataRequest>(string, 1), testing::HasSubstr("negative length"));
}

TEST(MalformedTest, NullWhereNoneMayBe) {
  ByteWriter bytes;
  bytes.write_int32(1);
  bytes.write_int16(-1);
  EXPECT_THAT(refusal<MetadataRequest>(bytes, 1), testing::HasSubstr("null"));
}

TEST(MalformedTest, CompactStringLongerThanTheFrame) {
  ByteWriter bytes;
  bytes.write_unsigned_varint(2);     // one topic
  bytes.write_unsigned_varint(1001);  // its name: 1000 bytes
  bytes.write_bytes(as_bytes("abc"));
  EXPECT_THAT(refusal<MetadataRequest>(bytes, 9), testing::HasSubstr("larger than what is left"));
}

ByteWriter with_tags(std::initializer_list<std::pair<uint32_t, uint32_t>> tags, uint32_t count) {
  ByteWriter bytes;
  bytes.write_unsigned_varint(1);  // no topics
  bytes.write_int8(0);
  bytes.write_int8(0);
  bytes.write_int8(0);
  bytes.write_unsigned_varint(count);
  for (const auto& [tag, size] : tags) {
    bytes.write_unsigned_varint(tag);
    bytes.write_unsigned_varint(size);
  }
  return bytes;
}

TEST(MalformedTest, Tags) {
  EXPECT_THAT(refusal<MetadataRequest>(with_tags({}, 1000), 9), testing::HasSubstr("more tags"));
  EXPECT_THAT(refusal<MetadataRequest>(with_tags({{5, 0}, {5, 0}}, 2), 9),
              testing::HasSubstr("ascending"));
  EXPECT_THAT(refusal<MetadataRequest>(with_tags({{5, 0}, {4, 0}}, 2), 9),
              testing::HasSubstr("ascending"));
  EXPECT_THAT(refusal<MetadataRequest>(with_tags({{5, 1000}}, 1), 9),
              testing::HasSubstr("tag is larger"));
  EXPECT_EQ(refusal<MetadataRequest>(with_tags({{5, 0}, {6, 0}}, 2), 9), "accepted")
      << "unknown tags are skipped";
}

TEST(MalformedTest, TextAndVarints) {
  ByteWriter text;
  text.write_int32(1);
  text.write_int16(2);
  text.write_bytes(as_bytes("\xc3\x28"));
  EXPECT_THAT(refusal<MetadataRequest>(text, 1), testing::HasSubstr("UTF-8"));
  ByteWriter varint;
  varint.write_bytes(ByteBuffer{0x81, 0x80, 0x00});
  EXPECT_THAT(refusal<MetadataRequest>(varint, 9), testing::HasSubstr("not minimal"));
}

TEST(MalformedTest, BytesLeftOver) {
  ByteWriter bytes;
  bytes.write_int32(0);
  bytes.write_int8(7);
  EXPECT_THAT(refusal<MetadataRequest>(bytes, 1), testing::HasSubstr("left over"));
}

TEST(MalformedTest, ManyEmptyElementsCannotClaimMuchMemory) {
  ByteWriter bytes;
  bytes.write_int32(2'000'000);
  for (int i = 0; i < 2'000'000; ++i)
    bytes.write_int16(0);  // empty names: 2 bytes on the wire, 32 in memory
  EXPECT_THAT(refusal<MetadataRequest>(bytes, 0), testing::HasSubstr("more memory"));
}

TEST(RequestHeaderTest, ReadsWhatItWroteInEveryHeaderVersion) {
  for (int16_t version = 0; version <= ProduceRequest::kHighestVersion; ++version) {
    ProduceRequest request;
    request.topic_data.push_back({.name = "flights"});
    MessageWriter writer = encode_request(request, version, 42, "client-é");
    const SharedSlice frame = SharedSlice::of(writer.take_bytes());
    const ParsedHeader parsed = parse_request_header(frame);
    EXPECT_EQ(parsed.api->name, "PRODUCE");
    EXPECT_EQ(parsed.header.correlation_id, 42);
    EXPECT_EQ(parsed.header.client_id, "client-é");
    const SharedSlice body = frame.subslice(parsed.body_offset, frame.size() - parsed.body_offset);
    EXPECT_EQ(decode<ProduceRequest>(body, version).topic_data.at(0).name, "flights");
  }
}

TEST(RequestHeaderTest, UnknownKeysAndVersionsAreRefusedExceptApiVersions) {
  const auto frame = [](int16_t key, int16_t version) {
    ByteWriter bytes;
    bytes.write_int16(key);
    bytes.write_int16(version);
    bytes.write_int32(1);
    bytes.write_int16(-1);
    return SharedSlice::of(bytes.take());
  };
  EXPECT_THROW(parse_request_header(frame(999, 0)), KafkaException);
  EXPECT_THROW(parse_request_header(frame(0, 99)), KafkaException);
  EXPECT_THROW(parse_request_header(frame(-1, 0)), KafkaException);
  EXPECT_FALSE(parse_request_header(frame(18, 99)).api->supports(99));
}

TEST(RequestHeaderTest, MillionsOfTagsAreRefusedAtOnce) {
  ByteWriter bytes;
  bytes.write_int16(0);
  bytes.write_int16(9);
  bytes.write_int32(1);
  bytes.write_int16(-1);
  bytes.write_unsigned_varint(20'000'000);
  EXPECT_THROW(parse_request_header(SharedSlice::of(bytes.take())), SerializationException);
}

TEST(DissectTest, ShowsTheTreeUpToTheError) {
  MessageWriter writer =
      encode_request(MetadataRequest{.topics = {{{.name = "flights"}}}}, 9, 1, "me");
  ByteBuffer frame = writer.take_bytes();
  frame.resize(frame.size() - 2);
  const std::string text = to_text(dissect_frame(frame));
  EXPECT_THAT(text, testing::HasSubstr("requestApiKey: int16 3"));
  EXPECT_THAT(text, testing::HasSubstr("content: string flights"));
  EXPECT_THAT(text, testing::HasSubstr("error: error"));
}

}  // namespace
}  // namespace kafkascope::protocol
