// Brokers in virtual time that consist of a controller and of a script that answers it, on our own
// ZooKeeper.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "clients/fake_broker.h"
#include "controller/kafka_controller.h"
#include "protocol/messages/stop_replica_response.h"
#include "protocol/messages/update_metadata_response.h"
#include "zookeeper/server/sim_server.h"

namespace kafkascope::test {

inline const TopicPartition kT0{"t", 0};
inline const TopicPartition kT1{"t", 1};

/// What a broker was told, and how it answers. It refuses controllers of an older epoch, as brokers
/// do.
struct BrokerScript {
  using State = protocol::LeaderAndIsrRequest::LeaderAndIsrPartitionState;

  int32_t controller_epoch = 0;
  std::set<int32_t> stale_epochs;                             // that were refused
  std::map<TopicPartition, State> replicas;                   // LeaderAndIsr
  std::map<TopicPartition, BrokerId> leaders;                 // UpdateMetadata
  std::set<BrokerId> live_brokers;                            // UpdateMetadata
  std::set<TopicPartition> deleted;                           // StopReplica
  std::map<TopicPartition, ErrorCode> leader_and_isr_errors;  // to be answered
  std::map<TopicPartition, ErrorCode> delete_errors;          // to be answered
  int requests = 0;

  void attach(FakeCluster& broker);

 private:
  bool is_stale(int32_t epoch);
  protocol::LeaderAndIsrResponse answer(const protocol::LeaderAndIsrRequest& request,
                                        int16_t version);
  protocol::StopReplicaResponse answer(const protocol::StopReplicaRequest& request,
                                       int16_t version);
  protocol::UpdateMetadataResponse answer(const protocol::UpdateMetadataRequest& request,
                                          int16_t version);
};

/// Completes a test's configuration.
ControllerConfig with_id(ControllerConfig config, BrokerId id);

/// One broker's life, on the stack of its node's main fiber.
struct SimBroker {
  SimBroker(Node& node, ControllerConfig config, const Endpoint& zookeeper = {"zk", 2181},
            const std::string& host = "", uint16_t port = 9092);

  void start();
  void stop();

  Node& node_;
  BrokerScript script;
  MetricsRegistry metrics;
  FakeCluster server;
  ZooKeeperClient zookeeper;
  KafkaZkClient kafka;
  BrokerEpoch epoch = kNoBrokerEpoch;
  KafkaController controller;

 private:
  void register_broker() { epoch = kafka.register_broker(broker_); }
  const Broker broker_;
};

/// Each test says what happens.
class SimulatedControllersTest : public testing::Test {
 protected:
  void SetUp() override { start_zookeeper(1); }
  void TearDown() override;

  /// Afresh, with another seed.
  void start_zookeeper(uint64_t seed);
  void start_brokers(int count) {
    for (BrokerId id = 1; id <= count; ++id) start_broker(id);
  }
  void start_broker(BrokerId id);
  void crash_broker(BrokerId id);
  SimBroker& broker(BrokerId id) { return *brokers_.at(id); }
  /// Runs on the broker's node.
  void on(BrokerId id, const std::function<void(SimBroker&)>& fn);

  /// Three brokers, the first of them the controller, and topic t: its first partition on 1, 2 and
  /// 3, its second on 2, 3 and 1.
  void start_cluster();
  bool all_online(const std::set<TopicPartition>& partitions);
  /// Nothing waits to be processed or sent.
  bool is_idle(BrokerId id);
  BrokerId leader(const TopicPartition& tp) { return context().leader_of(tp); }
  std::vector<BrokerId> isr(const TopicPartition& tp) {
    return context().partition_leadership_info(tp)->leader_and_isr.isr;
  }
  double gauge(BrokerId id, const char* name);

  /// -1: nobody.
  BrokerId active();
  KafkaController& controller() { return broker(active()).controller; }
  const ControllerContext context() { return controller().describe().context; }
  /// By another node, as a tool would.
  void create_topic(const std::string& topic, std::vector<std::vector<BrokerId>> replicas);
  void zk(const std::function<void(KafkaZkClient&)>& fn);
  std::optional<LeaderAndIsr> state(const TopicPartition& tp);
  [[nodiscard]] bool await(const std::function<bool()>& done,
                           Duration limit = std::chrono::minutes(1)) {
    return sim().scheduler().run_until(done, limit);
  }
  /// Calls the active controller, waits for its answer.
  template <typename Answer, typename Call>
  Answer ask(Call call) {
    std::optional<Answer> answer;
    on(active(), [&](SimBroker& broker) {
      call(broker.controller, [&](Answer given) { answer.emplace(std::move(given)); });
    });
    EXPECT_TRUE(await([&] { return answer.has_value(); }));
    return std::move(*answer);
  }
  /// Of the request, or of its only partition.
  ErrorCode code(const protocol::AlterPartitionResponse& response);
  protocol::AlterPartitionResponse alter_isr(const TopicPartition& tp, std::vector<BrokerId> isr);
  sim::SimRuntime& sim() { return zookeeper_->sim; }
  zk::SimServer& zookeeper() { return *zookeeper_; }
  size_t traced(const std::string& kind, const TraceFields& fields = {});

  ControllerConfig config;  // of brokers that start from now on

 private:
  std::unique_ptr<zk::SimServer> zookeeper_;
  std::map<BrokerId, SimBroker*> brokers_;
  std::map<BrokerId, std::shared_ptr<const sim::StartedCall>> mains_;
  bool leaving_ = false;
  WaitQueue running_{.kind = "condition", .name = "running"};
  int tools_ = 0;
  int topics_ = 0;
};

}  // namespace kafkascope::test
