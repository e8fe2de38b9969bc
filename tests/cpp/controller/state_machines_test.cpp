// The state machines with ZooKeeper in memory: what is written, what brokers are told, what is
// refused.
#include <gtest/gtest.h>

#include "controller/partition_state_machine.h"
#include "controller/replica_state_machine.h"
#include "controller_test_support.h"
#include "manual_node.h"
#include "runtime/metrics/meter.h"

namespace kafkascope {
namespace {

using controller::PartitionState;
using controller::ReplicaState;
using protocol::LeaderAndIsrRequest;
using protocol::StopReplicaRequest;

const TopicPartition kT0{"t", 0};
const TopicPartition kT1{"t", 1};

class StateMachinesTest : public testing::Test {
 protected:
  StateMachinesTest()
      : context_(test::context_with_brokers(3)),
        unclean_(node_.clock),
        partitions_(node_.node, config_, context_, store_, sender_, {}, unclean_),
        replicas_(node_.node, config_, context_, store_, sender_) {}

  const PartitionLeaderSelector& offline() { return *partitions_.selectors().offline; }
  /// An online partition led by its first replica, all in sync.
  void online(const TopicPartition& tp, std::vector<BrokerId> replicas) {
    test::add_partition(context_, tp, replicas);
    store_.states[tp] = {{replicas.front(), 0, replicas, 0}, 5};
    context_.put_partition_leadership_info(tp, store_.states[tp]);
    context_.put_partition_state(tp, PartitionState::kOnlinePartition);
    for (BrokerId id : replicas) context_.put_replica_state({tp, id}, ReplicaState::kOnlineReplica);
  }
  void kill(BrokerId id) { context_.remove_live_broker(id); }
  const LeaderAndIsr& stored(const TopicPartition& tp) {
    return store_.states.at(tp).leader_and_isr;
  }

  ManualNode node_;
  ControllerConfig config_;
  ControllerContext context_;
  test::FakeStore store_;
  test::FakeSender sender_;
  Meter unclean_;
  PartitionStateMachine partitions_;
  ReplicaStateMachine replicas_;
};

TEST_F(StateMachinesTest, ANewPartitionIsLedByItsFirstLiveReplica) {
  test::add_partition(context_, kT0, {1, 2, 3});
  kill(1);
  partitions_.handle_state_changes({kT0}, PartitionState::kNewPartition);
  partitions_.elect_leaders({kT0}, offline());
  EXPECT_EQ(stored(kT0), (LeaderAndIsr{2, 0, {2, 3}, 0}));
  EXPECT_EQ(context_.partition_state(kT0), PartitionState::kOnlinePartition);
  const auto requests = sender_.all<LeaderAndIsrRequest>();
  ASSERT_EQ(requests.size(), 2u);  // to 2 and 3
  EXPECT_TRUE(requests[0].second.topic_states[0].partition_states[0].is_new);
}

TEST_F(StateMachinesTest, ANewPartitionWithoutALiveReplicaWaits) {
  test::add_partition(context_, kT0, {1});
  kill(1);
  partitions_.handle_state_changes({kT0}, PartitionState::kNewPartition);
  partitions_.elect_leaders({kT0}, offline());
  EXPECT_EQ(context_.partition_state(kT0), PartitionState::kNewPartition);
  EXPECT_TRUE(store_.states.empty());
  context_.add_live_broker(test::broker(1), 500);
  partitions_.trigger_online_partition_state_change();
  EXPECT_EQ(context_.partition_state(kT0), PartitionState::kOnlinePartition);
}

TEST_F(StateMachinesTest, AThousandPartitionsAreOneWriteAndOneRequestABroker) {
  std::set<TopicPartition> all;
  for (PartitionIndex i = 0; i < 1000; ++i) {
    test::add_partition(context_, {"t", i}, {1, 2});
    all.insert({"t", i});
  }
  partitions_.handle_state_changes(all, PartitionState::kNewPartition);
  partitions_.elect_leaders(all, offline());
  EXPECT_EQ(store_.writes, 1);
  EXPECT_EQ(sender_.take(), (std::vector<std::string>{"LeaderAndIsr to 1", "LeaderAndIsr to 2",
                                                      "UpdateMetadata to 1", "UpdateMetadata to 2",
                                                      "UpdateMetadata to 3"}));
}

TEST_F(StateMachinesTest, IllegalTransitionsAreRefused) {
  test::add_partition(context_, kT0, {1});
  for (PartitionState target :
       {PartitionState::kOfflinePartition, PartitionState::kNonExistentPartition}) {
    partitions_.handle_state_changes({kT0}, target);
    EXPECT_EQ(context_.partition_state(kT0), PartitionState::kNonExistentPartition);
  }
  EXPECT_TRUE(partitions_.elect_leaders({kT0}, offline()).empty());
  for (ReplicaState target :
       {ReplicaState::kOnlineReplica, ReplicaState::kOfflineReplica,
        ReplicaState::kReplicaDeletionStarted, ReplicaState::kReplicaDeletionSuccessful}) {
    replicas_.handle_state_changes({{kT0, 1}}, target);
    EXPECT_EQ(context_.replica_state({kT0, 1}), ReplicaState::kNonExistentReplica);
  }
  EXPECT_EQ(store_.writes, 0);
  EXPECT_TRUE(sender_.sent.empty());
}

TEST_F(StateMachinesTest, ADeadLeaderIsReplacedFromTheIsr) {
  online(kT0, {1, 2, 3});
  kill(1);
  partitions_.handle_state_changes({kT0}, PartitionState::kOfflinePartition);
  const auto elections = partitions_.trigger_online_partition_state_change();
  EXPECT_EQ(*elections.at(kT0), (LeaderAndIsr{2, 1, {2, 3}, 1}));
  EXPECT_EQ(stored(kT0).leader, 2);
  EXPECT_EQ(context_.partition_state(kT0), PartitionState::kOnlinePartition);
  EXPECT_EQ(unclean_.count(), 0);
}

TEST_F(StateMachinesTest, WithoutOneInSyncOnlyATopicThatAllowsItGetsALeader) {
  online(kT0, {1, 2});
  online({"loose", 0}, {1, 2});
  store_.unclean_topics = {"loose"};
  for (auto& [tp, state] : store_.states) state.leader_and_isr.isr = {1};
  kill(1);
  partitions_.handle_state_changes({kT0, {"loose", 0}}, PartitionState::kOfflinePartition);
  const auto elections = partitions_.trigger_online_partition_state_change();
  EXPECT_EQ(elections.at(kT0).code(), ErrorCode::kEligibleLeadersNotAvailable);
  EXPECT_EQ(context_.partition_state(kT0), PartitionState::kOfflinePartition);
  EXPECT_EQ(stored({"loose", 0}), (LeaderAndIsr{2, 1, {2}, 1}));
  EXPECT_EQ(unclean_.count(), 1);
  partitions_.elect_leaders({kT0}, offline(), /*allow_unclean=*/true);
  EXPECT_EQ(stored(kT0).leader, 2);
}

TEST_F(StateMachinesTest, ALeaderThatWritesMeanwhileIsReadAnew) {
  online(kT0, {1, 2});
  kill(1);
  store_.interfere = {kT0};
  partitions_.handle_state_changes({kT0}, PartitionState::kOfflinePartition);
  partitions_.trigger_online_partition_state_change();
  EXPECT_EQ(store_.reads, 2);
  EXPECT_EQ(stored(kT0).partition_epoch, 2);
  EXPECT_EQ(stored(kT0).leader, 2);
}

TEST_F(StateMachinesTest, WhatALaterControllerWroteIsLeftAlone) {
  online(kT0, {1, 2});
  store_.states[kT0].controller_epoch = 6;
  kill(1);
  partitions_.handle_state_changes({kT0}, PartitionState::kOfflinePartition);
  EXPECT_FALSE(partitions_.trigger_online_partition_state_change().at(kT0).ok());
  replicas_.handle_state_changes({{kT0, 1}}, ReplicaState::kOfflineReplica);
  EXPECT_EQ(store_.writes, 0);
  config_.defects.ignore_controller_epoch = true;
  EXPECT_TRUE(partitions_.trigger_online_partition_state_change().at(kT0).ok());
}

TEST_F(StateMachinesTest, AControllerThatWasReplacedStopsAtOnce) {
  online(kT0, {1, 2});
  kill(1);
  store_.moved = true;
  partitions_.handle_state_changes({kT0}, PartitionState::kOfflinePartition);
  EXPECT_THROW(partitions_.trigger_online_partition_state_change(), ControllerMovedException);
  EXPECT_TRUE(sender_.sent.empty());
}

/// As somebody who learns might write it.
class WrongSelector : public PartitionLeaderSelector {
 public:
  explicit WrongSelector(SelectedLeader answer) : answer_(std::move(answer)) {}
  const char* name() const override { return "WrongSelector"; }
  std::optional<SelectedLeader> select_leader(const PartitionElection&) const override {
    return answer_;
  }

 private:
  const SelectedLeader answer_;
};

TEST_F(StateMachinesTest, NonsenseOfASelectorIsRefused) {
  online(kT0, {1, 2});
  for (const SelectedLeader& nonsense :
       {SelectedLeader{2, {1}, {}, {}}, SelectedLeader{3, {3}, {}, {}},
        SelectedLeader{kNoLeader, {1, 2}, {}, {}}, SelectedLeader{1, {}, {}, {}}}) {
    EXPECT_FALSE(partitions_.elect_leaders({kT0}, WrongSelector(nonsense)).at(kT0).ok());
  }
  EXPECT_EQ(stored(kT0), (LeaderAndIsr{1, 0, {1, 2}, 0}));
  EXPECT_TRUE(partitions_.elect_leaders({kT0}, WrongSelector({2, {2}, {1, 2}, {}})).at(kT0).ok());
}

TEST_F(StateMachinesTest, AReassignmentsLeaderMayHaveAnIsrWithThoseThatGo) {
  online(kT0, {1, 2});
  test::add_partition(context_, kT0, {2});
  partitions_.elect_leaders({kT0}, *partitions_.selectors().reassigned);
  EXPECT_EQ(stored(kT0), (LeaderAndIsr{2, 1, {1, 2}, 1}));
}

TEST_F(StateMachinesTest, AnOfflineReplicaLeavesTheIsr) {
  online(kT0, {1, 2, 3});
  replicas_.handle_state_changes({{kT0, 3}}, ReplicaState::kOfflineReplica);
  EXPECT_EQ(stored(kT0), (LeaderAndIsr{1, 1, {1, 2}, 1}));
  EXPECT_EQ(context_.replica_state({kT0, 3}), ReplicaState::kOfflineReplica);
  const auto stops = sender_.all<StopReplicaRequest>();
  ASSERT_EQ(stops.size(), 1u);
  EXPECT_EQ(stops[0].first, 3);
  EXPECT_FALSE(stops[0].second.topic_states[0].partition_states[0].delete_partition);
  EXPECT_EQ(sender_.all<LeaderAndIsrRequest>().size(), 2u);  // to 1 and 2
}

TEST_F(StateMachinesTest, TheLastOneInSyncStaysInTheIsr) {
  online(kT0, {1, 2});
  kill(1), kill(2);
  replicas_.handle_state_changes({{kT0, 1}, {kT0, 2}}, ReplicaState::kOfflineReplica);
  EXPECT_EQ(stored(kT0).leader, kNoLeader);
  EXPECT_EQ(stored(kT0).isr, (std::vector<BrokerId>{2}));
}

TEST_F(StateMachinesTest, WithoutReplicaIsPure) {
  EXPECT_EQ(without_replica({1, 4, {1, 2}, 7}, 1), (LeaderAndIsr{kNoLeader, 5, {2}, 7}));
  EXPECT_EQ(without_replica({1, 4, {1, 2}, 7}, 2), (LeaderAndIsr{1, 5, {1}, 7}));
  EXPECT_EQ(without_replica({1, 4, {1}, 7}, 1), (LeaderAndIsr{kNoLeader, 5, {1}, 7}));
}

TEST_F(StateMachinesTest, ALeaderDoesNotBecomeANewReplica) {
  online(kT0, {1, 2});
  context_.put_replica_state({kT0, 1}, ReplicaState::kNonExistentReplica);
  replicas_.handle_state_changes({{kT0, 1}}, ReplicaState::kNewReplica);
  EXPECT_EQ(context_.replica_state({kT0, 1}), ReplicaState::kNonExistentReplica);
}

TEST_F(StateMachinesTest, AReplicaIsDeletedInFourSteps) {
  online(kT0, {1, 2});
  for (ReplicaState state : {ReplicaState::kOfflineReplica, ReplicaState::kReplicaDeletionStarted,
                             ReplicaState::kReplicaDeletionSuccessful}) {
    sender_.sent.clear();
    replicas_.handle_state_changes({{kT0, 2}}, state);
    EXPECT_EQ(context_.replica_state({kT0, 2}), state);
    const auto stops = sender_.all<StopReplicaRequest>();
    EXPECT_EQ(stops.size(), state == ReplicaState::kReplicaDeletionSuccessful ? 0u : 1u);
  }
  replicas_.handle_state_changes({{kT0, 2}}, ReplicaState::kNonExistentReplica);
  EXPECT_EQ(context_.partition_replica_assignment(kT0), (std::vector<BrokerId>{1}));
}

TEST_F(StateMachinesTest, StartupGivesEachItsState) {
  online(kT0, {1, 2});
  online(kT1, {2, 1});
  test::add_partition(context_, {"fresh", 0}, {2});
  for (const auto& [tp, state] : std::map(context_.partition_states())) {
    context_.put_partition_state(tp, PartitionState::kNonExistentPartition);
  }
  kill(1);
  replicas_.startup();
  partitions_.startup();
  EXPECT_EQ(context_.replica_state({kT0, 1}), ReplicaState::kOfflineReplica);
  EXPECT_EQ(context_.replica_state({kT0, 2}), ReplicaState::kOnlineReplica);
  EXPECT_EQ(stored(kT0).leader, 2);
  EXPECT_EQ(stored(kT1).leader, 2);
  EXPECT_EQ(context_.partition_state({"fresh", 0}), PartitionState::kOnlinePartition);
  EXPECT_EQ(context_.offline_partition_count(), 0);
}

}  // namespace
}  // namespace kafkascope
