// What an UpdateMetadata request makes of a broker's picture of the cluster.
#include "metadata/update_metadata.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "metadata/leader_and_isr.h"

namespace kafkascope {
namespace {

using protocol::UpdateMetadataRequest;
using testing::ElementsAre;
using testing::IsEmpty;

const Uuid kId = Uuid::from_random(1, 2);

UpdateMetadataRequest::UpdateMetadataPartitionState state(PartitionIndex index, BrokerId leader) {
  UpdateMetadataRequest::UpdateMetadataPartitionState state{.partition_index = index};
  state.controller_epoch = 4;
  state.leader = leader;
  state.leader_epoch = 7;
  state.isr = {leader};
  state.zk_version = 3;
  state.replicas = {1, 2};
  state.offline_replicas = {2};
  return state;
}

UpdateMetadataRequest request_with(BrokerId leader) {
  UpdateMetadataRequest request{.controller_id = 2, .controller_epoch = 5};
  request.topic_states.push_back({"t", kId, {state(0, leader), state(1, leader)}});
  UpdateMetadataRequest::UpdateMetadataBroker broker{.id = 1, .rack = "a"};
  broker.endpoints = {{9092, "one", "CLIENTS", 0}, {9093, "one.internal", "BROKERS", 1}};
  request.live_brokers.push_back(broker);
  return request;
}

TEST(UpdateMetadataTest, BrokersHaveTheirListeners) {
  ClusterMetadata metadata;
  metadata.brokers[9] = {.id = 9};
  apply_update_metadata(metadata, request_with(1));
  EXPECT_EQ(metadata.controller_id, 2);
  EXPECT_EQ(metadata.controller_epoch, 5);
  ASSERT_EQ(metadata.brokers.size(), 1u) << "those that are not named are gone";
  const BrokerEndpoint& broker = metadata.brokers.at(1);
  EXPECT_EQ(broker.host, "one");
  EXPECT_EQ(broker.port, 9092);
  EXPECT_EQ(broker.rack, "a");
  ASSERT_NE(broker.find_listener("BROKERS"), nullptr);
  EXPECT_EQ(broker.find_listener("BROKERS")->endpoint, (Endpoint{"one.internal", 9093}));
  EXPECT_EQ(broker.find_listener("BROKERS")->security_protocol, "SSL");
  EXPECT_EQ(broker.find_listener("OTHER"), nullptr);
}

TEST(UpdateMetadataTest, OlderVersionsNameListenersByTheirProtocol) {
  ClusterMetadata metadata;
  UpdateMetadataRequest request;
  request.live_brokers.push_back({.id = 0, .v0_host = "zero", .v0_port = 9090, .rack = {}});
  UpdateMetadataRequest::UpdateMetadataBroker second{.id = 2};
  second.endpoints = {{9092, "two", "", 2}};
  request.live_brokers.push_back(second);
  apply_update_metadata(metadata, request);
  EXPECT_EQ(metadata.brokers.at(0).find_listener("PLAINTEXT")->endpoint, (Endpoint{"zero", 9090}));
  EXPECT_NE(metadata.brokers.at(2).find_listener("SASL_PLAINTEXT"), nullptr);
  EXPECT_EQ(metadata.brokers.at(2).rack, std::nullopt);
}

TEST(UpdateMetadataTest, PartitionsChangeOneByOne) {
  ClusterMetadata metadata;
  metadata.topics["t"] = {"t", {}, {}, {{"retention.ms", "1"}}};
  EXPECT_THAT(apply_update_metadata(metadata, request_with(1)), IsEmpty());
  UpdateMetadataRequest second;
  second.ungrouped_partition_states.push_back(state(1, 2));
  second.ungrouped_partition_states.back().topic_name = "t";
  apply_update_metadata(metadata, second);
  EXPECT_EQ(metadata.partitions.at({"t", 0}).leader, 1);
  const PartitionState& changed = metadata.partitions.at({"t", 1});
  EXPECT_EQ(changed.leader, 2);
  EXPECT_EQ(changed.leader_epoch, 7);
  EXPECT_EQ(changed.partition_epoch, 3);
  EXPECT_EQ(changed.controller_epoch, 4);
  EXPECT_THAT(changed.offline_replicas, ElementsAre(2));
  const TopicMetadata& topic = metadata.topics.at("t");
  EXPECT_EQ(topic.id, kId);
  EXPECT_THAT(topic.assignment.at(1), ElementsAre(1, 2));
  EXPECT_EQ(topic.configs.at("retention.ms"), "1") << "configurations come another way";
}

TEST(UpdateMetadataTest, DeletedPartitionsAreToldAndGoneWithTheirTopic) {
  ClusterMetadata metadata;
  apply_update_metadata(metadata, request_with(1));
  const std::vector<TopicPartition> deleted =
      apply_update_metadata(metadata, request_with(kLeaderDuringDelete));
  EXPECT_THAT(deleted, ElementsAre(TopicPartition{"t", 0}, TopicPartition{"t", 1}));
  EXPECT_THAT(metadata.partitions, IsEmpty());
  EXPECT_THAT(metadata.topics, IsEmpty());
}

}  // namespace
}  // namespace kafkascope
