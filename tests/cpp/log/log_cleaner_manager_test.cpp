// The manager's choice of log, its states and checkpoints, and the cleaner within a LogManager.
#include "log/cleaner/log_cleaner_manager.h"

#include <atomic>

#include "log/cleaner/log_cleaner.h"
#include "log/log_dir_failure_channel.h"
#include "log/log_manager.h"
#include "log/log_test_support.h"
#include "runtime/metrics/metrics_registry.h"

namespace kafkascope {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::SizeIs;

const ConfigMap kCompact{{"cleanup.policy", "compact"},
                         {"segment.index.bytes", "4096"},
                         {"min.cleanable.dirty.ratio", "0.3"},
                         {"file.delete.delay.ms", "0"}};

class LogCleanerManagerTest : public testing::Test {
 protected:
  LogCleanerManagerTest() {
    config.log_dirs = {"/data/a"};
    start();
  }
  void start() {
    manager.reset();
    manager = std::make_unique<LogManager>(test.node, config, failures);
    manager->startup();
  }
  std::shared_ptr<Log> make(const std::string& topic, ConfigMap overrides = kCompact) {
    return manager->get_or_create_log({topic, 0}, overrides);
  }
  /// Segments of one batch with the same keys, and an active one without records.
  void fill(Log& log, int segments, int keys = 5) {
    for (int i = 0; i < segments; ++i) {
      ASSERT_TRUE(log.append_as_leader(make_batch(keys), 0).ok());
      log.roll();
    }
    log.update_high_watermark(log.log_end_offset());
  }
  LogCleanerManager& cleaning() { return manager->cleaner()->manager(); }

  LogTestNode test;
  LogManagerConfig config;
  LogDirFailureChannel failures{test.node};
  std::unique_ptr<LogManager> manager;
};

TEST_F(LogCleanerManagerTest, TheFilthiestLogComesFirst) {
  const auto little = make("little"), much = make("much");
  make("plain", {{"segment.index.bytes", "4096"}});
  fill(*little, 2), fill(*much, 2);
  while (manager->cleaner()->clean_filthiest_log()) {
  }
  EXPECT_THAT(
      cleaning().all_cleaner_checkpoints(),
      ElementsAre(Pair(TopicPartition{"little", 0}, 10), Pair(TopicPartition{"much", 0}, 10)));
  EXPECT_EQ(cleaning().max_dirty_percent(), 0);
  fill(*little, 1), fill(*much, 6);
  PreCleanStats stats;
  const auto first = cleaning().grab_filthiest_compacted_log(stats);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->log, much);
  EXPECT_EQ(first->first_dirty_offset, 10);
  EXPECT_EQ(stats.cleanable_partitions, 2);
  EXPECT_EQ(cleaning().state_of({"much", 0}), "LogCleaningInProgress");
  const auto second = cleaning().grab_filthiest_compacted_log(stats);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->log, little) << "nobody cleans the same log twice at a time";
  EXPECT_FALSE(cleaning().grab_filthiest_compacted_log(stats));
  cleaning().done_cleaning(*much, 40);
  cleaning().done_cleaning(*little, 15);
  EXPECT_EQ(cleaning().all_cleaner_checkpoints().at({"much", 0}), 40);
  EXPECT_EQ(cleaning().state_of({"much", 0}), "");
}

TEST_F(LogCleanerManagerTest, AnotherChoiceCanBePutIn) {
  fill(*make("a"), 2), fill(*make("b"), 6);
  cleaning().set_choice([](const std::vector<LogToClean>& logs) {
    EXPECT_THAT(logs, SizeIs(2));
    return size_t{1};
  });
  PreCleanStats stats;
  EXPECT_EQ(cleaning().grab_filthiest_compacted_log(stats)->log->topic_partition().topic, "b");
}

TEST_F(LogCleanerManagerTest, ThereMustBeEnoughDirt) {
  const auto log = make("t");
  fill(*log, 4, 50);
  EXPECT_TRUE(manager->cleaner()->clean_filthiest_log());
  fill(*log, 1, 1);
  EXPECT_FALSE(manager->cleaner()->clean_filthiest_log()) << "below min.cleanable.dirty.ratio";
  manager->update_topic_config("t", {{"cleanup.policy", "compact"},
                                     {"segment.index.bytes", "4096"},
                                     {"max.compaction.lag.ms", "1"}});
  test.clock.advance(std::chrono::seconds(1));
  EXPECT_TRUE(manager->cleaner()->clean_filthiest_log()) << "max.compaction.lag.ms";
}

TEST_F(LogCleanerManagerTest, WhoAbortsWaitsForTheCleanerToLetGo) {
  const auto log = make("t");
  fill(*log, 2);
  PreCleanStats stats;
  ASSERT_TRUE(cleaning().grab_filthiest_compacted_log(stats));
  EXPECT_NO_THROW(cleaning().check_cleaning_aborted({"t", 0}));
  std::atomic<bool> paused{false};
  Thread waiter(test.node, "waiter", [&] {
    cleaning().abort_and_pause_cleaning({"t", 0});
    paused = true;
  });
  while (cleaning().state_of({"t", 0}) != "LogCleaningAborted") {
  }
  EXPECT_FALSE(paused);
  EXPECT_THROW(cleaning().check_cleaning_aborted({"t", 0}), LogCleaningAbortedException);
  cleaning().done_cleaning(*log, 10);
  waiter.join();
  EXPECT_EQ(cleaning().state_of({"t", 0}), "LogCleaningPaused(1)");
  EXPECT_THAT(cleaning().all_cleaner_checkpoints(), IsEmpty()) << "an aborted one did not count";
  cleaning().abort_and_pause_cleaning({"t", 0});
  EXPECT_EQ(cleaning().state_of({"t", 0}), "LogCleaningPaused(2)");
  EXPECT_FALSE(cleaning().grab_filthiest_compacted_log(stats));
  cleaning().resume_cleaning({"t", 0});
  cleaning().resume_cleaning({"t", 0});
  EXPECT_TRUE(cleaning().grab_filthiest_compacted_log(stats));
}

TEST_F(LogCleanerManagerTest, RetentionOfCompactedLogsIsTheCleaners) {
  ConfigMap both = kCompact;
  both["cleanup.policy"] = "compact,delete";
  both["retention.ms"] = "1000";
  const auto log = make("both", both);
  fill(*log, 3);
  test.clock.advance(std::chrono::seconds(10));
  EXPECT_EQ(manager->cleanup_logs(), 0);
  const auto deletable = cleaning().deletable_logs();
  EXPECT_THAT(deletable, ElementsAre(log));
  EXPECT_EQ(log->delete_old_segments(), 3);
  cleaning().done_deleting(deletable);
  EXPECT_EQ(log->log_start_offset(), 15);
}

TEST_F(LogCleanerManagerTest, CheckpointsFollowTheLog) {
  const auto log = make("t"), other = make("u");
  fill(*log, 4), fill(*other, 2);
  while (manager->cleaner()->clean_filthiest_log()) {
  }
  manager->truncate_to({{{"t", 0}, 7}});
  EXPECT_EQ(cleaning().all_cleaner_checkpoints().at({"t", 0}), 0) << "one segment is left";
  manager->async_delete({"u", 0});
  EXPECT_FALSE(cleaning().all_cleaner_checkpoints().contains({"u", 0}));
  cleaning().update_checkpoint("/data/a", {"t", 0}, 900);
  PreCleanStats stats;
  (void)cleaning().grab_filthiest_compacted_log(stats);
  EXPECT_EQ(cleaning().all_cleaner_checkpoints().at({"t", 0}), 0)
      << "beyond the log: from the start";
}

TEST_F(LogCleanerManagerTest, ADamagedLogIsLeftAloneAndCounted) {
  MetricsRegistry registry(test.node);
  manager->cleaner()->register_metrics(registry, {"/data/a"});
  const auto log = make("t");
  fill(*log, 3);
  test.files.rot(log->segments().front()->path(), 70);
  EXPECT_TRUE(manager->cleaner()->clean_filthiest_log()) << "tried";
  EXPECT_FALSE(manager->cleaner()->clean_filthiest_log());
  EXPECT_EQ(cleaning().uncleanable_partitions_count("/data/a"), 1);
  EXPECT_EQ(cleaning().uncleanable_bytes("/data/a"), static_cast<double>(log->size()));
  EXPECT_FALSE(failures.is_offline("/data/a")) << "the disk is sound";
  EXPECT_THAT(registry.prometheus_text(),
              HasSubstr("kafka_log_logcleanermanager_uncleanable_partitions_count"));
  manager->async_delete({"t", 0});
  cleaning().maintain_uncleanable_partitions();
  EXPECT_EQ(cleaning().uncleanable_partitions_count("/data/a"), 0);
  manager->cleaner()->remove_metrics();
  EXPECT_THAT(registry.prometheus_text(), Not(HasSubstr("logcleaner")));
}

TEST_F(LogCleanerManagerTest, ADiskThatFailsTakesItsDirectoryOffline) {
  fill(*make("t"), 3);
  test.files.add_fault({sim::DiskOperation::kRename, "/data/a/t-0/"});
  EXPECT_TRUE(manager->cleaner()->clean_filthiest_log());
  EXPECT_TRUE(failures.is_offline("/data/a"));
}

TEST_F(LogCleanerManagerTest, ConfigurationsThatCannotWorkAreRefused) {
  const auto refusal = [](const CleanerConfig& config) -> std::string {
    try {
      LogCleaner::validate(config);
    } catch (const ConfigException& e) {
      return e.what();
    }
    return "accepted";
  };
  CleanerConfig cleaner;
  EXPECT_EQ(refusal(cleaner), "accepted");
  cleaner.dedupe_buffer_size = 1'000'000;
  EXPECT_THAT(refusal(cleaner), HasSubstr("log.cleaner.dedupe.buffer.size=1000000"));
  cleaner = {};
  cleaner.num_threads = 0;
  EXPECT_THAT(refusal(cleaner), HasSubstr("log.cleaner.threads=0"));
  cleaner = {};
  cleaner.dedupe_buffer_load_factor = 0;
  EXPECT_THAT(refusal(cleaner), HasSubstr("log.cleaner.io.buffer.load.factor=0"));
}

}  // namespace
}  // namespace kafkascope
