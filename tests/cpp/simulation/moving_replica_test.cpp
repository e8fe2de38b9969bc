// A log moves to another directory while producers write, and whenever the broker crashes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clients/producer/kafka_producer.h"
#include "log/cleaner/log_cleaner.h"
#include "record/memory_records.h"
#include "replication/replica_manager.h"
#include "server/kafka_server.h"
#include "simulation/simulation.h"

namespace kafkascope {
namespace {

using namespace std::chrono_literals;

const TopicPartition kPartition{"t", 0};

class MovingReplicaTest : public testing::Test {
 protected:
  void make(uint64_t seed) {
    s_ = std::make_unique<Simulation>(
        SimulationOptions{.seed = seed,
                          .broker_config = {{"log.dirs", "/data-1,/data-2"},
                                            {"num.partitions", "1"},
                                            {"log.flush.interval.messages", "1"},
                                            {"log.segment.bytes", "2000"},
                                            {"log.segment.delete.delay.ms", "1000"}}});
    s_->add_producer("producer-1", {{"bootstrap.servers", "broker-1:9092"}, {"linger.ms", "0"}});
    sent_ = 0;
  }

  void send(int count) {
    for (int i = 0; i < count; ++i) {
      const std::string value = std::to_string(sent_) + std::string(100, 'x');
      const auto call =
          s_->start("producer-1", "send", [value](Simulation&, Process& p) -> std::any {
            return p.producer->send({.topic = "t", .partition = 0, .value = as_bytes(value)})
                .get()
                .code();
          });
      s_->wait(call);
      ASSERT_EQ(std::any_cast<ErrorCode>(s_->result(call)), ErrorCode::kNone);
      ++sent_;
    }
  }
  ErrorCode move(const std::string& dir) {
    const auto call = s_->start("broker-1", "move", [dir](Simulation&, Process& p) -> std::any {
      try {
        p.server->replica_manager().alter_replica_log_dir(kPartition, dir);
      } catch (const KafkaException& e) {
        return e.code();
      }
      return ErrorCode::kNone;
    });
    s_->wait(call);
    return std::any_cast<ErrorCode>(s_->result(call));
  }
  LogManager& logs() { return s_->process("broker-1").server->replica_manager().log_manager(); }
  std::string dir() {
    const auto log = logs().get_log(kPartition);
    return log == nullptr ? "" : log->parent_dir();
  }
  bool await_move(const std::string& to) {
    return s_->run_until([&] { return s_->is_running("broker-1") && dir() == to; }, 20s);
  }
  void expect_all() {
    const auto call = s_->start("broker-1", "read", [](Simulation&, Process& p) -> std::any {
      const auto log = p.server->replica_manager().log_manager().get_log(kPartition);
      std::vector<std::string> found;
      for (Offset at = log->log_start_offset(); at < log->log_end_offset();) {
        const SharedSlice bytes =
            log->read(at, 1 << 20, FetchIsolation::kLogEnd, true).value().records.to_slice();
        for (const RecordBatch& batch : MemoryRecords(bytes)) at = batch.next_offset();
        MemoryRecords(bytes).for_each_record([&](const RecordBatch&, const RecordView& record) {
          found.emplace_back(to_string(*record.value));
        });
      }
      return found;
    });
    s_->wait(call);
    const auto found = std::any_cast<std::vector<std::string>>(s_->result(call));
    ASSERT_EQ(found.size(), static_cast<size_t>(sent_));
    for (int i = 0; i < sent_; ++i) EXPECT_TRUE(found[i].starts_with(std::to_string(i) + "x"));
  }

  std::unique_ptr<Simulation> s_;
  int sent_ = 0;
};

TEST_F(MovingReplicaTest, WhileProducersWrite) {
  make(3);
  send(30);
  ASSERT_EQ(dir(), "/data-1");
  EXPECT_EQ(move("/data-1"), ErrorCode::kNone) << "it is there";
  EXPECT_EQ(move("/nowhere"), ErrorCode::kLogDirNotFound);
  EXPECT_EQ(move("/data-2"), ErrorCode::kNone);
  send(30);
  ASSERT_TRUE(await_move("/data-2"));
  send(5);
  expect_all();
  s_->run_for(5s);
  for (const std::string& path : s_->runtime().disk("broker-1").paths())
    EXPECT_FALSE(path.starts_with("/data-1/t-0")) << path;
  s_->stop("broker-1");
  s_->boot("broker-1");
  EXPECT_EQ(dir(), "/data-2");
  send(5);
  expect_all();
}

TEST_F(MovingReplicaTest, ThroughACrashBeforeAnyChangeOfTheDisk) {
  int crashes = 0;
  for (int changes = 0; changes < 70; ++changes) {
    SCOPED_TRACE("crash before change " + std::to_string(changes));
    make(static_cast<uint64_t>(changes) + 1);
    send(12);
    s_->arm_crash("broker-1", changes);
    if (s_->is_running("broker-1")) {
      s_->start("broker-1", "move", [](Simulation&, Process& p) -> std::any {
        p.server->replica_manager().alter_replica_log_dir(kPartition, "/data-2");
        return {};
      });
    }
    s_->run_until([&] { return s_->crash_is_due("broker-1"); }, 3s);
    crashes += s_->crash_is_due("broker-1");
    s_->crash("broker-1");
    s_->boot("broker-1");
    expect_all();
    if (dir() != "/data-2") {
      ASSERT_EQ(move("/data-2"), ErrorCode::kNone);
    }
    ASSERT_TRUE(await_move("/data-2"));
    send(3);
    expect_all();
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(crashes, 40) << "most come while it moves";
}

TEST_F(MovingReplicaTest, AMoveIsGivenUpForAnotherOrForADeletion) {
  make(9);
  send(20);
  EXPECT_EQ(move("/data-2"), ErrorCode::kNone);
  EXPECT_EQ(move("/data-1"), ErrorCode::kNone);
  s_->run_for(2s);
  EXPECT_EQ(dir(), "/data-1");
  EXPECT_TRUE(logs().future_logs().empty());
  EXPECT_EQ(logs().cleaner()->manager().state_of(kPartition), "")
      << "the cleaner may have it again";
  expect_all();
}

TEST_F(MovingReplicaTest, ADirectoryThatFailsEndsTheMoveToIt) {
  make(10);
  send(20);
  EXPECT_EQ(move("/data-2"), ErrorCode::kNone);
  s_->act("break /data-2", [](Simulation& s) {
    s.runtime()
        .disk("broker-1")
        .add_fault({.operation = sim::DiskOperation::kWrite, .path_prefix = "/data-2"});
  });
  ASSERT_TRUE(s_->run_until([&] { return logs().future_logs().empty(); }, 10s));
  EXPECT_EQ(dir(), "/data-1");
  EXPECT_EQ(logs().cleaner()->manager().state_of(kPartition), "");
  send(5);
  expect_all();
}

}  // namespace
}  // namespace kafkascope
