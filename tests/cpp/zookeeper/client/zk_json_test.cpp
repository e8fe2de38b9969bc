// Kafka's znodes byte for byte: tests/data/zookeeper/znodes.txt has what Kafka 3.9.1 wrote.
#include "zookeeper/client/zk_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "common/errors.h"

namespace kafkascope::zk_json {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

/// The examples of one path.
std::vector<std::string> kafka_wrote(const std::string& path) {
  std::ifstream file(KS_TEST_DATA "/zookeeper/znodes.txt");
  std::vector<std::string> values;
  for (std::string line; std::getline(file, line);) {
    const size_t tab = line.find('\t');
    if (line.substr(0, tab) == path) values.push_back(line.substr(tab + 1));
  }
  EXPECT_FALSE(values.empty()) << "no example of " << path;
  return values;
}

zk::Data data(const std::string& text) { return zk::to_data(text); }

/// What is read from each example is written as the same bytes.
template <typename Rewrite>
void expect_round_trips(const std::string& path, Rewrite rewrite) {
  for (const std::string& value : kafka_wrote(path)) EXPECT_EQ(rewrite(data(value)), value);
}

TEST(ZkJsonTest, WhatKafkaWroteIsWrittenAgain) {
  expect_round_trips("/brokers/ids/1", [](const zk::Data& text) {
    return write_broker(read_broker(1, text), 1795207710587);
  });
  expect_round_trips("/controller", [](const zk::Data& text) {
    return write_controller(read_controller(text), 1795207710833);
  });
  expect_round_trips("/controller_epoch", [](const zk::Data& text) {
    return std::to_string(read_controller_epoch(text));
  });
  expect_round_trips("/brokers/topics/t",
                     [](const zk::Data& text) { return write_topic(read_topic("t", text)); });
  expect_round_trips("/brokers/topics/t/partitions/0/state", [](const zk::Data& text) {
    const auto state = read_partition_state(text, 5);
    EXPECT_EQ(state.leader_and_isr.partition_epoch, 5);
    return write_partition_state(state.leader_and_isr, state.controller_epoch);
  });
  expect_round_trips("/admin/preferred_replica_election",
                     [](const zk::Data& text) { return write_partitions(read_partitions(text)); });
  expect_round_trips("/isr_change_notification/isr_change_0",
                     [](const zk::Data& text) { return write_partitions(read_partitions(text)); });
  expect_round_trips("/admin/reassign_partitions", [](const zk::Data& text) {
    return write_reassignment(read_reassignment(text));
  });
  expect_round_trips("/log_dir_event_notification/log_dir_event_0", [](const zk::Data& text) {
    return write_log_dir_event(read_log_dir_event(text));
  });
  expect_round_trips("/config/changes/config_change_0", [](const zk::Data& text) {
    return write_config_change(read_config_change(text));
  });
  expect_round_trips("/cluster/id",
                     [](const zk::Data& text) { return write_cluster_id(read_cluster_id(text)); });
  expect_round_trips("/latest_producer_id_block", [](const zk::Data& text) {
    return write_producer_id_block(read_producer_id_block(text));
  });
}

// A Java map has no order that another program could know: keys are sorted here.
TEST(ZkJsonTest, ConfigurationsKeepTheirValues) {
  for (const std::string& value : kafka_wrote("/config/topics/t")) {
    const ConfigMap configs = read_configs(data(value));
    EXPECT_EQ(read_configs(data(write_configs(configs))), configs);
    EXPECT_EQ(write_configs(configs).size(), value.size());
  }
  EXPECT_EQ(write_configs({{"b", "1"}, {"a", "2"}}), R"({"version":1,"config":{"a":"2","b":"1"}})");
  EXPECT_THAT(read_configs(std::nullopt), testing::IsEmpty());
  EXPECT_THAT(read_configs(data("")), testing::IsEmpty());
}

TEST(ZkJsonTest, ABrokerOfEachVersionIsRead) {
  const Broker oldest = read_broker(
      1, data(R"({"version":1,"host":"h","port":9092,"jmx_port":9999,"timestamp":"2"})"));
  EXPECT_THAT(oldest.listeners, ElementsAre(BrokerListener{"PLAINTEXT", "PLAINTEXT", {"h", 9092}}));
  const Broker second =
      read_broker(1, data(R"({"version":2,"host":"h","port":9092,"jmx_port":-1,"timestamp":"2",)"
                          R"("endpoints":["PLAINTEXT://h:9092","SSL://[::1]:9093"],"rack":null})"));
  EXPECT_EQ(second.rack, std::nullopt);
  EXPECT_EQ(second.listeners.at(1), (BrokerListener{"SSL", "SSL", {"::1", 9093}}));
  EXPECT_THAT(write_broker(second, 1), HasSubstr("SSL://[::1]:9093"));
  Broker no_plaintext = second;
  no_plaintext.listeners.erase(no_plaintext.listeners.begin());
  EXPECT_THAT(write_broker(no_plaintext, 1), HasSubstr(R"("port":-1,"host":null)"));
}

TEST(ZkJsonTest, ATopicOfEachVersionIsRead) {
  const TopicAssignment oldest =
      read_topic("t", data(R"({"version":1,"partitions":{"10":[1,2]}})"));
  EXPECT_EQ(oldest.topic_id, std::nullopt);
  EXPECT_THAT(oldest.partitions, ElementsAre(Pair(10, ReplicaAssignment{{1, 2}, {}, {}})));
  EXPECT_EQ(
      write_topic(oldest),
      R"({"partitions":{"10":[1,2]},"adding_replicas":{},"removing_replicas":{},"version":3})");
  EXPECT_EQ(
      read_config_change(data(R"({"version":1,"entity_type":"topics","entity_name":"orders"})")),
      "topics/orders");
}

TEST(ZkJsonTest, AnythingElseIsAnErrorThatShowsIt) {
  const auto message = [](const auto& read) -> std::string {
    try {
      read();
    } catch (const SerializationException& wrong) {
      return wrong.what();
    }
    return "read";
  };
  EXPECT_THAT(message([] { read_topic("t", data("{\"partitions\":")); }),
              HasSubstr("{\"partitions\":"));
  EXPECT_THAT(message([] { read_topic("t", data(R"({"partitions":{"x":[1]}})")); }),
              HasSubstr("\"x\" is no number"));
  EXPECT_THAT(message([] { read_controller(std::nullopt); }), HasSubstr("controller"));
  EXPECT_THAT(message([] { read_controller_epoch(data("12x")); }), HasSubstr("12x"));
  EXPECT_THAT(message([] { read_broker(1, data(R"({"version":5,"endpoints":["h:1"]})")); }),
              HasSubstr("expected NAME://host:port"));
  EXPECT_THAT(message([] { read_partition_state(data("[]"), 0); }), HasSubstr("partition state"));
}

}  // namespace
}  // namespace kafkascope::zk_json
