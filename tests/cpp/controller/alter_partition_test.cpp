// Who may change an ISR, and what is answered.
#include "controller/alter_partition.h"

#include <gtest/gtest.h>

#include "controller_test_support.h"

namespace kafkascope {
namespace {

using protocol::AlterPartitionRequest;

const TopicPartition kT0{"t", 0};

class AlterPartitionTest : public testing::Test {
 protected:
  AlterPartitionTest() : context_(test::context_with_brokers(4)) {
    test::add_partition(context_, kT0, {1, 2, 3});
    context_.add_topic_id("t", id_);
    context_.put_partition_leadership_info(kT0, {{1, 4, {1, 2}, 6}, 5});
  }

  struct Ask {
    BrokerId broker = 1;
    BrokerEpoch broker_epoch = 101;
    LeaderEpoch leader_epoch = 4;
    int32_t partition_epoch = 6;
    std::vector<BrokerId> isr = {1, 2, 3};
    BrokerEpoch epoch_of_3 = 103;
    int8_t recovery_state = 0;
    int16_t version = 3;
  };
  AlterPartitionPlan plan(const Ask& ask) {
    AlterPartitionRequest request;
    request.broker_id = ask.broker;
    request.broker_epoch = ask.broker_epoch;
    auto& topic = request.topics.emplace_back();
    (ask.version > 1) ? void(topic.topic_id = id_) : void(topic.topic_name = "t");
    auto& partition = topic.partitions.emplace_back();
    partition.leader_epoch = ask.leader_epoch;
    partition.partition_epoch = ask.partition_epoch;
    partition.leader_recovery_state = ask.recovery_state;
    for (BrokerId id : ask.isr) {
      if (ask.version < 3) {
        partition.new_isr.push_back(id);
      } else {
        partition.new_isr_with_epochs.push_back({id, id == 3 ? ask.epoch_of_3 : 100 + id});
      }
    }
    return plan_alter_partition(context_, request, ask.version, defects_);
  }
  ErrorCode code(const Ask& ask) {
    const AlterPartitionPlan made = plan(ask);
    if (made.error != ErrorCode::kNone) return made.error;
    const auto decided = made.decided.find(kT0);
    return decided == made.decided.end() ? ErrorCode::kNone : decided->second.code();
  }

  const Uuid id_ = Uuid::from_random(3, 4);
  ControllerContext context_;
  ControllerDefects defects_;
};

TEST_F(AlterPartitionTest, TheLeaderChangesItsIsr) {
  for (int16_t version = 0; version <= 3; ++version) {
    const AlterPartitionPlan made = plan({.version = version});
    ASSERT_EQ(made.changes.size(), 1u) << version;
    EXPECT_EQ(made.changes.at(kT0), (LeaderAndIsr{1, 4, {1, 2, 3}, 6}));
  }
}

TEST_F(AlterPartitionTest, EpochsFence) {
  EXPECT_EQ(code({.broker = 9}), ErrorCode::kStaleBrokerEpoch);
  EXPECT_EQ(code({.broker_epoch = 100}), ErrorCode::kStaleBrokerEpoch);
  EXPECT_EQ(code({.broker_epoch = 102}), ErrorCode::kStaleBrokerEpoch);
  EXPECT_EQ(code({.leader_epoch = 3}), ErrorCode::kFencedLeaderEpoch);
  EXPECT_EQ(code({.partition_epoch = 5}), ErrorCode::kInvalidUpdateVersion);
  EXPECT_EQ(code({.leader_epoch = 5}), ErrorCode::kNotController);
  EXPECT_EQ(code({.partition_epoch = 7}), ErrorCode::kNotController);
  EXPECT_EQ(code({.broker = 2, .broker_epoch = 102}), ErrorCode::kInvalidRequest);
}

TEST_F(AlterPartitionTest, WhatIsSoAlreadyIsAnsweredAgain) {
  for (int32_t partition_epoch : {5, 6}) {
    const AlterPartitionPlan made = plan({.partition_epoch = partition_epoch, .isr = {1, 2}});
    EXPECT_TRUE(made.changes.empty());
    EXPECT_EQ(*made.decided.at(kT0), (LeaderAndIsr{1, 4, {1, 2}, 6}));
  }
}

TEST_F(AlterPartitionTest, OnlyLivingReplicasInTheirPresentLife) {
  EXPECT_EQ(code({.epoch_of_3 = 99}), ErrorCode::kIneligibleReplica);
  EXPECT_EQ(code({.epoch_of_3 = kNoBrokerEpoch}), ErrorCode::kNone);
  context_.shutting_down_broker_ids.insert(3);
  EXPECT_EQ(code({}), ErrorCode::kIneligibleReplica);
  EXPECT_EQ(code({.version = 1}), ErrorCode::kOperationNotAttempted);
  EXPECT_EQ(code({.isr = {1}}), ErrorCode::kNone);
}

TEST_F(AlterPartitionTest, TheIsrIsOfReplicasAndHasTheLeader) {
  EXPECT_EQ(code({.isr = {}}), ErrorCode::kInvalidRequest);
  EXPECT_EQ(code({.isr = {2, 3}}), ErrorCode::kInvalidRequest);
  EXPECT_EQ(code({.isr = {1, 4}}), ErrorCode::kInvalidRequest);
  EXPECT_EQ(code({.recovery_state = 1}), ErrorCode::kInvalidRequest);
}

TEST_F(AlterPartitionTest, TheAnswerIsGroupedByTopic) {
  AlterPartitionPlan made;
  made.unknown_topics[Uuid::from_random(8, 9)] = {5};
  const std::map<TopicPartition, Result<LeaderAndIsr>> outcomes = {
      {kT0, LeaderAndIsr{1, 4, {1}, 7}}, {{"t", 1}, ErrorCode::kFencedLeaderEpoch}};
  const auto answer = alter_partition_response(context_, made, 3, outcomes);
  ASSERT_EQ(answer.topics.size(), 2u);
  EXPECT_EQ(answer.topics[0].partitions[0].error_code, 100);  // UNKNOWN_TOPIC_ID
  EXPECT_EQ(answer.topics[1].topic_id, id_);
  ASSERT_EQ(answer.topics[1].partitions.size(), 2u);
  EXPECT_EQ(answer.topics[1].partitions[0].partition_epoch, 7);
  EXPECT_EQ(answer.topics[1].partitions[1].error_code, 74);  // FENCED_LEADER_EPOCH
  EXPECT_EQ(alter_partition_response(context_, {}, 1, outcomes).topics[0].topic_name, "t");
}

TEST_F(AlterPartitionTest, PlantedBugsLetThePastIn) {
  defects_.accept_old_broker_epoch = true;
  EXPECT_EQ(code({.broker_epoch = 1}), ErrorCode::kNone);
  EXPECT_EQ(code({.epoch_of_3 = 1}), ErrorCode::kNone);
  defects_.accept_stale_alter_partition = true;
  EXPECT_EQ(plan({.leader_epoch = 1, .partition_epoch = 0, .isr = {1}}).changes.at(kT0),
            (LeaderAndIsr{1, 4, {1}, 6}));
}

}  // namespace
}  // namespace kafkascope
