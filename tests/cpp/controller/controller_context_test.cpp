// The controller's picture of the cluster, and its two counters.
#include "controller/controller_context.h"

#include <gtest/gtest.h>

#include "controller_test_support.h"

namespace kafkascope {
namespace {

using controller::PartitionState;
using controller::ReplicaState;
using test::add_partition;
using test::context_with_brokers;

const TopicPartition kT0{"t", 0};
const TopicPartition kT1{"t", 1};

TEST(ControllerContextTest, ShuttingDownBrokersAreNotLive) {
  ControllerContext context = context_with_brokers(2);
  context.shutting_down_broker_ids.insert(2);
  EXPECT_TRUE(context.is_live_broker(1));
  EXPECT_FALSE(context.is_live_broker(2));
  EXPECT_TRUE(context.is_live_or_shutting_down(2));
  EXPECT_EQ(context.live_broker_ids(), (std::set<BrokerId>{1}));
  EXPECT_FALSE(context.is_replica_online(2, kT0));
  EXPECT_TRUE(context.is_replica_online(2, kT0, /*include_shutting_down=*/true));
}

TEST(ControllerContextTest, AReplicaOnAFailedDirectoryIsOffline) {
  ControllerContext context = context_with_brokers(1);
  context.replicas_on_offline_dirs[1] = {kT0};
  EXPECT_FALSE(context.is_replica_online(1, kT0));
  EXPECT_TRUE(context.is_replica_online(1, kT1));
}

TEST(ControllerContextTest, CountsOfflinePartitions) {
  ControllerContext context = context_with_brokers(1);
  context.put_partition_state(kT0, PartitionState::kOfflinePartition);
  context.put_partition_state(kT0, PartitionState::kOfflinePartition);
  context.put_partition_state(kT1, PartitionState::kOfflinePartition);
  EXPECT_EQ(context.offline_partition_count(), 2);
  context.put_partition_state(kT0, PartitionState::kOnlinePartition);
  context.put_partition_state(kT1, PartitionState::kNonExistentPartition);
  EXPECT_EQ(context.offline_partition_count(), 0);
  EXPECT_EQ(context.partition_states().size(), 1u);
}

TEST(ControllerContextTest, CountsPartitionsThatTheirPreferredReplicaDoesNotLead) {
  ControllerContext context = context_with_brokers(2);
  add_partition(context, kT0, {1, 2});
  add_partition(context, kT1, {2, 1});
  context.put_partition_leadership_info(kT0, {{.leader = 2, .isr = {1, 2}}, 5});
  context.put_partition_leadership_info(kT1, {{.leader = 2, .isr = {1, 2}}, 5});
  EXPECT_EQ(context.preferred_replica_imbalance_count(), 1);
  context.update_partition_full_replica_assignment(kT1, {{1, 2}, {}, {}});
  EXPECT_EQ(context.preferred_replica_imbalance_count(), 2);
  context.put_partition_leadership_info(kT0, {{.leader = 1, .isr = {1, 2}}, 5});
  EXPECT_EQ(context.preferred_replica_imbalance_count(), 1);
  context.queue_topic_deletion({"t"});
  context.queue_topic_deletion({"t"});
  EXPECT_EQ(context.preferred_replica_imbalance_count(), 0);
  context.remove_topic("t");
  EXPECT_EQ(context.preferred_replica_imbalance_count(), 0);
}

TEST(ControllerContextTest, AReplicaThatIsBeingAddedNeedNotLeadBeforeItIsInSync) {
  ControllerContext context = context_with_brokers(3);
  context.update_partition_full_replica_assignment(kT0, {{3, 1}, {3}, {1}});
  context.put_partition_leadership_info(kT0, {{.leader = 1, .isr = {1}}, 5});
  EXPECT_EQ(context.preferred_replica_imbalance_count(), 1);
  context.put_partition_leadership_info(kT0, {{.leader = 1, .isr = {1, 3}}, 5});
  EXPECT_EQ(context.preferred_replica_imbalance_count(), 0);
}

TEST(ControllerContextTest, ATopicLeavesNothingBehind) {
  ControllerContext context = context_with_brokers(2);
  add_partition(context, kT0, {1, 2});
  const Uuid id = Uuid::from_random(1, 2);
  context.add_topic_id("t", id);
  context.put_partition_state(kT0, PartitionState::kOnlinePartition);
  context.put_replica_state({kT0, 1}, ReplicaState::kOnlineReplica);
  context.put_partition_leadership_info(kT0, {{.leader = 1, .isr = {1, 2}}, 5});
  context.queue_topic_deletion({"t"});
  EXPECT_EQ(context.leader_epoch(kT0), kEpochDuringDelete);
  EXPECT_TRUE(context.partitions_with_leaders().empty());
  context.remove_topic("t");
  EXPECT_TRUE(context.all_partitions().empty());
  EXPECT_TRUE(context.all_topics.empty());
  EXPECT_TRUE(context.partition_states().empty());
  EXPECT_TRUE(context.replica_states().empty());
  EXPECT_TRUE(context.partitions_leadership_info().empty());
  EXPECT_FALSE(context.topic_name(id).has_value());
  EXPECT_FALSE(context.is_topic_queued_up_for_deletion("t"));
}

}  // namespace
}  // namespace kafkascope
