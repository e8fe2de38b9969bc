// The cleaner's two passes on one log: what stays, what goes, and when.
#include "log/cleaner/cleaner.h"

#include "log/log_test_support.h"
#include "record/record_iterator.h"

namespace kafkascope {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct KeyValue {
  std::string key;
  std::optional<std::string> value;
};

SharedSlice batch_of(const std::vector<KeyValue>& records,
                     MemoryRecordsBuilder::Options options = {},
                     TimestampMs timestamp = 1'500'000'000'000) {
  MemoryRecordsBuilder builder(options);
  for (const KeyValue& record : records) {
    std::optional<ByteView> value;
    if (record.value) value = as_bytes(*record.value);
    builder.append(timestamp, as_bytes(record.key), value);
  }
  return SharedSlice::of(builder.close());
}

class CleanerTest : public testing::Test {
 protected:
  void SetUp() override {
    config->compact = true;
    config->delete_old = false;
    config->min_cleanable_ratio = 0;
    config->delete_retention_ms = 1000;
    open();
  }

  void open() { log = open_log(test, config); }

  void append(const std::vector<KeyValue>& records, MemoryRecordsBuilder::Options options = {}) {
    const LogAppendInfo info = log->append_as_leader(
        batch_of(records, options), 0,
        options.transactional ? AppendOrigin::kCoordinator : AppendOrigin::kClient);
    ASSERT_TRUE(info.ok()) << info.error_message;
  }
  void end_txn(ProducerId id, bool commit) {
    ASSERT_TRUE(
        log->append_as_leader(end_marker(id, 0, commit), 0, AppendOrigin::kCoordinator).ok());
  }

  /// Cleans all but the active segment, which is rolled before.
  CleanerStats clean() {
    if (log->segments().back()->size() > 0) log->roll();
    log->update_high_watermark(log->log_end_offset());
    const auto offsets = cleanable_offsets(*log, clean_up_to, test.clock.wall_ms());
    const Cleaner::Result result = cleaner.clean(LogToClean(log, offsets, false));
    clean_up_to = result.end_offset;
    return result.stats;
  }

  /// "k1=a k2=null", with the offset before it: all that a consumer sees.
  std::vector<std::string> contents() {
    const ByteBuffer bytes = read_all(*log, log->log_start_offset());
    std::vector<std::string> all;
    MemoryRecords(SharedSlice(nullptr, bytes))
        .for_each_record([&](const RecordBatch& batch, const RecordView& record) {
          std::string text = std::to_string(record.offset) + ":";
          if (batch.is_control()) {
            text += "marker";
          } else {
            text += std::string(to_string(*record.key)) + "=";
            text += record.value ? std::string(to_string(*record.value)) : "null";
          }
          all.push_back(text);
        });
    return all;
  }
  std::vector<Offset> bases() {
    std::vector<Offset> found;
    for (const auto& segment : log->segments()) found.push_back(segment->base_offset());
    return found;
  }

  LogTestNode test;
  std::shared_ptr<LogConfig> config = small_config();
  std::shared_ptr<Log> log;
  CleanerConfig cleaner_config;
  Throttler throttler{test.node, DBL_MAX};
  Cleaner cleaner{test.node, cleaner_config, throttler, [](const TopicPartition&) {}};
  std::optional<Offset> clean_up_to;
};

TEST_F(CleanerTest, TheLastValueOfEachKeyStaysAtItsOffset) {
  append({{"a", "1"}, {"b", "1"}});
  append({{"a", "2"}});
  append({{"c", "1"}, {"a", "3"}});
  const CleanerStats stats = clean();
  EXPECT_THAT(contents(), ElementsAre("1:b=1", "3:c=1", "4:a=3"));
  EXPECT_EQ(clean_up_to, 5);
  EXPECT_EQ(log->log_end_offset(), 5);
  EXPECT_EQ(stats.messages_read, 5);
  EXPECT_EQ(stats.messages_written, 3);
  EXPECT_EQ(stats.map_messages_read, 5);
  append({{"b", "2"}});
  clean();
  EXPECT_THAT(contents(), ElementsAre("3:c=1", "4:a=3", "5:b=2"));
}

TEST_F(CleanerTest, TheActiveSegmentAndWhatIsAboveTheLastStableOffsetStay) {
  append({{"a", "1"}});
  log->roll();
  append({{"a", "2"}}, from_producer(7, 0, 0, true));
  log->roll();
  append({{"a", "3"}});
  clean();
  EXPECT_THAT(contents(), ElementsAre("0:a=1", "1:a=2", "2:a=3"))
      << "below the open transaction there is one record only";
  end_txn(7, true);
  clean();
  EXPECT_THAT(contents(), ElementsAre("2:a=3", "3:marker"));
}

TEST_F(CleanerTest, ATombstoneStaysUntilItsHorizon) {
  append({{"a", "1"}, {"b", "1"}});
  append({{"a", std::nullopt}});
  clean();
  EXPECT_THAT(contents(), ElementsAre("1:b=1", "2:a=null"));
  append({{"c", "1"}});
  clean();
  EXPECT_THAT(contents(), ElementsAre("1:b=1", "2:a=null", "3:c=1"));
  test.clock.advance(std::chrono::milliseconds(1001));
  append({{"c", "2"}});
  clean();
  EXPECT_THAT(contents(), ElementsAre("1:b=1", "4:c=2"));
}

TEST_F(CleanerTest, RecordsWithoutKeysGoAndAreCounted) {
  MemoryRecordsBuilder builder({});
  builder.append(1'500'000'000'000, std::nullopt, as_bytes("x"));
  // A broker refuses such a record in a compacted topic; the policy may have changed since.
  config->compact = false;
  ASSERT_TRUE(log->append_as_leader(SharedSlice::of(builder.close()), 0).ok());
  config->compact = true;
  append({{"a", "1"}});
  EXPECT_EQ(clean().invalid_messages_read, 1);
  EXPECT_THAT(contents(), ElementsAre("1:a=1"));
}

TEST_F(CleanerTest, AbortedTransactionsGoAtOnceTheirMarkersLater) {
  append({{"a", "1"}});
  append({{"a", "2"}, {"b", "2"}}, from_producer(7, 0, 0, true));
  end_txn(7, false);
  append({{"c", "1"}}, from_producer(8, 0, 0, true));
  end_txn(8, true);
  EXPECT_EQ(log->segments().front()->txn_index().all().size(), 1u);
  clean();
  EXPECT_THAT(contents(), ElementsAre("0:a=1", "3:marker", "4:c=1", "5:marker"));
  EXPECT_EQ(log->segments().front()->txn_index().all().size(), 1u)
      << "an empty batch of the transaction is left: its producer's last";
  // A later epoch: what was the producers' last need not stay.
  append({{"d", "1"}}, from_producer(7, 1, 0, true));
  append({{"c", "2"}}, from_producer(8, 1, 0, true));
  ASSERT_TRUE(log->append_as_leader(end_marker(7, 1, true), 0, AppendOrigin::kCoordinator).ok());
  ASSERT_TRUE(log->append_as_leader(end_marker(8, 1, true), 0, AppendOrigin::kCoordinator).ok());
  clean();
  EXPECT_THAT(contents(), ElementsAre("0:a=1", "3:marker", "5:marker", "6:d=1", "7:c=2", "8:marker",
                                      "9:marker"))
      << "the empty batches are gone, which kept their markers";
  append({{"e", "1"}});
  clean();  // and now the markers get their horizon
  test.clock.advance(std::chrono::milliseconds(1001));
  append({{"e", "2"}});
  clean();
  EXPECT_THAT(contents(), ElementsAre("0:a=1", "6:d=1", "7:c=2", "8:marker", "9:marker", "11:e=2"));
  EXPECT_THAT(log->segments().front()->txn_index().all(), IsEmpty());
}

TEST_F(CleanerTest, TheLastBatchOfAProducerIsEmptiedNotRemoved) {
  append({{"a", "1"}}, from_producer(7, 0, 0));
  append({{"a", "2"}}, from_producer(7, 0, 1));
  append({{"a", "3"}});
  clean();
  EXPECT_THAT(contents(), ElementsAre("2:a=3"));
  FileBatchReader reader = log->segments().front()->records().batches(0);
  const auto kept = reader.next();
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->header.count(), 0);
  EXPECT_EQ(kept->header.producer_id(), 7);
  EXPECT_EQ(kept->header.base_sequence(), 1);
  EXPECT_TRUE(reader.load().is_checksum_valid());
  log.reset();
  test.files.remove("/data/t-0/00000000000000000003.snapshot");
  open();
  const LogAppendInfo again =
      log->append_as_leader(batch_of({{"a", "2"}}, from_producer(7, 0, 1)), 0);
  EXPECT_TRUE(again.duplicate) << "also for a log that has no snapshot of its producers";
}

TEST_F(CleanerTest, CompressedBatchesKeepTheirCodec) {
  for (const auto codec : {CompressionType::kGzip, CompressionType::kSnappy, CompressionType::kLz4,
                           CompressionType::kZstd}) {
    MemoryRecordsBuilder::Options options;
    options.compression = codec;
    append({{"a", "1"}, {"b", std::to_string(static_cast<int>(codec))}}, options);
  }
  append({{"a", "2"}});
  clean();
  EXPECT_THAT(contents(), ElementsAre("7:b=4", "8:a=2"));
  FileBatchReader reader = log->segments().front()->records().batches(0);
  const auto kept = reader.next();
  EXPECT_EQ(kept->header.compression(), CompressionType::kZstd);
  EXPECT_EQ(kept->header.base_offset(), 6) << "the first record's place stays";
}

TEST_F(CleanerTest, SmallSegmentsBecomeOne) {
  for (int round = 0; round < 6; ++round) {
    append({{"a", std::string(900, 'x')}, {"b", std::to_string(round)}});
    log->roll();
  }
  clean();
  EXPECT_THAT(bases(), ElementsAre(0, 8, 12)) << "4,096 bytes hold four of these";
  append({{"c", "1"}});
  clean();
  EXPECT_THAT(bases(), ElementsAre(0, 13));
  EXPECT_THAT(contents(), ElementsAre("10:a=" + std::string(900, 'x'), "11:b=5", "12:c=1"));
  log->delete_expired_files();
  int deleted = 0;
  for (const std::string& name : test.files.list("/data/t-0"))
    deleted += name.ends_with(".deleted");
  EXPECT_GT(deleted, 0) << "readers may still be at the old ones";
  test.clock.advance(std::chrono::milliseconds(config->file_delete_delay_ms));
  log->delete_expired_files();
  for (const std::string& name : test.files.list("/data/t-0"))
    EXPECT_FALSE(name.ends_with(".deleted")) << name;
}

TEST_F(CleanerTest, AFullMapCleansAsFarAsItReaches) {
  cleaner_config.dedupe_buffer_size = 24 * 10;
  Cleaner small(test.node, cleaner_config, throttler, [](const TopicPartition&) {});
  for (int i = 0; i < 20; ++i) append({{"k" + std::to_string(i % 12), std::to_string(i)}});
  log->roll();
  log->update_high_watermark(20);
  const auto offsets = cleanable_offsets(*log, std::nullopt, 0);
  const Cleaner::Result first = small.clean(LogToClean(log, offsets, false));
  EXPECT_EQ(first.end_offset, 9) << "nine of ten slots are used";
  EXPECT_EQ(contents().size(), 20u);
  const auto rest = cleanable_offsets(*log, first.end_offset, 0);
  EXPECT_EQ(rest.first_dirty_offset, 9);
  (void)small.clean(LogToClean(log, rest, false));
  EXPECT_EQ(contents().size(), 14u);
}

TEST_F(CleanerTest, OneBatchWithMoreKeysThanTheMapIsRefused) {
  cleaner_config.dedupe_buffer_size = 24 * 4;
  Cleaner small(test.node, cleaner_config, throttler, [](const TopicPartition&) {});
  append({{"a", ""}, {"b", ""}, {"c", ""}, {"d", ""}, {"e", ""}});
  log->roll();
  log->update_high_watermark(5);
  EXPECT_THROW((void)small.clean(LogToClean(log, cleanable_offsets(*log, {}, 0), false)),
               KafkaException);
}

TEST_F(CleanerTest, DamageIsFoundAndNothingIsReplaced) {
  append({{"a", "1"}});
  append({{"a", "2"}});
  log->roll();
  test.files.rot(log->segments().front()->path(), 65);
  EXPECT_THROW(clean(), KafkaException);
  EXPECT_THAT(bases(), ElementsAre(0, 2));
  for (const std::string& name : test.files.list("/data/t-0"))
    EXPECT_FALSE(name.ends_with(".cleaned")) << name;
}

TEST_F(CleanerTest, AnAbortLeavesEverythingAsItWas) {
  append({{"a", "1"}});
  append({{"a", "2"}});
  log->roll();
  log->update_high_watermark(2);
  int calls = 0;
  Cleaner stopped(test.node, cleaner_config, throttler, [&](const TopicPartition&) {
    if (++calls == 2) throw LogCleaningAbortedException("enough");
  });
  EXPECT_THROW((void)stopped.clean(LogToClean(log, cleanable_offsets(*log, {}, 0), false)),
               LogCleaningAbortedException);
  EXPECT_THAT(contents(), ElementsAre("0:a=1", "1:a=2"));
  for (const std::string& name : test.files.list("/data/t-0"))
    EXPECT_FALSE(name.ends_with(".cleaned")) << name;
}

TEST_F(CleanerTest, TheMinimumLagKeepsYoungSegments) {
  config->compaction_lag_ms = 10'000;
  const TimestampMs now = test.clock.wall_ms();
  for (const int64_t age : {30'000, 20'000, 5'000}) {
    ASSERT_TRUE(
        log->append_as_leader(batch_of({{"a", std::to_string(age)}}, {}, now - age), 0).ok());
    log->roll();
  }
  clean();
  EXPECT_THAT(contents(), ElementsAre("1:a=20000", "2:a=5000"));
  EXPECT_EQ(clean_up_to, 2);
}

TEST_F(CleanerTest, TheMaximumLagMakesACleaningDue) {
  config->min_cleanable_ratio = 1;
  config->max_compaction_lag_ms = 10'000;
  const TimestampMs now = test.clock.wall_ms();
  ASSERT_TRUE(log->append_as_leader(batch_of({{"a", "1"}}, {}, now - 9'000), 0).ok());
  log->roll();
  EXPECT_EQ(max_compaction_delay(*log, 0, now), 0);
  EXPECT_EQ(max_compaction_delay(*log, 0, now + 1'500), 500);
  log->update_high_watermark(1);
  const auto offsets = cleanable_offsets(*log, std::nullopt, now);
  EXPECT_FALSE(LogToClean(log, offsets, false).is_cleanable());
  EXPECT_TRUE(LogToClean(log, offsets, true).is_cleanable());
}

TEST_F(CleanerTest, OldFormatsAreCompactedToo) {
  config->compact = false;
  for (const int8_t magic : {int8_t{0}, int8_t{1}}) {
    for (const auto codec : {CompressionType::kNone, CompressionType::kGzip}) {
      MemoryRecordsBuilder::Options options;
      options.magic = magic;
      options.compression = codec;
      options.base_offset = log->log_end_offset();
      const auto batch = batch_of({{"a", "1"}, {"b", std::nullopt}, {"c", "1"}}, options);
      ASSERT_TRUE(log->append_as_follower(batch).ok());
      log->roll();
    }
  }
  config->compact = true;
  clean();
  EXPECT_THAT(contents(), ElementsAre("9:a=1", "10:b=null", "11:c=1"));
  test.clock.advance(std::chrono::milliseconds(2000));
  const std::string fills_a_segment(4010, 'x');
  append({{"x", fills_a_segment}});
  clean();
  EXPECT_EQ(contents().size(), 4u) << "as old as all that is clean";
  append({{"y", "1"}});
  clean();
  EXPECT_THAT(contents(), ElementsAre("9:a=1", "11:c=1", "12:x=" + fills_a_segment, "13:y=1"))
      << "a file's age decides for tombstones of old formats";
}

TEST(SkimpyOffsetMapTest, PutsAndFinds) {
  SkimpyOffsetMap map(1000, 42);
  EXPECT_EQ(map.get(as_bytes("x")), kNoOffset);
  for (int i = 0; i < 900; ++i) map.put(as_bytes("key" + std::to_string(i)), i);
  for (int i = 0; i < 900; i += 3) map.put(as_bytes("key" + std::to_string(i)), 900 + i);
  for (int i = 0; i < 900; ++i)
    EXPECT_EQ(map.get(as_bytes("key" + std::to_string(i))), i % 3 == 0 ? 900 + i : i);
  EXPECT_EQ(map.get(as_bytes("key900")), kNoOffset);
  EXPECT_EQ(map.get(ByteView{}), kNoOffset);
  EXPECT_EQ(map.size(), 900u);
  EXPECT_DOUBLE_EQ(map.utilization(), 0.9);
  EXPECT_GT(map.collision_rate(), 0);
}

}  // namespace
}  // namespace kafkascope
