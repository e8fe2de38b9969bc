#include "log/checkpoint/broker_metadata_checkpoint.h"
#include "log/checkpoint/clean_shutdown_file_handler.h"
#include "log/checkpoint/offset_checkpoint_file.h"
#include "log/checkpoint/partition_metadata_file.h"
#include "log/epoch/leader_epoch_file_cache.h"
#include "log/log_file_names.h"
#include "log/log_test_support.h"

namespace kafkascope {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class CheckpointTest : public testing::Test {
 protected:
  void put(const std::string& path, const std::string& text) {
    write_file_atomically(test.files, path, as_bytes(text));
  }
  std::string get(const std::string& path) { return to_string(read_file(test.files, path)); }

  LogTestNode test;
};

TEST_F(CheckpointTest, OffsetsAreWrittenAsKafkaWritesThem) {
  const OffsetCheckpointFile file(test.files, "/data", kRecoveryPointCheckpoint);
  EXPECT_TRUE(file.read().empty());
  const PartitionOffsets offsets{{{"a", 0}, 7}, {{"a", 10}, 0}, {{"with.dots-1", 3}, 1LL << 40}};
  file.write(offsets);
  EXPECT_EQ(get("/data/recovery-point-offset-checkpoint"),
            "0\n3\na 0 7\na 10 0\nwith.dots-1 3 1099511627776\n");
  EXPECT_EQ(file.read(), offsets);
  file.write({});
  EXPECT_EQ(get("/data/recovery-point-offset-checkpoint"), "0\n0\n");
}

TEST_F(CheckpointTest, DamageIsNamedWithItsLine) {
  const std::pair<const char*, const char*> damages[] = {
      {"", "line 1"},
      {"0\n", "line 2"},
      {"1\n0\n", "expected version 0"},
      {"0\n2\na 0 7\n", "expected 1"},
      {"0\n1\na 0 7\nb 0 7\n", "expected 2"},
      {"0\n1\na 0\n", "line 3"},
      {"0\n1\na 0 x\n", "line 3"},
      {"0\n1\na -1 7\n", "line 3"},
      {"0\n1\na 0 99999999999999999999\n", "line 3"},
      {"x\n0\n", "line 1"}};
  for (const auto& [text, where] : damages) {
    put("/data/recovery-point-offset-checkpoint", text);
    try {
      OffsetCheckpointFile(test.files, "/data", kRecoveryPointCheckpoint).read();
      ADD_FAILURE() << "accepted: " << text;
    } catch (const KafkaStorageException& e) {
      EXPECT_THAT(e.what(), HasSubstr(where)) << text;
    }
  }
}

TEST_F(CheckpointTest, OldOrNewNeverAMixture) {
  const OffsetCheckpointFile file(test.files, "/data", kRecoveryPointCheckpoint);
  const PartitionOffsets before{{{"a", 0}, 1}}, after{{{"a", 0}, 2}, {{"b", 0}, 2}};
  for (int crash = 0; crash < 6; ++crash) {
    for (uint64_t seed = 0; seed < 20; ++seed) {
      file.write(before);
      test.files.crash_after(crash);
      try {
        file.write(after);
      } catch (const sim::FiberKilled&) {
      }
      RandomStream random(seed, "restart");
      test.files.restart(random);
      const PartitionOffsets found = file.read();
      EXPECT_TRUE(found == before || found == after) << crash << " " << seed;
    }
  }
}

TEST_F(CheckpointTest, CleanShutdownFileHoldsTheBrokerEpoch) {
  CleanShutdownFileHandler handler(test.files, "/data");
  EXPECT_FALSE(handler.exists());
  EXPECT_EQ(handler.read(), std::nullopt);
  handler.write(42);
  EXPECT_EQ(get("/data/.kafka_cleanshutdown"), "{\"version\":0,\"brokerEpoch\":42}");
  EXPECT_EQ(handler.read(), 42);
  handler.remove();
  EXPECT_FALSE(handler.exists());
  put("/data/.kafka_cleanshutdown", "");
  EXPECT_TRUE(handler.exists()) << "older Kafka wrote an empty one";
  EXPECT_EQ(handler.read(), std::nullopt);
}

TEST_F(CheckpointTest, MetaPropertiesOfBothVersions) {
  const BrokerMetadataCheckpoint file(test.files, "/data");
  EXPECT_EQ(file.read(), std::nullopt);
  const MetaProperties zk{0, 5, "cluster", ""}, kraft{1, 6, "cluster", "directory"};
  for (const MetaProperties& properties : {zk, kraft}) {
    file.write(properties);
    EXPECT_EQ(file.read(), properties);
  }
  EXPECT_EQ(get("/data/meta.properties"),
            "cluster.id=cluster\ndirectory.id=directory\nnode.id=6\nversion=1\n");
  put("/data/meta.properties", "version=0\nbroker.id=x\n");
  EXPECT_THROW((void)file.read(), ConfigException);
  put("/data/meta.properties", "version=9\n");
  EXPECT_THROW((void)file.read(), ConfigException);
}

TEST_F(CheckpointTest, PartitionMetadataHoldsTheTopicId) {
  const PartitionMetadataFile file(test.files, "/data");
  EXPECT_EQ(file.read(), std::nullopt);
  const Uuid id = Uuid::from_random(1, 2);
  file.write(id);
  EXPECT_EQ(get("/data/partition.metadata"), "version: 0\ntopic_id: " + id.to_string());
  EXPECT_EQ(file.read(), id);
  for (const char* text : {"", "version: 1\ntopic_id: x", "version: 0", "version: 0\ntopic_id: x",
                           "version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAA"}) {
    put("/data/partition.metadata", text);
    EXPECT_THROW((void)file.read(), KafkaStorageException) << text;
  }
}

TEST(LogFileNamesTest, NamesAndWhatTheyMean) {
  EXPECT_EQ(log_file_path("/d", 42, kLogSuffix), "/d/00000000000000000042.log");
  EXPECT_EQ(offset_of_file_name("00000000000000000042.log", kLogSuffix), 42);
  for (const char* name : {"00000000000000000042.index", "42.log", "0000000000000000004x.log",
                           "00000000000000000042.log.deleted", "99999999999999999999.log"}) {
    EXPECT_EQ(offset_of_file_name(name, kLogSuffix), std::nullopt) << name;
  }
  EXPECT_EQ(parse_topic_partition_name("my-topic-12"), (TopicPartition{"my-topic", 12}));
  for (const char* name : {"topic", "-1", "topic-", "topic-x", "topic-0.abc-delete"}) {
    EXPECT_EQ(parse_topic_partition_name(name), std::nullopt) << name;
  }
  EXPECT_EQ(log_delete_dir_name({std::string(249, 't'), 3}, std::string(32, 'a')).size(), 255u);
}

class LeaderEpochFileCacheTest : public CheckpointTest {
 protected:
  LeaderEpochFileCacheTest() : cache(test.node, "/data") {}
  LeaderEpochFileCache cache;
};

TEST_F(LeaderEpochFileCacheTest, EndOffsetsOfEpochs) {
  EXPECT_EQ(cache.end_offset_for(0, 9), std::nullopt);
  cache.assign(2, 0);
  cache.assign(2, 5);  // the same leader goes on
  cache.assign(4, 11);
  cache.assign(7, 20);
  EXPECT_EQ(get("/data/leader-epoch-checkpoint"), "0\n3\n2 0\n4 11\n7 20\n");
  EXPECT_EQ(cache.end_offset_for(7, 33), (EpochEntry{7, 33}));
  EXPECT_EQ(cache.end_offset_for(4, 33), (EpochEntry{4, 20}));
  EXPECT_EQ(cache.end_offset_for(6, 33), (EpochEntry{4, 20})) << "the largest one below (KIP-279)";
  EXPECT_EQ(cache.end_offset_for(1, 33), (EpochEntry{1, 0})) << "before all that is known";
  EXPECT_EQ(cache.end_offset_for(8, 33), std::nullopt);
  EXPECT_EQ(cache.epoch_for_offset(10), 2);
  EXPECT_EQ(cache.epoch_for_offset(20), 7);
  EXPECT_EQ(cache.previous_epoch(7), 4);
}

TEST_F(LeaderEpochFileCacheTest, ContradictionsReplaceWhatWasThere) {
  cache.assign(1, 0);
  cache.assign(2, 10);
  cache.assign(3, 20);
  cache.assign(4, 10);
  EXPECT_THAT(cache.entries(), ElementsAre(EpochEntry{1, 0}, EpochEntry{4, 10}));
  cache.assign(2, 30);
  EXPECT_THAT(cache.entries(), ElementsAre(EpochEntry{1, 0}, EpochEntry{2, 30}));
  EXPECT_EQ(LeaderEpochFileCache(test.node, "/data").entries(), cache.entries()) << "durable";
}

TEST_F(LeaderEpochFileCacheTest, TruncatesAtBothEnds) {
  cache.assign(1, 0);
  cache.assign(2, 10);
  cache.assign(3, 20);
  cache.truncate_from_start(15);
  EXPECT_THAT(cache.entries(), ElementsAre(EpochEntry{2, 15}, EpochEntry{3, 20}));
  cache.restore_older({{1, 0}, {2, 10}});
  EXPECT_THAT(cache.entries(), ElementsAre(EpochEntry{1, 0}, EpochEntry{2, 10}, EpochEntry{3, 20}));
  cache.truncate_from_end(20);
  EXPECT_EQ(cache.latest_epoch(), 2);
  cache.clear_and_flush();
  EXPECT_EQ(cache.latest_entry(), std::nullopt);
  EXPECT_EQ(get("/data/leader-epoch-checkpoint"), "0\n0\n");
}

}  // namespace
}  // namespace kafkascope
