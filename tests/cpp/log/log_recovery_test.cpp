// What a crash leaves, piece by piece; log_crash_test.cpp has the rest by chance.
#include "log/log_description.h"
#include "log/log_test_support.h"

namespace kafkascope {
namespace {

using testing::Contains;
using testing::Not;

class LogRecoveryTest : public testing::Test {
 protected:
  void SetUp() override {
    config->segment_size = 2500;
    auto log = open_log(test, config);
    for (int i = 0; i < 100; ++i) {
      ASSERT_TRUE(log->append_as_leader(make_batch(2, from_producer(1, 0, 2 * i)), i / 40).ok());
    }
    for (const auto& segment : log->segments()) paths.push_back(segment->path());
    log->close();
    ASSERT_GT(paths.size(), 3u);
  }
  std::shared_ptr<Log> reopen(Offset recovery_point = 0, bool clean = false) {
    return open_log(test, config, recovery_point, clean);
  }
  void overwrite(const std::string& path, size_t at, ByteBuffer bytes) {
    test.files.open(path, OpenMode::kReadWrite)->pwrite(bytes, at);
  }
  std::string index_of(size_t n, const char* suffix) {
    return paths[n].substr(0, paths[n].size() - 4) + suffix;
  }
  std::vector<std::string> names() { return test.files.list("/data/t-0"); }

  LogTestNode test;
  std::shared_ptr<LogConfig> config = small_config();
  std::vector<std::string> paths;
};

TEST_F(LogRecoveryTest, ACleanStopRecoversNothing) {
  test.tracer.counts.clear();
  EXPECT_EQ(reopen(0, true)->log_end_offset(), 200);
  EXPECT_EQ(test.tracer.counts["SegmentRecovered"], 0);
  EXPECT_EQ(reopen(0, false)->log_end_offset(), 200);
  EXPECT_EQ(test.tracer.counts["SegmentRecovered"], static_cast<int>(paths.size()));
}

TEST_F(LogRecoveryTest, OnlySegmentsFromTheRecoveryPointAreScanned) {
  test.tracer.counts.clear();
  EXPECT_EQ(reopen(199)->log_end_offset(), 200);
  EXPECT_EQ(test.tracer.counts["SegmentRecovered"], 1);
}

TEST_F(LogRecoveryTest, TheFirstUnsoundBatchEndsTheLog) {
  overwrite(paths[1], 1000, {0xde, 0xad});
  const auto log = reopen();
  EXPECT_LT(log->log_end_offset(), 200);
  EXPECT_EQ(log->number_of_segments(), 2) << "what lies behind a hole is not kept";
  EXPECT_EQ(read_all(*log, 0).size(), static_cast<size_t>(log->size()));
  const Offset end = log->log_end_offset();
  EXPECT_FALSE(log->append_as_leader(make_batch(1, from_producer(1, 0, 198)), 3).ok());
  EXPECT_TRUE(
      log->append_as_leader(make_batch(1, from_producer(1, 0, static_cast<int>(end))), 3).ok())
      << "producers are known as of the end";
}

TEST_F(LogRecoveryTest, ABatchThatIsNotWholeIsCutOff) {
  const auto file = test.files.open(paths.back(), OpenMode::kReadWrite);
  file->truncate(file->size() - 1);
  EXPECT_EQ(reopen(190)->log_end_offset(), 198);
}

TEST_F(LogRecoveryTest, BaseOffsetsAndEpochsMustGrowThoughNoChecksumCoversThem) {
  const size_t second = *RecordBatch::size_at(read_file(test.files, paths.back()));
  overwrite(paths.back(), second, ByteBuffer(8));
  const auto log = reopen(199);
  EXPECT_EQ(log->log_end_offset(), log->segments().back()->base_offset() + 2);
}

TEST_F(LogRecoveryTest, MissingAndDamagedIndexesAreBuiltAnew) {
  const auto before = reopen(0, true)->describe();
  test.files.remove(index_of(0, ".index"));
  test.files.remove(index_of(1, ".timeindex"));
  overwrite(index_of(2, ".index"), 0,
            ByteBuffer(read_file(test.files, index_of(2, ".index")).size()));
  const auto after = reopen(0, true)->describe();
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(after.segments[i].offset_index, before.segments[i].offset_index);
    EXPECT_EQ(after.segments[i].time_index, before.segments[i].time_index);
  }
}

TEST_F(LogRecoveryTest, LeftoversAreCleanedUp) {
  const std::string dir = "/data/t-0/";
  for (const char* name : {"00000000000000000000.log.deleted", "00000000000000000000.log.cleaned",
                           "00000000000000000999.index", "leader-epoch-checkpoint.tmp"}) {
    write_file_atomically(test.files, dir + name, as_bytes("x"));
  }
  const auto log = reopen(0, true);
  EXPECT_THAT(names(), Not(Contains(testing::HasSubstr("deleted"))));
  EXPECT_THAT(names(), Not(Contains(testing::HasSubstr("cleaned"))));
  EXPECT_THAT(names(), Not(Contains("00000000000000000999.index")));
  EXPECT_EQ(log->log_end_offset(), 200);
}

TEST_F(LogRecoveryTest, ASwapIsFinished) {
  // A compacted first segment, renamed to .swap when the crash came: here, with its first batch
  // only.
  const ByteBuffer content = read_file(test.files, paths[0]);
  const auto size = static_cast<size_t>(*RecordBatch::size_at(content));
  ByteBuffer compacted(content.begin(), content.begin() + static_cast<std::ptrdiff_t>(size));
  config->compact = true;
  write_file_atomically(test.files, paths[0] + ".swap", compacted);
  const auto log = reopen(0, true);
  EXPECT_EQ(log->segments().front()->size(), static_cast<int32_t>(size));
  EXPECT_THAT(names(), Not(Contains(testing::HasSubstr("swap"))));
  EXPECT_EQ(offsets_of(log->read(5, 1, FetchIsolation::kLogEnd, true).value().records).front(),
            log->segments()[1]->base_offset())
      << "the next record that is left";
}

TEST_F(LogRecoveryTest, ALogBelowItsStartBeginsAnew) {
  auto log = open_log(test, config, 0, false, 500);
  EXPECT_EQ(log->log_start_offset(), 500);
  EXPECT_EQ(log->log_end_offset(), 500);
  EXPECT_EQ(log->number_of_segments(), 1);
}

TEST_F(LogRecoveryTest, EpochsAreThoseOfTheRecords) {
  const auto before = reopen(0, true)->describe().leader_epochs;
  EXPECT_EQ(before.size(), 3u);
  test.files.remove("/data/t-0/leader-epoch-checkpoint");
  EXPECT_EQ(reopen(199)->describe().leader_epochs, before);
}

TEST_F(LogRecoveryTest, IndexesAreMappedWhenSomebodyLooks) {
  const auto log = reopen(200, true);
  const auto mapped = [&] {
    int count = 0;
    for (const auto& segment : log->segments())
      count += !segment->offset_index().is_released() + !segment->time_index().is_released();
    return count;
  };
  EXPECT_EQ(mapped(), 2) << "those of the active segment";
  (void)log->read(20, 1, FetchIsolation::kLogEnd, true);
  EXPECT_EQ(mapped(), 3);
  EXPECT_TRUE(log->fetch_offset_by_timestamp(1).has_value());
  EXPECT_EQ(mapped(), 4);
  log->roll();
  EXPECT_EQ(mapped(), 6);
  log->flush();
  EXPECT_EQ(mapped(), 4) << "a flush lets go of what was rolled";
}

}  // namespace
}  // namespace kafkascope
