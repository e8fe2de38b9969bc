// The five selectors, as a table: who leads, and who is in sync then.
#include "controller/partition_leader_selector.h"

#include <gtest/gtest.h>

#include "controller/broker_ids.h"
#include "controller_test_support.h"

namespace kafkascope {
namespace {

struct Case {
  const char* what;
  BrokerIds replicas;
  BrokerIds isr;
  BrokerId leader;
  std::set<BrokerId> live;
  std::set<BrokerId> shutting_down;
  BrokerIds adding;
  BrokerIds removing;
  bool unclean;
  std::string chosen;  // "leader: ISR -> recipients", empty: nobody
};

std::string choice(const PartitionLeaderSelector& selector, const Case& c) {
  ControllerContext context;
  for (BrokerId id : c.live) context.add_live_broker(test::broker(id), 100);
  context.shutting_down_broker_ids = c.shutting_down;
  const TopicPartition tp{"t", 0};
  context.update_partition_full_replica_assignment(tp, {c.replicas, c.adding, c.removing});
  PartitionElection election =
      PartitionElection::of(context, tp, {.leader = c.leader, .leader_epoch = 3, .isr = c.isr});
  election.unclean_leader_election_enabled = c.unclean;
  const auto selected = selector.select_leader(election);
  if (!selected.has_value()) return "";
  std::string text = std::to_string(selected->leader) + ": " + join(selected->isr) + " -> " +
                     join(selected->recipients);
  if (!selected->new_recipients.empty()) text += " + " + join(selected->new_recipients);
  return text;
}

void expect(const PartitionLeaderSelector& selector, const std::vector<Case>& cases) {
  for (const Case& c : cases) EXPECT_EQ(choice(selector, c), c.chosen) << c.what;
}

TEST(PartitionLeaderSelectorTest, Offline) {
  expect(
      OfflinePartitionLeaderSelector(),
      {{"first live in sync", {1, 2, 3}, {1, 2, 3}, 1, {2, 3}, {}, {}, {}, false, "2: 2,3 -> 2,3"},
       {"assignment's order, not the ISR's",
        {3, 2, 1},
        {2, 3},
        1,
        {2, 3},
        {},
        {},
        {},
        false,
        "3: 2,3 -> 3,2"},
       {"live but not in sync", {1, 2}, {1}, 1, {2}, {}, {}, {}, false, ""},
       {"the same, unclean", {1, 2}, {1}, 1, {2}, {}, {}, {}, true, "2: 2 -> 2"},
       {"unclean only without one in sync",
        {1, 2, 3},
        {3},
        1,
        {2, 3},
        {},
        {},
        {},
        true,
        "3: 3 -> 2,3"},
       {"nobody lives", {1, 2}, {1, 2}, 1, {}, {}, {}, {}, true, ""},
       {"not one that leaves", {1, 2, 3}, {1, 2, 3}, 1, {2, 3}, {2}, {}, {}, false, "3: 3 -> 3"}});
}

TEST(PartitionLeaderSelectorTest, Reassigned) {
  expect(ReassignedPartitionLeaderSelector(),
         {{"first target in sync",
           {4, 5, 1, 2},
           {1, 2, 4, 5},
           1,
           {1, 2, 4, 5},
           {},
           {4, 5},
           {1, 2},
           false,
           "4: 1,2,4,5 -> 4,5"},
          {"first target is dead",
           {4, 5, 1},
           {1, 4, 5},
           1,
           {1, 5},
           {},
           {4, 5},
           {1},
           false,
           "5: 1,4,5 -> 4,5"},
          {"no target in sync", {4, 1}, {1}, 1, {1, 4}, {}, {4}, {1}, true, ""}});
}

TEST(PartitionLeaderSelectorTest, Preferred) {
  expect(PreferredReplicaPartitionLeaderSelector(),
         {{"the first", {1, 2}, {2, 1}, 2, {1, 2}, {}, {}, {}, false, "1: 2,1 -> 1,2"},
          {"not in sync", {1, 2}, {2}, 2, {1, 2}, {}, {}, {}, true, ""},
          {"dead", {1, 2}, {1, 2}, 2, {2}, {}, {}, {}, false, ""}});
}

TEST(PartitionLeaderSelectorTest, ControlledShutdown) {
  expect(ControlledShutdownLeaderSelector(),
         {{"another in sync",
           {1, 2, 3},
           {1, 2, 3},
           1,
           {1, 2, 3},
           {1},
           {},
           {},
           false,
           "2: 2,3 -> 1,2,3"},
          {"alone in sync", {1, 2}, {1}, 1, {1, 2}, {1}, {}, {}, true, ""},
          {"all others leave too", {1, 2}, {1, 2}, 1, {1, 2}, {1, 2}, {}, {}, false, ""}});
}

TEST(PartitionLeaderSelectorTest, NoOp) {
  expect(NoOpLeaderSelector(),
         {{"new replicas hear of it",
           {1, 3, 2},
           {1, 2},
           1,
           {1, 2, 3},
           {},
           {3},
           {2},
           false,
           "1: 1,2 -> 1,2 + 3"},
          {"also without a leader", {1, 2}, {2}, -1, {1}, {}, {}, {}, false, "-1: 2 -> 1,2"}});
}

}  // namespace
}  // namespace kafkascope
