#include "clients/producer/partitioner.h"

#include <gtest/gtest.h>

#include <map>

#include "clients/producer/built_in_partitioner.h"
#include "clients/producer/round_robin_partitioner.h"
#include "manual_node.h"

namespace kafkascope {
namespace {

// The vectors of Apache Kafka's own UtilsTest: other clients map keys to the same partitions.
TEST(Murmur2Test, GivesKafkasNumbers) {
  EXPECT_EQ(murmur2(as_bytes("21")), -973932308);
  EXPECT_EQ(murmur2(as_bytes("foobar")), -790332482);
  EXPECT_EQ(murmur2(as_bytes("a-little-bit-long-string")), -985981536);
  EXPECT_EQ(murmur2(as_bytes("a-little-bit-longer-string")), -1486304829);
  EXPECT_EQ(murmur2(as_bytes("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8")), -58897971);
  EXPECT_EQ(murmur2(as_bytes("abc")), 479470107);
}

TEST(Murmur2Test, PartitionIsThePositivePartModuloTheCount) {
  EXPECT_EQ(partition_for_key(as_bytes("foobar"), 6), (-790332482 & 0x7fffffff) % 6);
}

Cluster topic_with_leaders(std::vector<BrokerId> leaders) {
  Cluster cluster;
  cluster.brokers[1] = {1, {"one", 1}, std::nullopt};
  TopicInfo& topic = cluster.topics["t"];
  topic.name = "t";
  for (const BrokerId leader : leaders) {
    PartitionInfo& partition = topic.partitions.emplace_back();
    partition.topic = "t";
    partition.partition = static_cast<PartitionIndex>(topic.partitions.size() - 1);
    partition.leader = leader;
  }
  return cluster;
}

TEST(RoundRobinPartitionerTest, TakesThePartitionsWithALeaderInTurn) {
  ManualNode test;
  RoundRobinPartitioner partitioner(test.node);
  const Cluster cluster = topic_with_leaders({1, -1, 1});
  std::vector<PartitionIndex> chosen;
  for (int i = 0; i < 4; ++i) chosen.push_back(partitioner.partition("t", {}, {}, cluster));
  EXPECT_EQ(chosen, (std::vector<PartitionIndex>{0, 2, 0, 2}));
  const Cluster leaderless = topic_with_leaders({-1, -1});
  EXPECT_LT(partitioner.partition("t", {}, {}, leaderless), 2);
}

TEST(BuiltInPartitionerTest, StaysUntilABatchIsFull) {
  ManualNode test;
  BuiltInPartitioner partitioner(test.node, "t", 100);
  EXPECT_EQ(partitioner.current(), BuiltInPartitioner::kNoPartition);
  const PartitionIndex first = partitioner.switch_to_next({}, 8);
  EXPECT_FALSE(partitioner.count(99, true));
  EXPECT_FALSE(partitioner.count(50, false)) << "in the middle of a batch";
  EXPECT_EQ(partitioner.current(), first);
  EXPECT_TRUE(partitioner.count(1, true));
  (void)partitioner.switch_to_next({}, 8);
  EXPECT_FALSE(partitioner.count(10, true)) << "counts anew";
  EXPECT_TRUE(partitioner.count(200, false)) << "twice the batch size is the limit";
}

TEST(BuiltInPartitionerTest, SpreadsEvenlyOverThoseThatAreAvailable) {
  ManualNode test;
  BuiltInPartitioner partitioner(test.node, "t", 100);
  std::map<PartitionIndex, int> counts;
  for (int i = 0; i < 3000; ++i) ++counts[partitioner.switch_to_next({1, 3, 5}, 8)];
  ASSERT_EQ(counts.size(), 3u);
  for (const auto& [partition, count] : counts) EXPECT_NEAR(count, 1000, 150) << partition;
}

TEST(BuiltInPartitionerTest, PrefersShortQueues) {
  ManualNode test;
  BuiltInPartitioner partitioner(test.node, "t", 100);
  partitioner.update_load({{0, 1, 2}, {0, 3, 1}});  // chances 4 : 1 : 3
  std::map<PartitionIndex, int> counts;
  for (int i = 0; i < 8000; ++i) ++counts[partitioner.switch_to_next({0, 1, 2}, 3)];
  EXPECT_NEAR(counts[0], 4000, 300);
  EXPECT_NEAR(counts[1], 1000, 200);
  EXPECT_NEAR(counts[2], 3000, 300);
}

}  // namespace
}  // namespace kafkascope
