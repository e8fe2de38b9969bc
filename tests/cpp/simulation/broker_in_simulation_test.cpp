// The broker and the clients of a real run, in virtual time.
#include <gtest/gtest.h>

#include "clients/consumer/kafka_consumer.h"
#include "clients/producer/kafka_producer.h"
#include "runtime/sim/sim_runtime.h"
#include "server/kafka_server.h"

namespace kafkascope {
namespace {

using namespace sim;  // NOLINT: the test is about the simulation

class Cluster {
 public:
  explicit Cluster(uint64_t seed, Policy policy = Policy::kRoundRobin) : runtime_({seed, policy}) {
    boot();
  }
  ~Cluster() { runtime_.crash("broker-1"); }

  void boot() {
    Node& node = runtime_.add_node("broker-1");
    bool started = false;
    runtime_.scheduler().spawn(node, "main", [&node, &started] {
      KafkaServer server(node, KafkaConfig::parse({{"broker.id", "1"},
                                                   {"listeners", "PLAINTEXT://broker-1:9092"},
                                                   {"log.dirs", "/data"},
                                                   {"num.network.threads", "1"},
                                                   {"num.io.threads", "2"},
                                                   {"log.flush.interval.messages", "1"},
                                                   {"log.index.size.max.bytes", "4096"}}));
      server.start();
      started = true;
      WaitQueue never{.kind = "condition", .name = "running"};
      node.scheduler()->wait(never, kForever);
    });
    EXPECT_TRUE(runtime_.scheduler().run_until([&] { return started; }, std::chrono::minutes(1)));
  }

  void produce(int first, int count) {
    Node& node = client();
    runtime_.call(node, [&] {
      KafkaProducer producer(node, ProducerConfig::parse({{"bootstrap.servers", "broker-1:9092"}}));
      for (int i = first; i < first + count; ++i) {
        producer.send({.topic = "t", .value = as_bytes(std::to_string(i))});
      }
      EXPECT_TRUE(producer.flush());
      producer.close();
    });
  }

  std::vector<int> consume(size_t count) {
    Node& node = client();
    std::vector<int> values;
    runtime_.call(node, [&] {
      KafkaConsumer consumer(node, ConsumerConfig::parse({{"bootstrap.servers", "broker-1:9092"},
                                                          {"auto.offset.reset", "earliest"}}));
      consumer.assign({{"t", 0}});
      while (values.size() < count) {
        const ConsumerRecords records =
            consumer.poll(node.clock().monotonic() + std::chrono::seconds(5));
        if (records.empty()) break;
        for (const auto& part : records.partitions) {
          for (const auto& record : part.records)
            values.push_back(std::stoi(to_string(*record.value)));
        }
      }
      consumer.close();
    });
    return values;
  }

  Node& client() { return runtime_.add_node("client-" + std::to_string(++clients_)); }
  SimRuntime& runtime() { return runtime_; }

 private:
  SimRuntime runtime_;
  int clients_ = 0;
};

std::vector<int> up_to(int count) {
  std::vector<int> values(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) values[static_cast<size_t>(i)] = i;
  return values;
}

TEST(BrokerInSimulationTest, ProducesAndConsumes) {
  Cluster cluster(1);
  cluster.produce(0, 100);
  EXPECT_EQ(cluster.consume(100), up_to(100));
}

TEST(BrokerInSimulationTest, SyncedRecordsSurviveACrash) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    Cluster cluster(seed, Policy::kRandom);
    cluster.produce(0, 20);
    cluster.runtime().crash("broker-1");
    cluster.boot();
    EXPECT_EQ(cluster.consume(20), up_to(20));
  }
}

uint64_t digest_of(uint64_t seed, Policy policy) {
  Cluster cluster(seed, policy);
  cluster.runtime().network().faults.partial_chance = 0.3;
  cluster.produce(0, 30);
  EXPECT_EQ(cluster.consume(30), up_to(30));
  EXPECT_GT(cluster.runtime().trace().count(), 50u);
  return cluster.runtime().trace().digest();
}

TEST(BrokerInSimulationTest, OneSeedOneTrace) {
  for (Policy policy : {Policy::kRoundRobin, Policy::kRandom, Policy::kPriorities}) {
    std::set<uint64_t> different;
    for (uint64_t seed = 1; seed <= 10; ++seed) {
      const uint64_t digest = digest_of(seed, policy);
      EXPECT_EQ(digest, digest_of(seed, policy)) << seed;
      different.insert(digest);
    }
    EXPECT_EQ(different.size(), 10u);
  }
}

}  // namespace
}  // namespace kafkascope
