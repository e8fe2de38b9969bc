#include "log/log_description.h"
#include "log/log_dir_failure_channel.h"
#include "log/log_test_support.h"

namespace kafkascope {
namespace {

using testing::Contains;
using testing::EndsWith;
using testing::Not;

class LogRetentionTest : public testing::Test {
 protected:
  void fill(int batches, TimestampMs timestamp = 1000) {
    if (!log) log = open_log(test, config);
    for (int i = 0; i < batches; ++i) {
      ASSERT_TRUE(log->append_as_leader(make_batch(5, {}, timestamp + i), 0).ok());
    }
    log->update_high_watermark(log->log_end_offset());
  }
  std::vector<std::string> names() { return test.files.list("/data/t-0"); }

  LogTestNode test;
  std::shared_ptr<LogConfig> config = small_config();
  std::shared_ptr<Log> log;
};

TEST_F(LogRetentionTest, BySizeTheOldestGo) {
  fill(100);
  const int64_t size = log->size();
  EXPECT_EQ(log->delete_old_segments(), 0) << "no limit";
  config->retention_size = size - 4000;
  const int deleted = log->delete_old_segments();
  EXPECT_EQ(deleted, 1);
  EXPECT_GE(log->size(), config->retention_size) << "never below what should stay";
  EXPECT_EQ(log->log_start_offset(), log->segments().front()->base_offset());
  EXPECT_EQ(test.tracer.counts["SegmentDeleted"], 1);
}

TEST_F(LogRetentionTest, ByTimeAllMayGo) {
  config->retention_ms = 60'000;
  fill(100, test.clock.wall_ms());
  EXPECT_EQ(log->delete_old_segments(), 0);
  test.clock.advance(std::chrono::seconds(61));
  const int segments = log->number_of_segments();
  EXPECT_EQ(log->delete_old_segments(), segments);
  EXPECT_EQ(log->number_of_segments(), 1);
  EXPECT_EQ(log->log_start_offset(), 500);
  EXPECT_EQ(log->log_end_offset(), 500);
  fill(1);
  EXPECT_EQ(log->read(500, 1000, FetchIsolation::kLogEnd, true).value().records.size() > 0, true);
}

TEST_F(LogRetentionTest, NothingAboveTheHighWatermarkGoes) {
  config->retention_size = 0;
  fill(100);
  log->update_high_watermark(0);
  EXPECT_EQ(log->delete_old_segments(), 0);
}

TEST_F(LogRetentionTest, DeletedRecordsFreeTheirSegments) {
  fill(100);
  const Offset second = log->segments()[1]->base_offset();
  EXPECT_EQ(log->delete_records(second - 1).value(), second - 1);
  EXPECT_EQ(log->delete_old_segments(), 0);
  EXPECT_EQ(log->delete_records(second + 3).value(), second + 3);
  EXPECT_EQ(log->delete_records(second).value(), second + 3) << "never back";
  EXPECT_EQ(log->delete_old_segments(), 1);
  EXPECT_EQ(log->delete_records(501).code(), ErrorCode::kOffsetOutOfRange);
  EXPECT_EQ(log->delete_records(-1).value(), 500) << "-1: the high watermark";
  EXPECT_EQ(log->log_start_offset(), 500);
}

TEST_F(LogRetentionTest, FilesAreRenamedFirstAndRemovedLater) {
  config->retention_size = 0;
  config->file_delete_delay_ms = 5000;
  fill(60);
  const auto reader = log->read(0, 1 << 20, FetchIsolation::kLogEnd, true).value();
  EXPECT_GT(log->delete_old_segments(), 0);
  log->delete_expired_files();
  EXPECT_THAT(names(), Contains(EndsWith(".deleted")));
  test.clock.advance(std::chrono::milliseconds(5000));
  log->delete_expired_files();
  EXPECT_THAT(names(), Not(Contains(EndsWith(".deleted"))));
  EXPECT_EQ(offsets_of(reader.records).front(), 0) << "who reads it still can";
}

TEST_F(LogRetentionTest, TruncationCutsSegmentsAndEpochs) {
  fill(60);
  log->maybe_assign_epoch_start_offset(9, 300);
  EXPECT_FALSE(log->truncate_to(300));
  EXPECT_TRUE(log->truncate_to(103));
  EXPECT_EQ(log->log_end_offset(), 100) << "the batch that held 103 goes whole";
  EXPECT_EQ(log->high_watermark(), 100);
  EXPECT_EQ(log->latest_epoch(), 0);
  fill(1);
  EXPECT_EQ(log->log_end_offset(), 105);
  EXPECT_EQ(read_all(*log, 0).size(), static_cast<size_t>(log->size()));
  log->truncate_fully_and_start_at(1000);
  EXPECT_EQ(log->log_start_offset(), 1000);
  EXPECT_EQ(log->high_watermark(), 1000);
  EXPECT_EQ(log->size(), 0);
  fill(1);
  EXPECT_EQ(log->log_end_offset(), 1005);
}

TEST_F(LogRetentionTest, TruncationForgetsProducersBatches) {
  log = open_log(test, config);
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(log->append_as_leader(make_batch(1, from_producer(1, 0, i)), 0).ok());
    if (i == 1) log->roll();
  }
  log->truncate_to(3);
  EXPECT_TRUE(log->append_as_leader(make_batch(1, from_producer(1, 0, 3)), 0).ok());
  EXPECT_FALSE(log->append_as_leader(make_batch(1, from_producer(1, 0, 5)), 0).ok());
  log->truncate_to(1);
  EXPECT_EQ(log->append_as_leader(make_batch(1, from_producer(1, 0, 3)), 0).error,
            ErrorCode::kOutOfOrderSequenceNumber);
}

TEST_F(LogRetentionTest, FlushMovesTheRecoveryPoint) {
  fill(60);
  EXPECT_EQ(log->recovery_point(), 0);
  log->flush_rolled();
  EXPECT_EQ(log->recovery_point(), log->active_base_offset());
  EXPECT_GT(log->recovery_point(), 0);
  log->flush();
  EXPECT_EQ(log->recovery_point(), 300);
  EXPECT_FALSE(log->needs_flush());
  config->flush_ms = 1000;
  fill(1);
  EXPECT_FALSE(log->needs_flush());
  test.clock.advance(std::chrono::milliseconds(1000));
  EXPECT_TRUE(log->needs_flush());
  config->flush_interval = 7;
  fill(1);
  EXPECT_EQ(log->recovery_point(), 310) << "flush.messages";
}

TEST_F(LogRetentionTest, ACompactedLogIsFlushedWhereItRolls) {
  config->compact = true;
  fill(60);
  EXPECT_EQ(log->recovery_point(), log->active_base_offset());
}

TEST_F(LogRetentionTest, AFailingDiskTakesTheDirectoryOffline) {
  LogDirFailureChannel failures(test.node);
  LogOpenOptions options;
  options.dir = "/data/t-0";
  options.config = config;
  options.log_dir_failure_channel = &failures;
  log = Log::open(test.node, options);
  fill(1);
  test.files.fail_below("/data");
  EXPECT_THROW(log->append_as_leader(make_batch(1), 0), KafkaStorageException);
  EXPECT_TRUE(failures.is_offline("/data"));
  EXPECT_EQ(failures.take_next_offline_log_dir(test.clock.monotonic()), "/data");
  EXPECT_EQ(log->log_end_offset(), 5);
}

TEST_F(LogRetentionTest, ClosedLogsTakeNothing) {
  fill(1);
  log->close();
  log->close();
  EXPECT_EQ(log->append_as_leader(make_batch(1), 0).error, ErrorCode::kNotLeaderOrFollower)
      << "no I/O error, which would take the directory offline";
  auto again = open_log(test, config, 0, true);
  EXPECT_EQ(again->log_end_offset(), 5);
  EXPECT_EQ(again->recovery_point(), 5);
}

}  // namespace
}  // namespace kafkascope
