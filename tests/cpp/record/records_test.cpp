// Codecs, validation, conversion, and what broken bytes do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/errors.h"
#include "record/compression.h"
#include "record/convert.h"

namespace kafkascope {
namespace {

constexpr CompressionType kCodecs[] = {CompressionType::kNone, CompressionType::kGzip,
                                       CompressionType::kSnappy, CompressionType::kLz4,
                                       CompressionType::kZstd};

ByteBuffer a_batch(MemoryRecordsBuilder::Options options = {}, int count = 3) {
  MemoryRecordsBuilder builder(options);
  for (int i = 0; i < count; ++i) {
    const std::string key = "key-" + std::to_string(i);
    const HeaderView header{"name", as_bytes("value")};
    const std::span<const HeaderView> headers(&header, options.magic >= 2 ? 1 : 0);
    builder.append(1000 + i, as_bytes(key), as_bytes("some value"), headers);
  }
  return builder.close();
}

class CodecTest : public testing::TestWithParam<CompressionType> {};

TEST_P(CodecTest, RoundTripsAnySize) {
  for (size_t size : {0, 1, 100, 70'000, 10'000'000}) {
    ByteBuffer plain(size);
    for (size_t i = 0; i < size; ++i)
      plain[i] = static_cast<uint8_t>((i * 2654435761u) >> (i % 3 == 0 ? 28 : 13));
    for (int8_t magic : {0, 2}) {
      ByteBuffer packed;
      compress(GetParam(), default_compression_level(GetParam()), magic, plain, packed);
      EXPECT_EQ(decompress(GetParam(), packed), plain) << size;
    }
  }
}

TEST_P(CodecTest, ABombEndsAtTheLimit) {
  if (GetParam() == CompressionType::kNone) return;
  const ByteBuffer zeros(20'000'000);
  ByteBuffer packed;
  compress(GetParam(), default_compression_level(GetParam()), 2, zeros, packed);
  EXPECT_THROW(decompress(GetParam(), packed, 1'000'000), KafkaException);
}

TEST_P(CodecTest, TheLimitIsExact) {
  for (size_t size : {0, 1, 1'000'000, 1'048'576}) {
    ByteBuffer packed;
    compress(GetParam(), default_compression_level(GetParam()), 2, ByteBuffer(size), packed);
    EXPECT_EQ(decompress(GetParam(), packed, size).size(), size);
    if (size == 0) continue;
    EXPECT_THROW(decompress(GetParam(), packed, size - 1), KafkaException) << size;
  }
}

TEST_P(CodecTest, TakesOverAUsedBuffer) {
  ByteBuffer packed;
  compress(GetParam(), default_compression_level(GetParam()), 2, as_bytes("plain"), packed);
  ByteBuffer used(1'000'000, 0xff);
  const uint8_t* memory = used.data();
  const ByteBuffer plain = decompress(GetParam(), packed, kMaxDecompressedSize, std::move(used));
  EXPECT_EQ(as_text(plain), "plain");
  EXPECT_EQ(plain.data(), memory);
}

TEST_P(CodecTest, EveryTruncationIsRefused) {
  if (GetParam() == CompressionType::kNone) return;
  ByteBuffer packed;
  compress(GetParam(), default_compression_level(GetParam()), 2, as_bytes("some plain text"),
           packed);
  for (size_t size = 0; size < packed.size(); ++size) {
    const ByteView cut = ByteView(packed).first(size);
    // A xerial header without blocks is what an empty text looks like.
    if (GetParam() == CompressionType::kSnappy && size == 16) continue;
    EXPECT_THROW(decompress(GetParam(), cut), KafkaException) << size;
  }
}

TEST(CodecsTest, GzipMembersAndZstdFramesFollowEachOther) {
  for (CompressionType codec : {CompressionType::kGzip, CompressionType::kZstd}) {
    ByteBuffer packed;
    compress(codec, default_compression_level(codec), 2, as_bytes("first, "), packed);
    compress(codec, default_compression_level(codec), 2, as_bytes("second"), packed);
    EXPECT_EQ(as_text(decompress(codec, packed)), "first, second");
  }
}

TEST(CodecsTest, RawSnappyIsReadToo) {
  const uint8_t raw[] = {3, 2 << 2, 'a', 'b', 'c'};  // length 3, a literal of 3 bytes
  EXPECT_EQ(as_text(decompress(CompressionType::kSnappy, raw)), "abc");
  const uint8_t liar[] = {0xff, 0xff, 0xff, 0xff, 0x0f, 2 << 2, 'a', 'b', 'c'};  // declares 4 GiB
  EXPECT_THROW(decompress(CompressionType::kSnappy, liar), KafkaException);
}

TEST(CodecsTest, ACodecFromTheFutureIsRefused) {
  EXPECT_THROW(decompress(static_cast<CompressionType>(6), as_bytes("x")), KafkaException);
  EXPECT_EQ(compression_name(static_cast<CompressionType>(6)), "unknown");
}

TEST_P(CodecTest, BrokenBytesAreRefusedOrHarmless) {
  const ByteBuffer batch = a_batch({.compression = GetParam()}, 50);
  for (size_t at = 0; at < batch.size(); ++at) {
    for (uint8_t flip : {0x01, 0x80, 0xff}) {
      ByteBuffer broken = batch;
      broken[at] ^= flip;
      const std::optional<int64_t> size = RecordBatch::size_at(broken);
      if (!size || *size != static_cast<int64_t>(broken.size()))
        continue;  // a broken length: MemoryRecords refuses
      const RecordBatch view(broken);
      if (view.magic() >= 2 && at >= batch_v2::kCrc) {
        EXPECT_FALSE(view.is_checksum_valid()) << at;
      }
      (void)view.validate(true);
      try {
        RecordIterator records(view);
        for (RecordView record; records.next(record);)
          record.headers.for_each([](const HeaderView&) {});
      } catch (const KafkaException&) {
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, CodecTest, testing::ValuesIn(kCodecs), [](const auto& info) {
  return std::string(compression_name(info.param));
});

TEST(ValidateTest, TakesWhatABuilderMade) {
  for (CompressionType codec : kCodecs) {
    const ByteBuffer batch = a_batch({.compression = codec});
    const Result<int32_t> count = RecordBatch(batch).validate(true);
    ASSERT_TRUE(count.ok()) << count.error().message;
    EXPECT_EQ(*count, 3);
  }
}

/// A batch with one header field changed and the checksum made right again.
Result<int32_t> validate_changed(size_t at, uint8_t value) {
  ByteBuffer batch = a_batch();
  batch[at] = value;
  MutableRecordBatch(batch).set_max_timestamp(TimestampType::kCreateTime, 1002);
  return RecordBatch(batch).validate(true);
}

TEST(ValidateTest, NamesWhatIsWrong) {
  ByteBuffer bad_crc = a_batch();
  bad_crc.back() ^= 1;
  EXPECT_EQ(RecordBatch(bad_crc).validate(true).code(), ErrorCode::kCorruptMessage);
  EXPECT_EQ(validate_changed(batch_v2::kCount + 3, 4).code(), ErrorCode::kInvalidRecord);
  EXPECT_EQ(validate_changed(batch_v2::kCount, 0x80).code(), ErrorCode::kInvalidRecord);
  EXPECT_EQ(validate_changed(batch_v2::kLastOffsetDelta + 3, 9).code(), ErrorCode::kInvalidRecord);
  EXPECT_EQ(validate_changed(batch_v2::kHeaderSize, 0x7f).code(), ErrorCode::kInvalidRecord);
  EXPECT_EQ(validate_changed(batch_v2::kAttributes + 1, 5).code(), ErrorCode::kCorruptMessage);
}

TEST(ConvertTest, DownAndUpKeepsWhatTheFormatsShare) {
  for (CompressionType codec :
       {CompressionType::kNone, CompressionType::kGzip, CompressionType::kLz4}) {
    const ByteBuffer batch = a_batch({.compression = codec, .base_offset = 7});
    for (int8_t magic : {0, 1}) {
      const ByteBuffer down = convert(MemoryRecords(SharedSlice::of(batch)), magic);
      const ByteBuffer up = convert(MemoryRecords(SharedSlice::of(down)), 2);
      std::vector<std::string> seen;
      MemoryRecords(SharedSlice::of(up))
          .for_each_record([&](const RecordBatch& b, const RecordView& r) {
            EXPECT_EQ(b.magic(), 2);
            EXPECT_EQ(r.timestamp,
                      magic == 0 ? kNoTimestamp : 1000 + static_cast<TimestampMs>(seen.size()));
            EXPECT_EQ(r.offset, 7 + static_cast<Offset>(seen.size()));
            seen.emplace_back(as_text(*r.key));
          });
      EXPECT_THAT(seen, testing::ElementsAre("key-0", "key-1", "key-2"));
    }
  }
}

TEST(ControlRecordTest, SaysWhatItWasMadeToSay) {
  MemoryRecordsBuilder builder({.producer_id = 7, .transactional = true, .control = true});
  builder.append_end_txn_marker(1, {.commit = true, .coordinator_epoch = 5});
  const ByteBuffer leader_change = {0, 1, 2, 3};
  builder.append_control_record(2, ControlRecordType::kLeaderChange, leader_change);
  const ByteBuffer batch = builder.close();
  RecordIterator records{RecordBatch(batch)};
  RecordView record;
  ASSERT_TRUE(records.next(record));
  const auto marker = EndTransactionMarker::read(record);
  ASSERT_TRUE(marker.has_value());
  EXPECT_TRUE(marker->commit);
  EXPECT_EQ(marker->coordinator_epoch, 5);
  ASSERT_TRUE(records.next(record));
  EXPECT_EQ(control_record_type(record), ControlRecordType::kLeaderChange);
  EXPECT_EQ(EndTransactionMarker::read(record), std::nullopt);
  EXPECT_EQ(to_string(*record.value), to_string(leader_change));
}

TEST(ControlRecordTest, OfLaterKafkasAndBrokenOnes) {
  const ByteBuffer later = {0, 0, 0, 99}, cut = {0, 0, 1};
  EXPECT_EQ(control_record_type({.key = later}), ControlRecordType::kUnknown);
  EXPECT_THROW(control_record_type({.key = cut}), SerializationException);
  EXPECT_THROW(control_record_type({}), SerializationException);
  const ByteBuffer commit = control_record_key(ControlRecordType::kCommit);
  EXPECT_THROW(EndTransactionMarker::read({.key = commit}), SerializationException);
}

TEST(MutableRecordBatchTest, LeaderSetsOffsetsEpochAndTime) {
  ByteBuffer batch = a_batch();
  MutableRecordBatch mutable_batch(batch);
  mutable_batch.set_last_offset(102);
  mutable_batch.set_partition_leader_epoch(5);
  mutable_batch.set_max_timestamp(TimestampType::kLogAppendTime, 77);
  const RecordBatch view(batch);
  EXPECT_EQ(view.base_offset(), 100);
  EXPECT_EQ(view.partition_leader_epoch(), 5);
  EXPECT_TRUE(view.is_checksum_valid());
  RecordIterator records(view);
  RecordView record;
  ASSERT_TRUE(records.next(record));
  EXPECT_EQ(record.timestamp, 77);
}

TEST(MemoryRecordsTest, ACutOffBatchEndsTheIteration) {
  ByteBuffer two = a_batch();
  const size_t one = two.size();
  two.insert(two.end(), two.begin(), two.begin() + static_cast<ptrdiff_t>(one - 1));
  EXPECT_EQ(MemoryRecords(SharedSlice::of(two)).valid_bytes(), one);
  ByteBuffer negative = a_batch();
  negative[8] = 0xff;
  EXPECT_THROW(MemoryRecords(SharedSlice::of(negative)).valid_bytes(), KafkaException);
}

}  // namespace
}  // namespace kafkascope
