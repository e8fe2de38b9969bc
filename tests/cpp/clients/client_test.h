// What the tests of whole clients share: a real run on the loopback, a scripted cluster, and
// configurations.
#pragma once

#include <gtest/gtest.h>

#include "clients/consumer/kafka_consumer.h"
#include "clients/fake_broker.h"
#include "clients/producer/kafka_producer.h"
#include "runtime/real/real_runtime.h"

namespace kafkascope {

/// Closes what a failed assertion left open.
struct CloseAndDelete {
  template <typename Client>
  void operator()(Client* client) const {
    client->close(Duration::zero());
    delete client;
  }
};

class ClientTest : public testing::Test {
 protected:
  ~ClientTest() override {
    if (cluster) cluster->shutdown();
  }
  /// Not started before the first client is made: until then a test may set it up without its lock.
  FakeCluster& start_cluster(FakeCluster::Options options = {}) {
    cluster = std::make_unique<FakeCluster>(*server_node, std::move(options));
    return *cluster;
  }
  ConfigMap config(ConfigMap more = {}) {
    if (cluster && !cluster->is_running()) cluster->start();
    more.try_emplace("bootstrap.servers", cluster ? cluster->bootstrap_servers() : "127.0.0.1:1");
    return more;
  }
  using ProducerPtr = std::unique_ptr<KafkaProducer, CloseAndDelete>;
  using ConsumerPtr = std::unique_ptr<KafkaConsumer, CloseAndDelete>;
  ProducerPtr producer(ConfigMap more = {}) {
    return ProducerPtr(
        new KafkaProducer(*client_node, ProducerConfig::parse(config(std::move(more)))));
  }
  ConsumerPtr consumer(ConfigMap more = {}) {
    more.try_emplace("auto.offset.reset", "earliest");
    return ConsumerPtr(
        new KafkaConsumer(*client_node, ConsumerConfig::parse(config(std::move(more)))));
  }
  Instant in(Duration duration) { return client_node->clock().monotonic() + duration; }
  static ProducerRecord record(std::string_view topic, std::string_view value) {
    ProducerRecord record;
    record.topic = topic;
    record.value = as_bytes(value);
    return record;
  }
  /// Polls until `count` values have come, at most ten seconds.
  std::vector<std::string> read(KafkaConsumer& consumer, size_t count) {
    std::vector<std::string> values;
    const Instant deadline = in(std::chrono::seconds(10));
    while (values.size() < count && client_node->clock().monotonic() < deadline) {
      for (const PartitionRecords& part : consumer.poll(deadline).partitions) {
        for (const ConsumerRecord& record : part.records)
          values.push_back(to_string(*record.value));
      }
    }
    return values;
  }

  real::RealRuntime runtime;
  std::unique_ptr<Node> server_node = runtime.make_node("server");
  std::unique_ptr<Node> client_node = runtime.make_node("client");
  std::unique_ptr<FakeCluster> cluster;
};

}  // namespace kafkascope
