#include "log/log_manager.h"

#include "log/checkpoint/broker_metadata_checkpoint.h"
#include "log/log_dir_failure_channel.h"
#include "log/log_test_support.h"

namespace kafkascope {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

class LogManagerTest : public testing::Test {
 protected:
  LogManagerTest() {
    config.log_dirs = {"/data/a", "/data/b"};
    config.broker_id = 4;
  }
  void start(const LogManager::TopicConfigs& topics = {}) {
    manager = std::make_unique<LogManager>(test.node, config, failures);
    manager->startup(topics);
  }
  std::shared_ptr<Log> make(const std::string& topic, int partition, ConfigMap overrides = {}) {
    return manager->get_or_create_log({topic, partition}, overrides);
  }
  std::string refusal() {
    try {
      LogManager(test.node, config, failures);
    } catch (const KafkaException& e) {
      return e.what();
    }
    return "accepted";
  }

  LogTestNode test;
  LogManagerConfig config;
  LogDirFailureChannel failures{test.node};
  std::unique_ptr<LogManager> manager;
};

TEST_F(LogManagerTest, LogsComeBackAfterACleanStop) {
  start();
  for (int i = 0; i < 4; ++i) {
    const auto log = make("t", i);
    EXPECT_TRUE(log->append_as_leader(make_batch(i + 1), 0).ok());
    log->update_high_watermark(i);
  }
  EXPECT_EQ(manager->logs_in_dir("/data/a").size(), 2u) << "to where there are fewest";
  EXPECT_EQ(make("t", 2), manager->get_log({"t", 2}));
  manager->shutdown(17);
  EXPECT_TRUE(test.files.exists("/data/a/.kafka_cleanshutdown"));
  manager.reset();
  test.tracer.counts.clear();
  config.num_recovery_threads_per_data_dir = 2;
  start();
  EXPECT_FALSE(test.files.exists("/data/a/.kafka_cleanshutdown"));
  EXPECT_EQ(test.tracer.counts["SegmentRecovered"], 0);
  EXPECT_EQ(manager->all_logs().size(), 4u);
  EXPECT_EQ(manager->get_log({"t", 3})->log_end_offset(), 4);
  EXPECT_EQ(manager->read_high_watermarks().at({"t", 3}), 3);
  manager.reset();
  start();
  EXPECT_GT(test.tracer.counts["SegmentRecovered"], 0) << "no clean stop this time";
  EXPECT_EQ(manager->get_log({"t", 3})->log_end_offset(), 4);
}

TEST_F(LogManagerTest, DirectoriesBelongToOneBrokerOfOneCluster) {
  start();
  const std::string cluster = manager->cluster_id();
  EXPECT_EQ(cluster.size(), 22u);
  EXPECT_THAT(refusal(), HasSubstr(".lock is held"));
  manager.reset();
  config.broker_id = 5;
  EXPECT_THAT(refusal(), HasSubstr("of broker 4, this is broker 5"));
  config.broker_id = 4;
  config.cluster_id = "another";
  EXPECT_THAT(refusal(), HasSubstr("of cluster " + cluster));
  config.cluster_id.clear();
  start();
  EXPECT_EQ(manager->cluster_id(), cluster);
  EXPECT_EQ(BrokerMetadataCheckpoint(test.files, "/data/b").read(),
            (MetaProperties{0, 4, cluster, ""}));
}

TEST_F(LogManagerTest, TopicIdsMustAgree) {
  start();
  const Uuid id = Uuid::from_random(1, 2);
  EXPECT_EQ(manager->get_or_create_log({"t", 0}, {}, id)->topic_id(), id);
  try {
    manager->get_or_create_log({"t", 0}, {}, Uuid::from_random(3, 4));
    FAIL();
  } catch (const KafkaException& e) {
    EXPECT_EQ(e.code(), ErrorCode::kInconsistentTopicId);
  }
  manager->shutdown();
  start();
  EXPECT_EQ(manager->get_log({"t", 0})->topic_id(), id);
}

TEST_F(LogManagerTest, DeletedLogsAreRenamedAtOnceAndRemovedLater) {
  start();
  make("t", 0, {{"file.delete.delay.ms", "1000"}})->append_as_leader(make_batch(1), 0);
  const std::string dir = manager->get_log({"t", 0})->parent_dir();
  EXPECT_TRUE(manager->async_delete({"t", 0}));
  EXPECT_FALSE(manager->async_delete({"t", 0}));
  EXPECT_EQ(manager->get_log({"t", 0}), nullptr);
  manager->delete_logs();
  EXPECT_THAT(test.files.list(dir),
              Contains(testing::AllOf(testing::StartsWith("t-0."), EndsWith("-delete"))));
  EXPECT_EQ(make("t", 0)->log_end_offset(), 0) << "the name is free again";
  manager.reset();
  start();
  manager->delete_logs();
  EXPECT_THAT(test.files.list(dir), Not(Contains(EndsWith("-delete")))) << "also after a restart";
  EXPECT_TRUE(manager->async_delete({"t", 0}));
  test.clock.advance(std::chrono::seconds(61));
  manager->delete_logs();
  EXPECT_THAT(test.files.list(dir), Not(Contains(EndsWith("-delete"))));
}

TEST_F(LogManagerTest, AFailedDirectoryGoesOfflineTheOthersGoOn) {
  start();
  for (int i = 0; i < 4; ++i) make("t", i)->append_as_leader(make_batch(1), 0);
  test.files.fail_below("/data/a/");
  manager->checkpoint_log_recovery_offsets();
  EXPECT_TRUE(failures.is_offline("/data/a"));
  EXPECT_THAT(manager->live_log_dirs(), ElementsAre("/data/b"));
  EXPECT_EQ(manager->all_logs().size(), 2u);
  EXPECT_EQ(make("new", 0)->parent_dir(), "/data/b");
  EXPECT_TRUE(manager->handle_log_dir_failure("/data/a").empty()) << "its logs are gone already";
  EXPECT_EQ(manager->handle_log_dir_failure("/data/b").size(), 3u);
  EXPECT_THROW(make("new", 1), KafkaStorageException);
}

TEST_F(LogManagerTest, ADirectoryThatFailsWhileALogIsMadeGetsNone) {
  start();
  test.tracer.on_event = [&](const std::string& kind) {
    if (kind == "LogCreated") manager->handle_log_dir_failure("/data/a");
  };
  EXPECT_THROW(make("t", 0), KafkaStorageException);
  EXPECT_EQ(manager->get_log({"t", 0}), nullptr);
  EXPECT_EQ(make("t", 0)->parent_dir(), "/data/b");
}

TEST_F(LogManagerTest, ANameThatCannotBeMadeDurableTakesTheDirectoryOffline) {
  start();
  test.files.add_fault({sim::DiskOperation::kSyncDir, "/data/a"});
  EXPECT_THROW(make("t", 0), KafkaStorageException);
  EXPECT_TRUE(failures.is_offline("/data/a"));
}

TEST_F(LogManagerTest, ConfigurationReachesTheLogs) {
  config.broker_config = {{"log.retention.hours", "1"}};
  start({{"t", {{"segment.bytes", "5000"}}}});
  const auto log = make("t", 0, {{"segment.bytes", "6000"}});
  EXPECT_EQ(log->config()->segment_size, 6000);
  EXPECT_EQ(log->config()->retention_ms, 3'600'000);
  manager->update_topic_config("t", {{"segment.bytes", "7000"}});
  EXPECT_EQ(log->config()->segment_size, 7000);
  EXPECT_THROW(manager->update_topic_config("t", {{"segment.bytes", "x"}}), ConfigException);
  EXPECT_EQ(log->config()->segment_size, 7000);
  manager->reconfigure_defaults({{"log.retention.hours", "2"}});
  EXPECT_EQ(log->config()->retention_ms, 7'200'000);
  EXPECT_EQ(log->config()->segment_size, 7000);
}

TEST_F(LogManagerTest, TasksCleanFlushAndCheckpoint) {
  start();
  const auto log = make("t", 0,
                        {{"segment.bytes", "2000"},
                         {"retention.bytes", "3000"},
                         {"flush.ms", "100"},
                         {"file.delete.delay.ms", "0"}});
  for (int i = 0; i < 40; ++i) log->append_as_leader(make_batch(5), 0);
  log->update_high_watermark(200);
  EXPECT_GT(manager->cleanup_logs(), 0);
  manager->delete_logs();
  EXPECT_THAT(test.files.list(log->dir()), Not(Contains(EndsWith(".deleted"))));
  manager->flush_rolled_logs();
  EXPECT_EQ(log->recovery_point(), log->active_base_offset());
  test.clock.advance(std::chrono::milliseconds(100));
  manager->flush_dirty_logs();
  EXPECT_EQ(log->recovery_point(), 200);
  ASSERT_TRUE(log->delete_records(log->log_start_offset() + 1).ok());
  const Offset start_offset = log->log_start_offset();
  manager->checkpoint_log_recovery_offsets();
  manager->checkpoint_log_start_offsets();
  manager.reset();
  start();
  EXPECT_EQ(manager->get_log({"t", 0})->log_start_offset(), start_offset);
  manager->truncate_to({{{"t", 0}, 150}});
  EXPECT_EQ(manager->get_log({"t", 0})->log_end_offset(), 150);
  EXPECT_THAT(
      to_string(read_file(test.files, log->parent_dir() + "/recovery-point-offset-checkpoint")),
      HasSubstr("t 0 150"));
  manager->truncate_fully_and_start_at({"t", 0}, 900);
  EXPECT_EQ(manager->get_log({"t", 0})->log_start_offset(), 900);
}

TEST_F(LogManagerTest, DamagedCheckpointsAreTakenAsEmpty) {
  start();
  make("t", 0)->append_as_leader(make_batch(3), 0);
  manager.reset();
  for (const char* name : {"recovery-point-offset-checkpoint", "log-start-offset-checkpoint"}) {
    write_file_atomically(test.files, std::string("/data/a/") + name, as_bytes("garbage"));
  }
  test.files.create_directories("/data/a/not a partition");
  start();
  EXPECT_EQ(manager->get_log({"t", 0})->log_end_offset(), 3);
}

}  // namespace
}  // namespace kafkascope
