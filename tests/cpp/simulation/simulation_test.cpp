// A simulation as its user drives it: asked from outside, stepped, crashed, rewound, forked.
#include "simulation/simulation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clients/admin/kafka_admin_client.h"
#include "clients/consumer/kafka_consumer.h"
#include "clients/producer/kafka_producer.h"
#include "runtime/metrics/metrics_registry.h"
#include "server/kafka_server.h"

namespace kafkascope {
namespace {

using namespace std::chrono_literals;

void add_clients(Simulation& s) {
  s.add_producer("producer-1", {{"bootstrap.servers", "broker-1:9092"}});
  s.add_consumer("consumer-1",
                 {{"bootstrap.servers", "broker-1:9092"}, {"auto.offset.reset", "earliest"}});
}

Simulation::CallId send(Simulation& s, const std::string& value) {
  return s.start("producer-1", "send", [value](Simulation&, Process& p) -> std::any {
    return p.producer->send({.topic = "t", .value = as_bytes(value)});
  });
}

/// The offset that a record got.
Offset offset_of(Simulation& s, Simulation::CallId sent) {
  s.wait(sent);
  const auto got = s.start("producer-1", "get", [sent](Simulation& now, Process&) -> std::any {
    return std::any_cast<FutureRecordMetadata>(now.result(sent)).get().value().offset;
  });
  s.wait(got);
  return std::any_cast<Offset>(s.result(got));
}

std::vector<std::string> poll_all(Simulation& s) {
  const auto polled = s.start("consumer-1", "poll", [](Simulation&, Process& p) -> std::any {
    p.consumer->assign({{"t", 0}});
    std::vector<std::string> values;
    for (;;) {
      const ConsumerRecords records = p.consumer->poll(p.node->clock().monotonic() + 2s);
      if (records.empty()) return values;
      for (const auto& part : records.partitions)
        for (const auto& record : part.records) values.push_back(to_string(*record.value));
    }
  });
  s.wait(polled);
  return std::any_cast<std::vector<std::string>>(s.result(polled));
}

TEST(SimulationTest, SendsAndPolls) {
  Simulation s({.seed = 7});
  add_clients(s);
  const auto first = send(s, "a");
  const auto second = send(s, "b");
  EXPECT_EQ(offset_of(s, first), 0);
  EXPECT_EQ(offset_of(s, second), 1);
  EXPECT_THAT(poll_all(s), testing::ElementsAre("a", "b"));
}

TEST(SimulationTest, AReplayIsTheSameRun) {
  Simulation s({.seed = 7, .policy = sim::Policy::kRandom});
  add_clients(s);
  offset_of(s, send(s, "a"));
  s.run_for(3s);
  s.crash("broker-1");
  s.run_for(100ms);
  s.boot("broker-1");
  offset_of(s, send(s, "b"));
  const auto fork = s.replay([](const Simulation&) { return false; });
  EXPECT_EQ(fork->runtime().trace().count(), s.runtime().trace().count());
  EXPECT_EQ(fork->runtime().trace().digest(), s.runtime().trace().digest());
  EXPECT_EQ(fork->position().ticks, s.position().ticks);
  EXPECT_EQ(fork->position().time, s.position().time);
  // From here on they go their own ways.
  offset_of(*fork, send(*fork, "only here"));
  EXPECT_EQ(poll_all(*fork).back(), "only here");
  EXPECT_EQ(poll_all(s).back(), "b");
}

TEST(SimulationTest, RewindsToAnEvent) {
  Simulation s({.seed = 3});
  add_clients(s);
  const auto sent = send(s, "a");
  const EventId appended = s.run_until_event("RecordsAppended", {}, 1min);
  ASSERT_NE(appended, kNoEvent);
  offset_of(s, sent);
  offset_of(s, send(s, "b"));
  const auto earlier =
      s.replay([&](const Simulation& past) { return past.runtime().trace().count() >= appended; });
  EXPECT_EQ(std::string(earlier->runtime().trace().event(appended).kind), "RecordsAppended");
  EXPECT_LT(earlier->position().ticks, s.position().ticks);
  EXPECT_FALSE(earlier->replaying());
  offset_of(*earlier, send(*earlier, "c"));
  EXPECT_THAT(poll_all(*earlier), testing::ElementsAre("a", "c"));
}

TEST(SimulationTest, ACallIsSteppedThrough) {
  Simulation s({.seed = 3});
  add_clients(s);
  const auto sent = send(s, "a");
  EXPECT_FALSE(s.done(sent));
  EXPECT_THROW(s.result(sent), KafkaException);
  std::set<std::string> nodes;
  while (!s.done(sent)) nodes.insert(s.step().node);
  EXPECT_THAT(nodes, testing::ElementsAre("broker-1", "producer-1"));
}

TEST(SimulationTest, AStoppedBrokerHasLostNothing) {
  Simulation s({.seed = 3});
  add_clients(s);
  offset_of(s, send(s, "a"));
  s.stop("broker-1");
  EXPECT_FALSE(s.is_running("broker-1"));
  s.boot("broker-1");
  EXPECT_THAT(poll_all(s), testing::ElementsAre("a"));
}

TEST(SimulationTest, ABrokersThreadsComeAndGoInVirtualTime) {
  Simulation s({.seed = 9, .policy = sim::Policy::kRandom});
  add_clients(s);
  s.add_admin("admin", {{"bootstrap.servers", "broker-1:9092"}});
  for (const char* threads : {"4", "8", "4", "2", "1"}) {
    const auto call = s.start("admin", "alter", [threads](Simulation&, Process& p) -> std::any {
      const ConfigResource broker{ConfigResourceType::kBroker, "1"};
      return p.admin
          ->incremental_alter_configs(
              {{broker,
                {{"num.io.threads", AlterConfigOpType::kSet, threads},
                 {"num.network.threads", AlterConfigOpType::kSet, threads[0] == '4' ? "2" : "1"}}}})
          .at(broker)
          .code();
    });
    s.wait(call);
    EXPECT_EQ(std::any_cast<ErrorCode>(s.result(call)), ErrorCode::kNone) << threads;
    EXPECT_GE(offset_of(s, send(s, "a")), 0);
  }
  s.stop("broker-1");
}

TEST(SimulationTest, ABrokerWithLittleMemoryForRequestsAnswersEveryone) {
  Simulation s({.seed = 4,
                .broker_config = {{"socket.request.max.bytes", "100000"},
                                  {"queued.max.request.bytes", "100000"}}});
  const auto send_large = [](Simulation&, Process& p) -> std::any {
    return p.producer->send({.topic = "t", .value = ByteBuffer(60'000, 7)}).get().code();
  };
  std::vector<Simulation::CallId> calls;
  for (int i = 0; i < 8; ++i) {
    const std::string name = "producer-" + std::to_string(i);
    s.add_producer(name, {{"bootstrap.servers", "broker-1:9092"}});
    for (int j = 0; j < 3; ++j) calls.push_back(s.start(name, "send", send_large));
  }
  for (const auto call : calls) {
    s.wait(call);
    EXPECT_EQ(std::any_cast<ErrorCode>(s.result(call)), ErrorCode::kNone);
  }
  const MetricName used{"kafka.network", "SocketServer", "MemoryPoolUsed", {}};
  s.run_for(1s);
  EXPECT_EQ(s.process("broker-1").server->metrics().snapshot().at(used).at("Value"), 0);
}

TEST(SimulationTest, ABrokersMetricsAreKafkas) {
  Simulation s({.seed = 2});
  add_clients(s);
  offset_of(s, send(s, "a"));
  s.run_for(60s);
  const auto metrics = s.process("broker-1").server->metrics().snapshot();
  const MetricName idle{
      "kafka.server", "KafkaRequestHandlerPool", "RequestHandlerAvgIdlePercent", {}};
  EXPECT_GT(metrics.at(idle).at("OneMinuteRate"), 0.9) << "a share of the time, of all threads";
  EXPECT_LE(metrics.at(idle).at("OneMinuteRate"), 1.01);
  const MetricName requests{"kafka.network",
                            "RequestMetrics",
                            "RequestsPerSec",
                            {{"request", "Produce"}, {"version", "11"}}};
  EXPECT_EQ(metrics.at(requests).at("Count"), 1);
}

TEST(SimulationTest, SaysWhatIsWrong) {
  Simulation s({});
  add_clients(s);
  EXPECT_THROW(s.add_producer("producer-1", {}), KafkaException);
  EXPECT_THROW(s.boot("producer-1"), KafkaException);
  EXPECT_THROW(s.process("nobody"), KafkaException);
  s.crash("producer-1");
  EXPECT_THROW(send(s, "a"), KafkaException);
  s.add_producer("producer-1", {{"bootstrap.servers", "broker-1:9092"}});
  EXPECT_EQ(offset_of(s, send(s, "a")), 0);
}

}  // namespace
}  // namespace kafkascope
