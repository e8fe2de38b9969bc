#include <zlib.h>

#include "log/log_description.h"
#include "log/log_test_support.h"
#include "record/compression.h"

namespace kafkascope {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class LogAppendTest : public testing::Test {
 protected:
  LogAppendInfo append(const SharedSlice& batch, AppendOrigin origin = AppendOrigin::kClient) {
    if (!log) log = open_log(test, config);
    return log->append_as_leader(batch, 3, origin);
  }

  LogTestNode test;
  std::shared_ptr<LogConfig> config = small_config();
  std::shared_ptr<Log> log;
};

TEST_F(LogAppendTest, AssignsOffsetsAndEpochInPlaceAndReadsBack) {
  const SharedSlice first = make_batch(3), second = make_batch(2);
  EXPECT_EQ(append(first).first_offset, 0);
  const LogAppendInfo info = append(second);
  EXPECT_EQ(info.first_offset, 3);
  EXPECT_EQ(info.last_offset, 4);
  EXPECT_EQ(RecordBatch(second.view()).base_offset(), 3) << "in the request's own memory";
  EXPECT_EQ(RecordBatch(second.view()).partition_leader_epoch(), 3);
  EXPECT_EQ(log->log_end_offset(), 5);
  EXPECT_EQ(log->latest_epoch(), 3);

  const FetchDataInfo read = log->read(4, 1000, FetchIsolation::kLogEnd, true).value();
  EXPECT_EQ(read.fetch_offset_metadata,
            (LogOffsetMetadata{4, 0, static_cast<SegmentPosition>(first.size())}));
  EXPECT_EQ(read.records.external != nullptr, true) << "a slice of the file, not of memory";
  EXPECT_THAT(offsets_of(read.records), ElementsAre(3, 4));
  EXPECT_EQ(test.tracer.counts["RecordsAppended"], 2);
}

TEST_F(LogAppendTest, ReadsStopAtTheHighWatermark) {
  append(make_batch(3));
  append(make_batch(2));
  EXPECT_TRUE(log->read(0, 1000, FetchIsolation::kHighWatermark, true).value().records.empty());
  log->update_high_watermark(3);
  const auto info = log->read(0, 1000, FetchIsolation::kHighWatermark, true).value();
  EXPECT_THAT(offsets_of(info.records), ElementsAre(0, 1, 2));
  EXPECT_EQ(log->read(6, 1000, FetchIsolation::kLogEnd, true).code(), ErrorCode::kOffsetOutOfRange);
  EXPECT_TRUE(log->read(5, 1000, FetchIsolation::kLogEnd, true).value().records.empty());
}

TEST_F(LogAppendTest, AtLeastOneBatchHoweverSmallTheLimit) {
  const SharedSlice batch = make_batch(3);
  append(batch);
  const auto whole = log->read(0, 1, FetchIsolation::kLogEnd, true).value();
  EXPECT_EQ(whole.records.size(), batch.size());
  const auto cut = log->read(0, 10, FetchIsolation::kLogEnd, false).value();
  EXPECT_TRUE(cut.first_entry_incomplete);
  EXPECT_EQ(cut.records.size(), 10u);
}

TEST_F(LogAppendTest, RefusesWhatIsNotSound) {
  const SharedSlice good = make_batch(2);
  ByteBuffer flipped(good.view().begin(), good.view().end());
  flipped.back() ^= 1;
  EXPECT_EQ(append(SharedSlice::of(flipped)).error, ErrorCode::kCorruptMessage);

  MemoryRecordsBuilder::Options elsewhere;
  elsewhere.base_offset = 7;
  const LogAppendInfo offset = append(make_batch(1, elsewhere));
  EXPECT_EQ(offset.error, ErrorCode::kInvalidRecord);
  EXPECT_THAT(offset.error_message, HasSubstr("base offset 7"));

  EXPECT_EQ(append(end_marker(1, 0, true)).error, ErrorCode::kInvalidRecord);
  EXPECT_EQ(append(SharedSlice::of(ByteBuffer(5))).error, ErrorCode::kInvalidRecord);

  ByteBuffer two;
  for (int i = 0; i < 2; ++i) two.insert(two.end(), good.view().begin(), good.view().end());
  EXPECT_EQ(append(SharedSlice::of(two)).error, ErrorCode::kInvalidRecord);
  EXPECT_EQ(log->log_end_offset(), 0);
  EXPECT_EQ(log->size(), 0);
}

TEST_F(LogAppendTest, RefusesWhatIsTooLarge) {
  config->max_message_size = 200;
  EXPECT_EQ(append(make_batch(1, {}, 0, 300)).error, ErrorCode::kMessageTooLarge);
  config->max_message_size = 1 << 20;
  EXPECT_EQ(append(make_batch(1, {}, 0, 5000)).error, ErrorCode::kRecordListTooLarge);
}

TEST_F(LogAppendTest, CompactedTopicsNeedKeys) {
  config->compact = true;
  MemoryRecordsBuilder builder({});
  builder.append(1, as_bytes("k"), as_bytes("v"));
  builder.append(1, std::nullopt, as_bytes("v"));
  const LogAppendInfo info = append(SharedSlice::of(builder.close()));
  EXPECT_EQ(info.error, ErrorCode::kInvalidRecord);
  ASSERT_EQ(info.record_errors.size(), 1u);
  EXPECT_EQ(info.record_errors[0].batch_index, 1);
}

TEST_F(LogAppendTest, TimestampsOutOfRangeAreRefused) {
  const TimestampMs now = test.clock.wall_ms();
  config->message_timestamp_before_max_ms = 1000;
  config->message_timestamp_after_max_ms = 500;
  EXPECT_EQ(append(make_batch(1, {}, now - 1001)).error, ErrorCode::kInvalidTimestamp);
  EXPECT_EQ(append(make_batch(1, {}, now + 501)).error, ErrorCode::kInvalidTimestamp);
  EXPECT_TRUE(append(make_batch(1, {}, now - 1000)).ok());
  // What no subtraction of 64 bits can hold.
  EXPECT_EQ(append(make_batch(1, {}, INT64_MAX)).error, ErrorCode::kInvalidTimestamp);
  EXPECT_EQ(append(make_batch(1, {}, INT64_MIN)).error, ErrorCode::kInvalidTimestamp);
  config->message_timestamp_after_max_ms = INT64_MAX;
  EXPECT_TRUE(append(make_batch(1, {}, INT64_MAX)).ok());
}

TEST_F(LogAppendTest, LogAppendTimeReplacesTimestamps) {
  config->message_timestamp_type = TimestampType::kLogAppendTime;
  const LogAppendInfo info = append(make_batch(2, {}, 77));
  EXPECT_EQ(info.log_append_time, test.clock.wall_ms());
  const auto bytes = log->read(0, 1000, FetchIsolation::kLogEnd, true).value().records.to_slice();
  const RecordBatch batch(bytes.view());
  EXPECT_EQ(batch.timestamp_type(), TimestampType::kLogAppendTime);
  EXPECT_EQ(batch.max_timestamp(), test.clock.wall_ms());
  EXPECT_TRUE(batch.is_checksum_valid());
}

TEST_F(LogAppendTest, AnotherCodecIsPutInPlaceOfTheProducers) {
  config->compression_type = CompressionType::kGzip;
  config->compression_level = 6;
  append(make_batch(3));
  MemoryRecordsBuilder::Options lz4;
  lz4.compression = CompressionType::kLz4;
  append(make_batch(2, lz4));
  const auto bytes = log->read(0, 1 << 20, FetchIsolation::kLogEnd, true).value().records;
  EXPECT_THAT(offsets_of(bytes), ElementsAre(0, 1, 2, 3, 4));
  for (const RecordBatch& batch : MemoryRecords(bytes.to_slice())) {
    EXPECT_EQ(batch.compression(), CompressionType::kGzip);
    EXPECT_EQ(batch.partition_leader_epoch(), 3);
  }
}

TEST_F(LogAppendTest, OldFormatsAreConvertedUp) {
  for (const int8_t magic : {0, 1}) {
    MemoryRecordsBuilder::Options old;
    old.magic = magic;
    EXPECT_TRUE(append(make_batch(2, old)).ok());
    old.compression = CompressionType::kGzip;
    EXPECT_TRUE(append(make_batch(2, old)).ok());
  }
  const auto bytes = log->read(0, 1 << 20, FetchIsolation::kLogEnd, true).value().records;
  EXPECT_THAT(offsets_of(bytes), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
  for (const RecordBatch& batch : MemoryRecords(bytes.to_slice())) EXPECT_EQ(batch.magic(), 2);
}

TEST_F(LogAppendTest, AWrapperWithoutMessagesIsRefusedAndTheLogGoesOn) {
  ByteBuffer nothing;
  compress(CompressionType::kGzip, -1, 1, {}, nothing);
  for (int8_t magic : {0, 1}) {
    MemoryRecordsBuilder builder({.magic = magic});
    builder.append(1, std::nullopt, ByteView(nothing));
    ByteBuffer wrapper = builder.close();
    wrapper[17] = 1;  // gzip
    const uint32_t crc = static_cast<uint32_t>(::crc32(0, &wrapper[16], wrapper.size() - 16));
    for (int i = 0; i < 4; ++i) wrapper[12 + i] = static_cast<uint8_t>(crc >> (24 - 8 * i));
    const LogAppendInfo refused = append(SharedSlice::of(wrapper));
    EXPECT_EQ(refused.error, ErrorCode::kInvalidRecord) << refused.error_message;
  }
  EXPECT_EQ(append(make_batch(1)).first_offset, 0);
}

TEST_F(LogAppendTest, RetriesGetTheirFirstOffsetAndGapsAreRefused) {
  for (int i = 0; i < 7; ++i) EXPECT_TRUE(append(make_batch(2, from_producer(9, 0, 2 * i))).ok());
  const LogAppendInfo retry = append(make_batch(2, from_producer(9, 0, 4)));
  EXPECT_TRUE(retry.duplicate);
  EXPECT_EQ(retry.first_offset, 4);
  EXPECT_EQ(log->log_end_offset(), 14);
  EXPECT_EQ(append(make_batch(2, from_producer(9, 0, 2))).error,
            ErrorCode::kDuplicateSequenceNumber)
      << "older than the last five";
  EXPECT_EQ(append(make_batch(2, from_producer(9, 0, 16))).error,
            ErrorCode::kOutOfOrderSequenceNumber);
  EXPECT_TRUE(append(make_batch(1, from_producer(9, 1, 0))).ok());
  EXPECT_EQ(append(make_batch(1, from_producer(9, 0, 14))).error, ErrorCode::kInvalidProducerEpoch);
  EXPECT_EQ(append(make_batch(1, from_producer(9, 2, 5))).error,
            ErrorCode::kOutOfOrderSequenceNumber)
      << "a new epoch starts at 0";
  EXPECT_TRUE(append(make_batch(1, from_producer(10, 0, 5))).ok()) << "an unknown producer";
  EXPECT_EQ(log->log_end_offset(), 16);
}

TEST_F(LogAppendTest, TransactionsHoldTheLastStableOffset) {
  append(make_batch(1));
  append(make_batch(2, from_producer(1, 0, 0, true)));
  append(make_batch(2, from_producer(2, 0, 0, true)));
  log->update_high_watermark(5);
  EXPECT_EQ(log->last_stable_offset(), 1);
  EXPECT_TRUE(append(end_marker(2, 0, true), AppendOrigin::kCoordinator).ok());
  EXPECT_TRUE(append(end_marker(1, 0, false), AppendOrigin::kCoordinator).ok());
  EXPECT_EQ(log->last_stable_offset(), 1) << "the marker is not replicated yet";
  log->update_high_watermark(7);
  EXPECT_EQ(log->last_stable_offset(), 7);

  const auto info = log->read(0, 1 << 20, FetchIsolation::kTxnCommitted, true).value();
  EXPECT_THAT(*info.aborted_transactions, ElementsAre(AbortedTransaction{1, 1}));
  EXPECT_EQ(append(end_marker(1, 0, false, -1), AppendOrigin::kCoordinator).error,
            ErrorCode::kTransactionCoordinatorFenced);
}

TEST_F(LogAppendTest, FollowersKeepOffsetsAndRefuseThoseBelowTheEnd) {
  log = open_log(test, config);
  MemoryRecordsBuilder::Options options;
  options.base_offset = 10;
  options.partition_leader_epoch = 5;
  EXPECT_TRUE(log->append_as_follower(make_batch(3, options)).ok());
  EXPECT_EQ(log->log_end_offset(), 13);
  EXPECT_EQ(log->latest_epoch(), 5);
  EXPECT_EQ(log->append_as_follower(make_batch(3, options)).error, ErrorCode::kUnknownServerError);
}

TEST_F(LogAppendTest, SegmentsRollBySizeAndDescribeThemselves) {
  for (int i = 0; i < 80; ++i) append(make_batch(5));
  EXPECT_GT(log->number_of_segments(), 3);
  const LogDescription facts = log->describe();
  Offset expected = 0;
  for (const SegmentDescription& segment : facts.segments) {
    EXPECT_EQ(segment.base_offset, expected);
    EXPECT_LE(segment.size_bytes, 4096);
    EXPECT_EQ(segment.offset_index.empty(), segment.active && segment.offset_index.empty());
    expected = segment.next_offset;
  }
  EXPECT_EQ(expected, 400);
  EXPECT_EQ(read_all(*log, 0).size(), static_cast<size_t>(log->size()));
  EXPECT_GT(test.tracer.counts["SegmentRolled"], 2);
  EXPECT_GT(test.tracer.counts["IndexEntryAdded"], 2);
}

TEST_F(LogAppendTest, SegmentsRollByTheRecordsTime) {
  config->segment_ms = 1000;
  append(make_batch(1, {}, 50'000));
  append(make_batch(1, {}, 51'000));
  EXPECT_EQ(log->number_of_segments(), 1);
  append(make_batch(1, {}, 51'001));
  EXPECT_EQ(log->number_of_segments(), 2);
}

TEST_F(LogAppendTest, SegmentsRollWhenTheirIndexIsFull) {
  config->max_index_size = 24;  // two entries of the time index, one kept free
  config->index_interval = 0;
  for (int i = 0; i < 6; ++i) append(make_batch(1, {}, 1000 * i));
  EXPECT_GE(log->number_of_segments(), 2);
  EXPECT_EQ(read_all(*log, 0).size(), static_cast<size_t>(log->size()));
}

TEST_F(LogAppendTest, OldFormatsAreWrittenWhereTheConfigurationSaysSo) {
  log = open_log(test, config);
  for (const int8_t format : {int8_t{0}, int8_t{1}}) {
    config->message_format = format;
    for (const auto codec : {CompressionType::kNone, CompressionType::kGzip}) {
      for (const int8_t source : {int8_t{0}, int8_t{1}, int8_t{2}}) {
        MemoryRecordsBuilder::Options options;
        options.magic = source;
        options.compression = codec;
        const Offset base = log->log_end_offset();
        const LogAppendInfo info = log->append_as_leader(make_batch(3, options, 1'000), 0);
        ASSERT_TRUE(info.ok()) << info.error_message;
        EXPECT_EQ(info.first_offset, base);
        EXPECT_EQ(info.last_offset, base + 2);
        const ByteBuffer bytes = read_all(*log, base);
        Offset next = base;
        MemoryRecords(SharedSlice(nullptr, bytes))
            .for_each_record([&](const RecordBatch& batch, const RecordView& record) {
              EXPECT_EQ(batch.magic(), format);
              EXPECT_EQ(batch.compression(), codec);
              EXPECT_EQ(record.offset, next++);
              const bool has_time = format == 1 && source > 0;
              EXPECT_EQ(record.timestamp, has_time ? 1'000 + record.offset - base : kNoTimestamp);
            });
        EXPECT_EQ(next, base + 3);
      }
    }
  }
  const LogAppendInfo refused = log->append_as_leader(make_batch(1, from_producer(7, 0, 0)), 0);
  EXPECT_EQ(refused.error, ErrorCode::kUnsupportedForMessageFormat);
  config->message_format = 0;
  EXPECT_THROW((void)log->fetch_offset_by_timestamp(5), KafkaException);
  EXPECT_EQ(log->fetch_offset_by_timestamp(-1)->offset, log->log_end_offset());
}

}  // namespace
}  // namespace kafkascope
