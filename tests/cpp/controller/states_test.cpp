// Which state may follow which.
#include "controller/states.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace kafkascope::controller {
namespace {

template <typename State>
void expect_exactly(const std::set<std::pair<State, State>>& legal, int first, int last) {
  for (int from = first; from <= last; ++from) {
    for (int to = first; to <= last; ++to) {
      const std::pair edge{static_cast<State>(from), static_cast<State>(to)};
      EXPECT_EQ(may_follow(edge.first, edge.second), legal.count(edge) == 1)
          << to_string(edge.first) << " to " << to_string(edge.second);
    }
  }
}

TEST(StatesTest, PartitionsTakeLegalEdgesOnly) {
  using enum PartitionState;
  expect_exactly<PartitionState>({{kNonExistentPartition, kNewPartition},
                                  {kNewPartition, kOnlinePartition},
                                  {kOnlinePartition, kOnlinePartition},
                                  {kOfflinePartition, kOnlinePartition},
                                  {kNewPartition, kOfflinePartition},
                                  {kOnlinePartition, kOfflinePartition},
                                  {kOfflinePartition, kOfflinePartition},
                                  {kOfflinePartition, kNonExistentPartition}},
                                 0, 3);
}

TEST(StatesTest, ReplicasTakeLegalEdgesOnly) {
  using enum ReplicaState;
  std::set<std::pair<ReplicaState, ReplicaState>> legal = {
      {kNonExistentReplica, kNewReplica},
      {kOfflineReplica, kReplicaDeletionStarted},
      {kReplicaDeletionStarted, kReplicaDeletionSuccessful},
      {kReplicaDeletionStarted, kReplicaDeletionIneligible},
      {kOfflineReplica, kReplicaDeletionIneligible},
      {kReplicaDeletionSuccessful, kNonExistentReplica}};
  for (ReplicaState from :
       {kNewReplica, kOnlineReplica, kOfflineReplica, kReplicaDeletionIneligible}) {
    legal.insert({from, kOnlineReplica});
    legal.insert({from, kOfflineReplica});
  }
  expect_exactly(legal, 1, 7);
}

}  // namespace
}  // namespace kafkascope::controller
