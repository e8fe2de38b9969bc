// Real threads on real files: one appends, others read, one cleans; ThreadSanitizer looks on.
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>

#include "log/cleaner/log_cleaner.h"
#include "log/log_dir_failure_channel.h"
#include "log/log_manager.h"
#include "record/memory_records.h"
#include "record/memory_records_builder.h"
#include "runtime/file_system.h"
#include "runtime/real/real_runtime.h"

namespace kafkascope {
namespace {

SharedSlice batch_of(int count) {
  MemoryRecordsBuilder builder({});
  for (int i = 0; i < count; ++i) builder.append(1000 + i, as_bytes("key"), as_bytes("value"));
  return SharedSlice::of(builder.close());
}

class LogConcurrencyTest : public testing::Test {
 protected:
  LogConcurrencyTest() {
    char name[] = "/tmp/log-test-XXXXXX";
    dir = ::mkdtemp(name);
  }
  ~LogConcurrencyTest() override { remove_all(node->files(), dir); }

  real::RealRuntime runtime;
  std::unique_ptr<Node> node = runtime.make_node("broker");
  std::string dir;
};

TEST_F(LogConcurrencyTest, ReadersSeeWholeBatchesWhileOthersAppendAndClean) {
  LogDirFailureChannel failures(*node);
  LogManagerConfig config;
  config.log_dirs = {dir + "/data"};
  LogManager manager(*node, config, failures);
  manager.startup();
  const auto log = manager.get_or_create_log({"t", 0}, {{"segment.bytes", "20000"},
                                                        {"retention.bytes", "60000"},
                                                        {"file.delete.delay.ms", "0"},
                                                        {"index.interval.bytes", "500"}});
  constexpr int kBatches = 3000;
  std::atomic<bool> done{false};
  std::atomic<int64_t> records_read{0};
  const auto reader = [&](FetchIsolation isolation) {
    while (!done) {
      Offset at = log->log_start_offset();
      for (int i = 0; i < 50; ++i) {
        auto read = log->read(at, 5000, isolation, true);
        if (!read.ok()) break;  // retention was faster
        const SharedSlice bytes = read->records.to_slice();
        if (bytes.empty()) break;
        for (const RecordBatch& batch : MemoryRecords(bytes)) {
          ASSERT_TRUE(batch.is_checksum_valid());
          ASSERT_GT(batch.next_offset(), at) << "no batch twice";
          records_read += batch.count();
          at = batch.next_offset();
        }
      }
      (void)log->fetch_offset_by_timestamp(1001);
    }
  };
  Thread appender(*node, "appender", [&] {
    for (int i = 0; i < kBatches; ++i) {
      ASSERT_TRUE(log->append_as_leader(batch_of(3), i / 1000).ok());
      if (i % 7 == 0) log->update_high_watermark(log->log_end_offset());
    }
    done = true;
  });
  Thread follower(*node, "follower", [&] { reader(FetchIsolation::kLogEnd); });
  Thread consumer(*node, "consumer", [&] { reader(FetchIsolation::kTxnCommitted); });
  Thread cleaner(*node, "cleaner", [&] {
    while (!done) {
      manager.cleanup_logs();
      manager.flush_dirty_logs();
      manager.checkpoint_log_start_offsets();
      manager.delete_logs();
    }
  });
  for (Thread* thread : {&appender, &follower, &consumer, &cleaner}) thread->join();
  EXPECT_EQ(log->log_end_offset(), 3 * kBatches);
  EXPECT_GT(records_read, 0);
  manager.shutdown();
}

TEST_F(LogConcurrencyTest, ReadersSeeTheLastOfEachKeyWhileTheCleanerRuns) {
  LogDirFailureChannel failures(*node);
  LogManagerConfig config;
  config.log_dirs = {dir + "/data"};
  config.cleaner.num_threads = 2;
  config.cleaner.backoff = std::chrono::milliseconds(1);
  LogManager manager(*node, config, failures);
  manager.startup();
  manager.cleaner()->startup();
  const auto log = manager.get_or_create_log({"t", 0}, {{"segment.bytes", "3000"},
                                                        {"cleanup.policy", "compact"},
                                                        {"min.cleanable.dirty.ratio", "0.01"},
                                                        {"file.delete.delay.ms", "0"},
                                                        {"index.interval.bytes", "200"}});
  constexpr int kRecords = 4000;
  std::atomic<bool> done{false};
  Thread appender(*node, "appender", [&] {
    for (int i = 0; i < kRecords; ++i) {
      MemoryRecordsBuilder builder({});
      builder.append(1000 + i, as_bytes(std::to_string(i % 10)), as_bytes(std::to_string(i)));
      ASSERT_TRUE(log->append_as_leader(SharedSlice::of(builder.close()), 0).ok());
      log->update_high_watermark(log->log_end_offset());
    }
    done = true;
  });
  const auto read_all = [&] {
    std::map<std::string, int> last;
    Offset at = 0;
    while (at < log->high_watermark()) {
      const SharedSlice bytes =
          log->read(at, 5000, FetchIsolation::kHighWatermark, true).value().records.to_slice();
      if (bytes.empty()) break;
      for (const RecordBatch& batch : MemoryRecords(bytes)) at = batch.next_offset();
      MemoryRecords(bytes).for_each_record([&](const RecordBatch& batch, const RecordView& record) {
        ASSERT_TRUE(batch.is_checksum_valid());
        last[std::string(to_string(*record.key))] =
            std::stoi(std::string(to_string(*record.value)));
      });
      (void)log->fetch_offset_by_timestamp(1001);
    }
    return last;
  };
  Thread reader(*node, "reader", [&] {
    while (!done) {
      const auto before = read_all(), after = read_all();
      for (const auto& [key, value] : before) ASSERT_GE(after.at(key), value) << "no key goes back";
    }
  });
  Thread upkeep(*node, "upkeep", [&] {
    while (!done) {
      manager.flush_rolled_logs();
      manager.delete_logs();
    }
  });
  for (Thread* thread : {&appender, &reader, &upkeep}) thread->join();
  // The appender may have been faster than they.
  while (log->size() >= kRecords * 40) manager.cleaner()->clean_filthiest_log();
  EXPECT_FALSE(manager.cleaner()->last_stats().empty());
  const auto last = read_all();
  ASSERT_EQ(last.size(), 10u);
  for (const auto& [key, value] : last) EXPECT_EQ(value, kRecords - 10 + std::stoi(key));
  EXPECT_LT(log->size(), kRecords * 40) << "it was compacted";
  manager.shutdown();
}

TEST_F(LogConcurrencyTest, WhatWasWrittenIsThereAfterARestart) {
  LogDirFailureChannel failures(*node);
  LogManagerConfig config;
  config.log_dirs = {dir + "/data"};
  config.num_recovery_threads_per_data_dir = 3;
  for (int life = 0; life < 3; ++life) {
    LogManager manager(*node, config, failures);
    manager.startup();
    for (int p = 0; p < 8; ++p) {
      const auto log = manager.get_or_create_log({"t", p}, {});
      EXPECT_EQ(log->log_end_offset(), 5 * life);
      EXPECT_TRUE(log->append_as_leader(batch_of(5), life).ok());
    }
    if (life != 1) manager.shutdown();  // once not cleanly
  }
}

}  // namespace
}  // namespace kafkascope
