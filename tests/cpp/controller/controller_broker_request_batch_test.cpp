// What brokers are told, at the version that inter.broker.protocol.version gives.
#include "controller/controller_broker_request_batch.h"

#include <gtest/gtest.h>

#include "common/errors.h"
#include "controller_test_support.h"
#include "protocol/request_header.h"

namespace kafkascope {
namespace {

using protocol::LeaderAndIsrRequest;
using protocol::StopReplicaRequest;
using protocol::UpdateMetadataRequest;

const TopicPartition kT0{"t", 0};
const TopicPartition kT1{"t", 1};

class ControllerBrokerRequestBatchTest : public testing::Test {
 protected:
  ControllerBrokerRequestBatchTest() : context_(test::context_with_brokers(3)) {
    config_.broker_id = 7;
    test::add_partition(context_, kT0, {1, 2});
    test::add_partition(context_, kT1, {2, 3});
    context_.add_topic_id("t", id_);
    context_.put_partition_leadership_info(kT0, {{1, 4, {1, 2}, 6}, 5});
    context_.put_partition_leadership_info(kT1, {{2, 1, {2}, 3}, 5});
  }

  ControllerBrokerRequestBatch batch(const char* ibp = "3.9",
                                     ControlRequestType type = ControlRequestType::kIncremental) {
    config_.protocol.version = parse_metadata_version(ibp);
    return {config_, context_, type};
  }
  std::vector<std::string> names(const ControllerBrokerRequestBatch& batch) {
    test::FakeSender sender;
    batch.send_requests_to_brokers(sender);
    return sender.take();
  }

  const Uuid id_ = Uuid::from_random(3, 4);
  ControllerConfig config_;
  ControllerContext context_;
};

TEST_F(ControllerBrokerRequestBatchTest, LeaderAndIsrIsFollowedByMetadataForAll) {
  auto requests = batch();
  requests.add_leader_and_isr_request_for_brokers({1, 2}, kT0, true);
  requests.add_stop_replica_request_for_brokers({3}, kT0, false);
  EXPECT_EQ(names(requests), (std::vector<std::string>{"LeaderAndIsr to 1", "LeaderAndIsr to 2",
                                                       "UpdateMetadata to 1", "UpdateMetadata to 2",
                                                       "UpdateMetadata to 3", "StopReplica to 3"}));
}

TEST_F(ControllerBrokerRequestBatchTest, LeaderAndIsrSaysAll) {
  context_.update_partition_full_replica_assignment(kT0, {{3, 1, 2}, {3}, {2}});
  auto requests = batch("3.9", ControlRequestType::kFull);
  requests.add_leader_and_isr_request_for_brokers({2}, kT0, true);
  requests.add_leader_and_isr_request_for_brokers({2}, kT0, false);  // stays new
  const ControlRequest request = requests.requests().front();
  EXPECT_EQ(request.version, 7);
  const auto& message = std::get<LeaderAndIsrRequest>(request.message);
  EXPECT_EQ(message.controller_id, 7);
  EXPECT_EQ(message.controller_epoch, 5);
  EXPECT_EQ(message.broker_epoch, 102);
  EXPECT_EQ(message.type, 2);
  ASSERT_EQ(message.live_leaders.size(), 1u);
  EXPECT_EQ(message.live_leaders[0].host_name, "broker-1");
  ASSERT_EQ(message.topic_states.size(), 1u);
  EXPECT_EQ(message.topic_states[0].topic_id, id_);
  const auto& state = message.topic_states[0].partition_states.at(0);
  EXPECT_EQ(state.leader, 1);
  EXPECT_EQ(state.leader_epoch, 4);
  EXPECT_EQ(state.partition_epoch, 6);
  EXPECT_EQ(state.isr, (std::vector<int32_t>{1, 2}));
  EXPECT_EQ(state.replicas, (std::vector<int32_t>{3, 1, 2}));
  EXPECT_EQ(state.adding_replicas, (std::vector<int32_t>{3}));
  EXPECT_EQ(state.removing_replicas, (std::vector<int32_t>{2}));
  EXPECT_TRUE(state.is_new);
}

TEST_F(ControllerBrokerRequestBatchTest, DeadBrokersGetNothing) {
  context_.remove_live_broker(2);
  auto requests = batch();
  requests.add_leader_and_isr_request_for_brokers({1, 2}, kT0, false);
  requests.add_stop_replica_request_for_brokers({2}, kT0, true);
  EXPECT_EQ(names(requests), (std::vector<std::string>{"LeaderAndIsr to 1", "UpdateMetadata to 1",
                                                       "UpdateMetadata to 3"}));
}

TEST_F(ControllerBrokerRequestBatchTest, MetadataNamesOfflineReplicasAndWhatIsBeingDeleted) {
  context_.remove_live_broker(2);
  test::add_partition(context_, {"gone", 0}, {1});
  context_.put_partition_leadership_info({"gone", 0}, {{1, 9, {1}, 9}, 5});
  context_.queue_topic_deletion({"gone"});
  auto requests = batch();
  requests.add_update_metadata_request_for_brokers({1}, {kT0, {"gone", 0}, {"unknown", 0}});
  const auto message = std::get<UpdateMetadataRequest>(requests.requests().at(0).message);
  ASSERT_EQ(message.topic_states.size(), 2u);
  const auto& gone = message.topic_states[0].partition_states.at(0);
  EXPECT_EQ(gone.leader, kLeaderDuringDelete);
  EXPECT_EQ(gone.leader_epoch, 0);
  const auto& kept = message.topic_states[1].partition_states.at(0);
  EXPECT_EQ(kept.leader, 1);
  EXPECT_EQ(kept.offline_replicas, (std::vector<int32_t>{2}));
  EXPECT_EQ(message.live_brokers.size(), 2u);
  EXPECT_EQ(message.live_brokers[0].endpoints.at(0).listener, "PLAINTEXT");
}

TEST_F(ControllerBrokerRequestBatchTest, StopReplicaNamesEachPartitionsFate) {
  auto requests = batch();
  requests.add_stop_replica_request_for_brokers({2}, kT0, true);
  requests.add_stop_replica_request_for_brokers({2}, kT0, false);  // stays a deletion
  requests.add_stop_replica_request_for_brokers({2}, kT1, false);
  const ControlRequest request = requests.requests().at(0);
  EXPECT_EQ(request.deletions, (std::set<TopicPartition>{kT0}));
  const auto& states = std::get<StopReplicaRequest>(request.message).topic_states.at(0);
  EXPECT_TRUE(states.partition_states.at(0).delete_partition);
  EXPECT_EQ(states.partition_states.at(0).leader_epoch, 4);
  EXPECT_FALSE(states.partition_states.at(1).delete_partition);
}

TEST_F(ControllerBrokerRequestBatchTest, OlderStopReplicaComesInTwo) {
  for (const char* ibp : {"2.0", "2.2", "2.5"}) {
    auto requests = batch(ibp);
    requests.add_stop_replica_request_for_brokers({2}, kT0, true);
    requests.add_stop_replica_request_for_brokers({2}, kT1, false);
    const std::vector<ControlRequest> made = requests.requests();
    ASSERT_EQ(made.size(), 2u) << ibp;
    EXPECT_TRUE(std::get<StopReplicaRequest>(made[0].message).delete_partitions);
    EXPECT_EQ(made[0].deletions, (std::set<TopicPartition>{kT0}));
    EXPECT_FALSE(std::get<StopReplicaRequest>(made[1].message).delete_partitions);
    EXPECT_TRUE(made[1].deletions.empty());
  }
}

TEST_F(ControllerBrokerRequestBatchTest, EveryVersionOfBrokersUnderstandsItsRequests) {
  for (int version = 0; version <= static_cast<int>(kLatestZkVersion); ++version) {
    const std::string ibp = to_string(static_cast<MetadataVersion>(version));
    SCOPED_TRACE(ibp);
    auto requests = batch(ibp.c_str(), ControlRequestType::kFull);
    requests.add_leader_and_isr_request_for_brokers({1}, kT0, true);
    requests.add_stop_replica_request_for_brokers({1}, kT1, true);
    for (const ControlRequest& request : requests.requests()) {
      std::visit(
          [&](const auto& message) {
            EXPECT_NO_THROW(protocol::encode_request(message, request.version, 1, "7"))
                << request.name() << " v" << request.version;
          },
          request.message);
    }
  }
}

}  // namespace
}  // namespace kafkascope
