// What the controller concludes from brokers, leaders and requests.
#include "controller/cluster_changes.h"

#include <gtest/gtest.h>

#include "controller_test_support.h"

namespace kafkascope {
namespace {

using Ids = std::set<BrokerId>;
using Partitions = std::set<TopicPartition>;

TEST(ClusterChangesTest, BrokersAreAddedBouncedAndDead) {
  const ControllerContext context = test::context_with_brokers(3);  // epochs 101 to 103
  const BrokerChanges changes = broker_changes(
      context,
      {{1, {test::broker(1), 101}}, {2, {test::broker(2), 200}}, {4, {test::broker(4), 201}}});
  EXPECT_EQ(changes.added, (Ids{4}));
  EXPECT_EQ(changes.bounced, (Ids{2}));
  EXPECT_EQ(changes.dead, (Ids{3}));
}

/// Topic t: partitions that prefer broker 1, with these leaders.
ControllerContext preferring_one(const std::vector<BrokerId>& leaders) {
  ControllerContext context = test::context_with_brokers(2);
  for (size_t i = 0; i < leaders.size(); ++i) {
    const TopicPartition tp{"t", static_cast<PartitionIndex>(i)};
    test::add_partition(context, tp, {1, 2});
    context.put_partition_leadership_info(tp, {{leaders[i], 0, {1, 2}, 0}, 5});
  }
  return context;
}

TEST(ClusterChangesTest, BalanceIsSoughtAboveThePercentage) {
  const ControllerContext context = preferring_one({2, 1, 1, 1});  // 25 %
  EXPECT_EQ(imbalanced_partitions(context, 24), (Partitions{{"t", 0}}));
  EXPECT_TRUE(imbalanced_partitions(context, 25).empty());
}

TEST(ClusterChangesTest, BalanceNeedsAPreferredReplicaThatCanLead) {
  ControllerContext context = preferring_one({2, 2});
  context.put_partition_leadership_info({"t", 0}, {{2, 0, {2}, 0}, 5});
  EXPECT_EQ(imbalanced_partitions(context, 10), (Partitions{{"t", 1}}));
  context.remove_live_broker(1);
  EXPECT_TRUE(imbalanced_partitions(context, 10).empty());
}

TEST(ClusterChangesTest, ElectionsThatNeedNotOrMayNotBe) {
  ControllerContext context = preferring_one({2, 1});
  test::add_partition(context, {"gone", 0}, {1, 2});
  context.queue_topic_deletion({"gone"});
  const Partitions asked{{"t", 0}, {"t", 1}, {"gone", 0}, {"unknown", 3}};
  const ElectionPlan preferred = plan_elections(context, asked, ElectionType::kPreferred);
  EXPECT_EQ(preferred.electable, (Partitions{{"t", 0}}));
  EXPECT_EQ(preferred.refused.at({"t", 1}).code, ErrorCode::kElectionNotNeeded);
  EXPECT_EQ(preferred.refused.at({"gone", 0}).code, ErrorCode::kInvalidTopicException);
  EXPECT_EQ(preferred.refused.at({"unknown", 3}).code, ErrorCode::kUnknownTopicOrPartition);
  EXPECT_TRUE(plan_elections(context, asked, ElectionType::kUnclean).electable.empty());
  context.remove_live_broker(2);
  EXPECT_EQ(plan_elections(context, asked, ElectionType::kUnclean).electable,
            (Partitions{{"t", 0}}));
}

TEST(ClusterChangesTest, ABrokerThatLeavesGivesUpWhatOthersCanLead) {
  ControllerContext context = preferring_one({1, 2});
  test::add_partition(context, {"alone", 0}, {1});
  context.put_partition_leadership_info({"alone", 0}, {{1, 0, {1}, 0}, 5});
  const ShutdownPlan plan = plan_controlled_shutdown(context, 1);
  EXPECT_EQ(plan.led, (Partitions{{"t", 0}}));
  EXPECT_EQ(plan.followed, (Partitions{{"t", 1}}));
}

}  // namespace
}  // namespace kafkascope
