// What a change of replicas makes of an assignment.
#include "controller/reassignment.h"

#include <gtest/gtest.h>

#include "controller/broker_ids.h"
#include "controller_test_support.h"

namespace kafkascope {
namespace {

const TopicPartition kT0{"t", 0};

std::string text(const ReplicaAssignment& assignment) {
  return join(assignment.replicas) + " +" + join(assignment.adding) + " -" +
         join(assignment.removing);
}

TEST(ReassignmentTest, TheTargetComesFirst) {
  EXPECT_EQ(text(reassign_to({{1, 2, 3}, {}, {}}, {4, 2})), "4,2,1,3 +4 -1,3");
  EXPECT_EQ(text(reassign_to({{1, 2, 3}, {}, {}}, {3, 2, 1})), "3,2,1 + -");
  EXPECT_EQ(text(reassign_to({{1}, {}, {}}, {1, 2})), "1,2 +2 -");
}

TEST(ReassignmentTest, ANewOneReplacesTheOneUnderWay) {
  const ReplicaAssignment moving = reassign_to({{1, 2}, {}, {}}, {3, 4});
  EXPECT_EQ(text(moving), "3,4,1,2 +3,4 -1,2");
  EXPECT_EQ(text(reassign_to(moving, {3, 5})), "3,5,1,2 +3,5 -1,2");  // 4 is given up
  EXPECT_EQ(text(reassign_to(moving, origin_replicas(moving))), "1,2 + -");
}

TEST(ReassignmentTest, IsCompleteOnceAllTargetsAreInSync) {
  const ReplicaAssignment moving = reassign_to({{1, 2}, {}, {}}, {3, 4});
  EXPECT_FALSE(is_reassignment_complete(moving, {1, 2, 3}));
  EXPECT_TRUE(is_reassignment_complete(moving, {1, 4, 3}));
}

class PlanReassignmentTest : public testing::Test {
 protected:
  PlanReassignmentTest() : context_(test::context_with_brokers(4)) {
    test::add_partition(context_, kT0, {1, 2});
  }
  ErrorCode code(std::optional<BrokerIds> target, const TopicPartition& tp = kT0) {
    return plan_reassignment(context_, tp, target).code();
  }
  ControllerContext context_;
};

TEST_F(PlanReassignmentTest, ChecksTheReplicas) {
  EXPECT_EQ(code(BrokerIds{3, 2}), ErrorCode::kNone);
  EXPECT_EQ(code(BrokerIds{}), ErrorCode::kInvalidReplicaAssignment);
  EXPECT_EQ(code(BrokerIds{3, 3}), ErrorCode::kInvalidReplicaAssignment);
  EXPECT_EQ(code(BrokerIds{-1}), ErrorCode::kInvalidReplicaAssignment);
  EXPECT_EQ(code(BrokerIds{1, 9}), ErrorCode::kInvalidReplicaAssignment);
  EXPECT_EQ(code(BrokerIds{1}, {"t", 1}), ErrorCode::kUnknownTopicOrPartition);
  context_.remove_live_broker(2);
  EXPECT_EQ(code(BrokerIds{2, 1}), ErrorCode::kNone);  // only those that are new must live
  context_.shutting_down_broker_ids.insert(3);
  EXPECT_EQ(code(BrokerIds{3}), ErrorCode::kInvalidReplicaAssignment);
}

TEST_F(PlanReassignmentTest, CancelsOnlyWhatIsUnderWay) {
  EXPECT_EQ(code(std::nullopt), ErrorCode::kNoReassignmentInProgress);
  context_.update_partition_full_replica_assignment(kT0, reassign_to({{1, 2}, {}, {}}, {3}));
  EXPECT_EQ(text(*plan_reassignment(context_, kT0, std::nullopt)), "1,2 + -");
  context_.queue_topic_deletion({"t"});
  EXPECT_EQ(code(std::nullopt), ErrorCode::kUnknownTopicOrPartition);
}

}  // namespace
}  // namespace kafkascope
