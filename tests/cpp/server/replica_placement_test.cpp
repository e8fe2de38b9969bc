#include "server/replica_placement.h"

#include <gtest/gtest.h>

#include <set>

namespace kafkascope {
namespace {

std::vector<BrokerRack> brokers(int count, const std::vector<std::string>& racks = {}) {
  std::vector<BrokerRack> all;
  for (int id = 0; id < count; ++id) {
    all.push_back({id, {}});
    if (!racks.empty()) all.back().rack = racks[static_cast<size_t>(id)];
  }
  return all;
}

TEST(ReplicaPlacementTest, LeadersGoRoundAndFollowersStandFurtherOffEachRound) {
  const auto placed = assign_replicas_to_brokers(brokers(5), 0, 10, 3, {0, 0});
  const Assignment expected{{0, {0, 1, 2}}, {1, {1, 2, 3}}, {2, {2, 3, 4}}, {3, {3, 4, 0}},
                            {4, {4, 0, 1}}, {5, {0, 2, 3}}, {6, {1, 3, 4}}, {7, {2, 4, 0}},
                            {8, {3, 0, 1}}, {9, {4, 1, 2}}};
  EXPECT_EQ(*placed, expected);
}

TEST(ReplicaPlacementTest, NewPartitionsGoOnFromTheGivenStart) {
  const auto placed = assign_replicas_to_brokers(brokers(5), 3, 2, 2, {1, 1});
  EXPECT_EQ(*placed, (Assignment{{3, {4, 1}}, {4, {0, 2}}}));
}

TEST(ReplicaPlacementTest, EachReplicaInARackOfItsOwn) {
  const auto all = brokers(6, {"a", "b", "b", "c", "a", "c"});
  for (size_t leader = 0; leader < 6; ++leader) {
    const auto placed = assign_replicas_to_brokers(all, 0, 12, 3, {leader, leader});
    std::map<BrokerId, int> led;
    for (const auto& [index, replicas] : *placed) {
      std::set<std::string> racks;
      for (BrokerId id : replicas) racks.insert(*all[static_cast<size_t>(id)].rack);
      EXPECT_EQ(racks.size(), 3u) << index;
      ++led[replicas.front()];
    }
    for (const auto& [id, count] : led) EXPECT_EQ(count, 2) << id;
  }
}

TEST(ReplicaPlacementTest, MoreReplicasThanRacksStillHaveBrokersOfTheirOwn) {
  const auto placed = assign_replicas_to_brokers(brokers(4, {"a", "a", "b", "b"}), 0, 8, 3, {1, 2});
  for (const auto& [index, replicas] : *placed)
    EXPECT_EQ(std::set<BrokerId>(replicas.begin(), replicas.end()).size(), 3u) << index;
}

TEST(ReplicaPlacementTest, TooFewBrokersOrRacksForSomeAreRefused) {
  EXPECT_EQ(assign_replicas_to_brokers(brokers(2), 0, 1, 3, {}).code(),
            ErrorCode::kInvalidReplicationFactor);
  auto some = brokers(3);
  some[1].rack = "a";
  EXPECT_EQ(assign_replicas_to_brokers(some, 0, 1, 2, {}).code(), ErrorCode::kInvalidRequest);
}

}  // namespace
}  // namespace kafkascope
