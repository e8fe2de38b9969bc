// A log directory that fails takes its partitions offline; the others go on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clients/producer/kafka_producer.h"
#include "metadata/metadata_cache.h"
#include "replication/replica_manager.h"
#include "runtime/metrics/metrics_registry.h"
#include "server/kafka_server.h"
#include "simulation/simulation.h"

namespace kafkascope {
namespace {

using namespace std::chrono_literals;
using sim::DiskOperation;

/// Partition 0 of topic "t" is in /data-1, partition 1 in /data-2.
class LogDirFailureTest : public testing::Test {
 protected:
  LogDirFailureTest() {
    s_.add_producer("producer-1", {{"bootstrap.servers", "broker-1:9092"},
                                   {"delivery.timeout.ms", "5000"},
                                   {"request.timeout.ms", "1000"},
                                   {"max.block.ms", "5000"},
                                   {"linger.ms", "0"}});
    EXPECT_EQ(send(0), ErrorCode::kNone);
    EXPECT_EQ(send(1), ErrorCode::kNone);
    EXPECT_EQ(dir_of(0), "/data-1");
    EXPECT_EQ(dir_of(1), "/data-2");
  }

  ErrorCode send(PartitionIndex partition) {
    const auto call =
        s_.start("producer-1", "send", [partition](Simulation&, Process& p) -> std::any {
          return p.producer->send({.topic = "t", .partition = partition, .value = as_bytes("x")})
              .get()
              .code();
        });
    s_.wait(call);
    return std::any_cast<ErrorCode>(s_.result(call));
  }
  void fail(DiskOperation operation, const std::string& path) {
    s_.act("break " + path, [=](Simulation& s) {
      s.runtime().disk("broker-1").add_fault({.operation = operation, .path_prefix = path});
    });
  }
  void restart() {
    s_.act("mend the disk", [](Simulation& s) { s.runtime().disk("broker-1").clear_faults(); });
    s_.stop("broker-1");
    s_.boot("broker-1");
  }

  KafkaServer& server() { return *s_.process("broker-1").server; }
  std::string dir_of(PartitionIndex index) {
    const auto log = server().replica_manager().log_manager().get_log({"t", index});
    return log == nullptr ? "" : log->parent_dir();
  }
  Offset end_of(PartitionIndex index) {
    return server().replica_manager().find_partition({"t", index})->log()->log_end_offset();
  }
  PartitionState state_of(PartitionIndex index) {
    return server().metadata_cache().current()->partitions.at({"t", index});
  }
  double gauge(const MetricName& name) {
    return server().metrics().snapshot().at(name).at("Value");
  }

  Simulation s_{
      {.seed = 5, .broker_config = {{"log.dirs", "/data-1,/data-2"}, {"num.partitions", "2"}}}};
};

TEST_F(LogDirFailureTest, TheOtherDirectoryGoesOn) {
  fail(DiskOperation::kWrite, "/data-1");
  EXPECT_EQ(send(0), ErrorCode::kRequestTimedOut);
  EXPECT_EQ(send(1), ErrorCode::kNone);
  EXPECT_EQ(state_of(0).leader, -1);
  EXPECT_THAT(state_of(0).offline_replicas, testing::ElementsAre(1));
  EXPECT_EQ(state_of(1).leader, 1);
  ReplicaManager& replicas = server().replica_manager();
  EXPECT_EQ(replicas.get_partition_or_error({"t", 0}).code(), ErrorCode::kKafkaStorageError);
  EXPECT_EQ(gauge({"kafka.log", "LogManager", "OfflineLogDirectoryCount", {}}), 1);
  EXPECT_EQ(
      gauge({"kafka.log", "LogManager", "LogDirectoryOffline", {{"logDirectory", "/data-1"}}}), 1);
  EXPECT_EQ(gauge({"kafka.server", "ReplicaManager", "OfflineReplicaCount", {}}), 1);
  EXPECT_EQ(server().failure(), "");

  restart();
  EXPECT_EQ(send(0), ErrorCode::kNone);
  EXPECT_EQ(end_of(0), 2) << "the record of before, and the one of after";
  EXPECT_EQ(end_of(1), 2);
}

TEST_F(LogDirFailureTest, ABrokerWithoutDirectoriesStops) {
  fail(DiskOperation::kWrite, "/data-");
  EXPECT_EQ(send(0), ErrorCode::kRequestTimedOut);
  EXPECT_EQ(send(1), ErrorCode::kRequestTimedOut);
  EXPECT_TRUE(s_.run_until([&] { return s_.process("broker-1").server == nullptr; }, 1min))
      << "the server has stopped by itself";
  restart();
  EXPECT_EQ(send(0), ErrorCode::kNone);
  EXPECT_EQ(send(1), ErrorCode::kNone);
}

TEST_F(LogDirFailureTest, ABrokenDirectoryAtStartIsNotReplacedByAnEmptyLog) {
  s_.stop("broker-1");
  fail(DiskOperation::kOpen, "/data-1");
  s_.boot("broker-1");
  EXPECT_EQ(dir_of(0), "");
  EXPECT_EQ(state_of(0).leader, -1);
  EXPECT_EQ(send(1), ErrorCode::kNone);
  EXPECT_EQ(send(0), ErrorCode::kRequestTimedOut);
  // What is new goes where it can, and is known after the next start from either directory.
  const auto call = s_.start("producer-1", "send", [](Simulation&, Process& p) -> std::any {
    return p.producer->send({.topic = "new", .value = as_bytes("x")}).get().code();
  });
  s_.wait(call);
  EXPECT_EQ(std::any_cast<ErrorCode>(s_.result(call)), ErrorCode::kNone);

  restart();
  EXPECT_EQ(dir_of(0), "/data-1");
  EXPECT_EQ(end_of(0), 1);
  EXPECT_EQ(end_of(1), 2);
  EXPECT_TRUE(server().metadata_cache().current()->topics.contains("new"));
}

}  // namespace
}  // namespace kafkascope
