// Logs for eyes: what a directory holds, read without touching it.
#include "log/log_reader.h"

#include "log/log_test_support.h"
#include "log/tar_archive.h"

namespace kafkascope {
namespace {

TEST(LogReaderTest, ADirectoryReadsAsTheLogThatWroteIt) {
  LogTestNode test;
  auto config = std::make_shared<LogConfig>();
  config->segment_size = 1000;
  config->index_interval = 200;
  auto log = Log::open(test.node, {.dir = "/data/flights-3", .config = config});
  for (int i = 0; i < 20; ++i) log->append_as_leader(make_batch(2), 0);
  const LogDescription live = describe_with_batches(*log);
  ASSERT_GT(live.segments.size(), 2u);
  log->close();
  const auto names = test.files.list("/data/flights-3");

  const LogDescription read = read_log_directory(test.files, "/data/flights-3");
  EXPECT_EQ(test.files.list("/data/flights-3"), names);
  EXPECT_EQ(read.partition, (TopicPartition{"flights", 3}));
  EXPECT_EQ(read.log_end_offset, 40);
  EXPECT_EQ(read.high_watermark, kNoOffset);
  ASSERT_EQ(read.segments.size(), live.segments.size());
  for (size_t i = 0; i < read.segments.size(); ++i) {
    const SegmentDescription &on_disk = read.segments[i], &in_memory = live.segments[i];
    EXPECT_EQ(on_disk.path, in_memory.path);
    EXPECT_EQ(on_disk.next_offset, in_memory.next_offset);
    EXPECT_EQ(on_disk.offset_index, in_memory.offset_index);
    EXPECT_EQ(on_disk.batches.size(), in_memory.batches.size());
    EXPECT_EQ(on_disk.problem, "");
    SegmentPosition next = 0;
    for (const BatchDescription& batch : on_disk.batches) {
      EXPECT_EQ(batch.position, next);
      next += batch.size_bytes;
    }
    EXPECT_EQ(next, on_disk.size_bytes);
  }
}

TEST(LogReaderTest, SaysWhereATornFileEnds) {
  LogTestNode test;
  auto log =
      Log::open(test.node, {.dir = "/data/flights-0", .config = std::make_shared<LogConfig>()});
  log->append_as_leader(make_batch(2), 0);
  log->append_as_leader(make_batch(2), 0);
  const std::string path = log->describe().segments[0].path;
  log->close();
  const auto file = test.files.open(path, OpenMode::kReadWrite);
  file->truncate(file->size() - 5);

  const SegmentDescription torn = read_log_directory(test.files, "/data/flights-0").segments[0];
  EXPECT_EQ(torn.batches.size(), 1u);
  EXPECT_EQ(torn.problem, "the last batch is cut off");

  file->truncate(static_cast<uint64_t>(torn.batches[0].size_bytes));
  const ByteBuffer zeros(100);
  file->pwrite(zeros, static_cast<uint64_t>(torn.batches[0].size_bytes));
  const SegmentDescription bad = read_log_directory(test.files, "/data/flights-0").segments[0];
  EXPECT_EQ(bad.batches.size(), 1u);
  EXPECT_THAT(bad.problem, testing::HasSubstr("no batch at position"));
}

TEST(LogReaderTest, ReadsWhatApacheKafkaWrote) {
  LogTestNode test;
  unpack_tar_gz("fixtures/logs.tar.gz", test.files, "");
  int logs = 0;
  for (const std::string& fixture : test.files.list("/logs")) {
    for (const std::string& name : test.files.list("/logs/" + fixture)) {
      const std::string dir = "/logs/" + fixture + "/" + name;
      if (!test.files.is_directory(dir)) continue;
      const LogDescription log = read_log_directory(test.files, dir);
      for (const SegmentDescription& segment : log.segments) EXPECT_EQ(segment.problem, "") << dir;
      ++logs;
    }
  }
  EXPECT_GT(logs, 10);
}

TEST(LogReaderTest, RefusesADirectoryWithoutSegments) {
  LogTestNode test;
  EXPECT_THROW((void)read_log_directory(test.files, "/data"), KafkaStorageException);
}

}  // namespace
}  // namespace kafkascope
