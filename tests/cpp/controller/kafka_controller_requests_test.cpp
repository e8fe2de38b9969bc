// What brokers, clients and tools ask of a controller: ISR changes, elections, reassignments,
// controlled shutdown, producer ids. And who is refused.
#include "simulated_controllers.h"

namespace kafkascope {
namespace {

using namespace std::chrono_literals;
using controller::ReplicaState;
using protocol::AlterPartitionResponse;
using test::kT0;
using test::kT1;
using testing::ElementsAre;
using testing::IsEmpty;

using Ids = std::vector<BrokerId>;
using Elected = std::map<TopicPartition, Result<BrokerId>>;
using Reassigned = Result<std::map<TopicPartition, Error>>;
using Moving = Result<std::map<TopicPartition, ReplicaAssignment>>;

class KafkaControllerRequestsTest : public test::SimulatedControllersTest {
 protected:
  void SetUp() override {
    SimulatedControllersTest::SetUp();
    config.auto_leader_rebalance_enable = false;
  }
  Elected elect(std::set<TopicPartition> partitions, ElectionType type) {
    return ask<Elected>([&](KafkaController& controller, auto answer) {
      controller.elect_leaders(partitions, type, answer);
    });
  }
  Reassigned reassign(const TopicPartition& tp, std::optional<Ids> replicas) {
    return ask<Reassigned>([&](KafkaController& controller, auto answer) {
      controller.alter_partition_reassignments({{tp, replicas}}, answer);
    });
  }
  Moving moving() {
    return ask<Moving>([](KafkaController& controller, auto answer) {
      controller.list_partition_reassignments(std::nullopt, answer);
    });
  }
  ReplicaAssignment assignment_in_zookeeper(const TopicPartition& tp) {
    ReplicaAssignment found;
    zk([&](KafkaZkClient& kafka) {
      found = kafka.get_topic_assignments({tp.topic}).at(0).partitions.at(tp.partition);
    });
    return found;
  }
  bool has_replica(BrokerId id, const TopicPartition& tp) {
    return broker(id).script.replicas.count(tp) > 0;
  }
  Result<std::set<TopicPartition>> shut_down(BrokerId id, BrokerEpoch epoch) {
    return ask<Result<std::set<TopicPartition>>>([&](KafkaController& controller, auto answer) {
      controller.controlled_shutdown(id, epoch, answer);
    });
  }
};

TEST_F(KafkaControllerRequestsTest, ALeaderChangesItsIsrAndAllHear) {
  start_cluster();
  const AlterPartitionResponse answer = alter_isr(kT0, {1, 2});
  EXPECT_EQ(code(answer), ErrorCode::kNone);
  EXPECT_EQ(answer.topics[0].partitions[0].partition_epoch, 1);
  EXPECT_EQ(*state(kT0), (LeaderAndIsr{1, 0, {1, 2}, 1}));
  EXPECT_EQ(isr(kT0), (Ids{1, 2}));
  EXPECT_EQ(code(alter_isr(kT0, {1, 2, 3})), ErrorCode::kNone);
  EXPECT_EQ(traced("IsrChanged", {{"partition", std::string("t-0")}}), 2u);
}

TEST_F(KafkaControllerRequestsTest, WhoIsNotTheControllerSaysSo) {
  start_cluster();
  std::optional<AlterPartitionResponse> altered;
  std::optional<Result<ProducerIdBlock>> block;
  std::optional<Elected> elected;
  on(2, [&](test::SimBroker& broker) {
    broker.controller.alter_partition({}, 3, [&](auto answer) { altered = answer; });
    broker.controller.allocate_producer_ids(2, 1, [&](auto answer) { block.emplace(answer); });
    broker.controller.elect_leaders({kT0}, ElectionType::kPreferred,
                                    [&](auto answer) { elected = answer; });
  });
  ASSERT_TRUE(await([&] { return altered && block && elected; }));
  EXPECT_EQ(code(*altered), ErrorCode::kNotController);
  EXPECT_EQ(block->code(), ErrorCode::kNotController);
  EXPECT_EQ(elected->at(kT0).code(), ErrorCode::kNotController);
}

TEST_F(KafkaControllerRequestsTest, AnIsrThatChangedBehindTheControllersBackIsReadAnew) {
  start_cluster();
  zk([](KafkaZkClient& kafka) {
    kafka.update_leader_and_isr({{kT0, {1, 0, {1, 3}, 0}}}, 1, zk::kAnyVersion);
  });
  EXPECT_EQ(code(alter_isr(kT0, {1, 2})), ErrorCode::kInvalidUpdateVersion);
  EXPECT_EQ(isr(kT0), (Ids{1, 3}));
  EXPECT_EQ(code(alter_isr(kT0, {1, 2})), ErrorCode::kNone);
}

TEST_F(KafkaControllerRequestsTest, ReplicasOfDeadBrokersStayOut) {
  start_cluster();
  EXPECT_EQ(code(alter_isr(kT0, {1, 2})), ErrorCode::kNone);
  crash_broker(3);
  ASSERT_TRUE(await([&] { return !context().is_live_broker(3) && is_idle(1); }));
  EXPECT_EQ(code(alter_isr(kT0, {1, 2, 3})), ErrorCode::kIneligibleReplica);
}

TEST_F(KafkaControllerRequestsTest, IsrChangeNotificationsOfOlderBrokersAreRead) {
  config.protocol.version = MetadataVersion::k2_6_Iv0;
  start_brokers(3);
  ASSERT_TRUE(await([&] { return active() == 1 && context().live_broker_ids().size() == 3; }));
  create_topic("t", {{1, 2, 3}});
  ASSERT_TRUE(await([&] { return all_online({kT0}); }));
  zk([](KafkaZkClient& kafka) {
    kafka.update_leader_and_isr({{kT0, {1, 0, {1, 3}, 0}}}, 1, zk::kAnyVersion);
    kafka.propagate_isr_changes({kT0});
  });
  ASSERT_TRUE(await([&] { return isr(kT0) == (Ids{1, 3}) && is_idle(1); }));
  zk([](KafkaZkClient& kafka) { EXPECT_THAT(kafka.get_isr_change_notifications(), IsEmpty()); });
}

TEST_F(KafkaControllerRequestsTest, PreferredLeadersComeBackOnRequest) {
  start_cluster();
  crash_broker(1);
  ASSERT_TRUE(await([&] { return active() > 1 && all_online({kT0}) && leader(kT0) == 2; }));
  start_broker(1);
  ASSERT_TRUE(await([&] { return context().is_live_broker(1) && is_idle(active()); }));
  EXPECT_EQ(elect({kT0}, ElectionType::kPreferred).at(kT0).code(),
            ErrorCode::kPreferredLeaderNotAvailable);  // not in sync so far
  EXPECT_EQ(code(alter_isr(kT0, {2, 3, 1})), ErrorCode::kNone);
  EXPECT_EQ(gauge(active(), "PreferredReplicaImbalanceCount"), 1);
  const Elected elected = elect({kT0, kT1, {"unknown", 0}}, ElectionType::kPreferred);
  EXPECT_EQ(*elected.at(kT0), 1);
  EXPECT_EQ(elected.at(kT1).code(), ErrorCode::kElectionNotNeeded);
  EXPECT_EQ(elected.at({"unknown", 0}).code(), ErrorCode::kUnknownTopicOrPartition);
  EXPECT_EQ(leader(kT0), 1);
}

TEST_F(KafkaControllerRequestsTest, TheControllerSeeksBalanceByItself) {
  config.auto_leader_rebalance_enable = true;
  config.leader_imbalance_check_interval = 10s;
  start_cluster();
  crash_broker(2);
  ASSERT_TRUE(await([&] { return leader(kT1) == 3; }));
  start_broker(2);
  ASSERT_TRUE(await([&] { return context().is_live_broker(2); }));
  EXPECT_EQ(code(alter_isr(kT1, {3, 1, 2})), ErrorCode::kNone);
  EXPECT_TRUE(await([&] { return leader(kT1) == 2; }, 10min));
}

TEST_F(KafkaControllerRequestsTest, TheOldToolsElectionIsDoneEachTime) {
  start_cluster();
  crash_broker(2);
  ASSERT_TRUE(await([&] { return leader(kT1) == 3; }));
  start_broker(2);
  ASSERT_TRUE(await([&] { return context().is_live_broker(2); }));
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(code(alter_isr(kT1, {3, 1, 2})), ErrorCode::kNone);
    zk([](KafkaZkClient& kafka) { kafka.create_preferred_replica_election({kT1, {"gone", 0}}); });
    ASSERT_TRUE(await([&] { return leader(kT1) == 2 && is_idle(1); }));
    zk([](KafkaZkClient& kafka) {
      EXPECT_FALSE(kafka.path_exists("/admin/preferred_replica_election"));
    });
    ASSERT_TRUE(shut_down(2, broker(2).epoch).ok());  // gives its leadership up again
    crash_broker(2);
    ASSERT_TRUE(await([&] { return !context().is_live_or_shutting_down(2); }));
    start_broker(2);
    ASSERT_TRUE(await([&] { return context().is_live_broker(2) && leader(kT1) == 3; }));
  }
}

TEST_F(KafkaControllerRequestsTest, APersonMayElectAnUncleanLeader) {
  start_cluster();
  EXPECT_EQ(code(alter_isr(kT1, {2})), ErrorCode::kNone);
  crash_broker(2);
  ASSERT_TRUE(await([&] { return gauge(1, "OfflinePartitionsCount") == 1; }));
  EXPECT_EQ(elect({kT1}, ElectionType::kPreferred).at(kT1).code(),
            ErrorCode::kPreferredLeaderNotAvailable);
  EXPECT_EQ(*elect({kT1}, ElectionType::kUnclean).at(kT1), 3);
  EXPECT_EQ(state(kT1)->isr, (Ids{3}));
  EXPECT_EQ(elect({kT1}, ElectionType::kUnclean).at(kT1).code(), ErrorCode::kElectionNotNeeded);
}

TEST_F(KafkaControllerRequestsTest, ABrokerLeavesWithoutALeaderlessMoment) {
  start_cluster();
  EXPECT_EQ(shut_down(9, 1).code(), ErrorCode::kBrokerNotAvailable);
  EXPECT_EQ(shut_down(2, broker(2).epoch - 1).code(), ErrorCode::kStaleBrokerEpoch);
  const auto remaining = shut_down(2, broker(2).epoch);
  ASSERT_TRUE(remaining.ok());
  EXPECT_THAT(*remaining, IsEmpty());
  EXPECT_EQ(leader(kT1), 3);
  EXPECT_EQ(state(kT0)->isr, (Ids{1, 3}));
  EXPECT_EQ(state(kT1)->isr, (Ids{3, 1}));
  EXPECT_EQ(code(alter_isr(kT0, {1, 3, 2})), ErrorCode::kIneligibleReplica);
}

TEST_F(KafkaControllerRequestsTest, ALeaderThatNobodyCanReplaceIsNamed) {
  start_cluster();
  EXPECT_EQ(code(alter_isr(kT1, {2})), ErrorCode::kNone);
  EXPECT_THAT(*shut_down(2, kNoBrokerEpoch), ElementsAre(kT1));
}

TEST_F(KafkaControllerRequestsTest, ProducerIdsComeInBlocks) {
  start_cluster();
  const auto allocate = [&](BrokerId id, BrokerEpoch epoch) {
    return ask<Result<ProducerIdBlock>>([&](KafkaController& controller, auto answer) {
      controller.allocate_producer_ids(id, epoch, answer);
    });
  };
  EXPECT_EQ(*allocate(2, broker(2).epoch), (ProducerIdBlock{2, 0, 999}));
  EXPECT_EQ(*allocate(3, broker(3).epoch), (ProducerIdBlock{3, 1000, 1999}));
  EXPECT_EQ(allocate(3, 1).code(), ErrorCode::kStaleBrokerEpoch);
  EXPECT_EQ(allocate(9, 1).code(), ErrorCode::kBrokerIdNotRegistered);
}

class ReassignmentOnControllerTest : public KafkaControllerRequestsTest {
 protected:
  /// Four brokers; t-0 is on 1, 2 and 3.
  void start_four() {
    start_cluster();
    start_broker(4);
    ASSERT_TRUE(await([&] { return context().is_live_broker(4) && is_idle(1); }));
  }
};

TEST_F(ReassignmentOnControllerTest, MovesOnceTheNewReplicasAreInSync) {
  start_four();
  const Reassigned begun = reassign(kT0, Ids{4, 2});
  EXPECT_EQ(begun->at(kT0).code, ErrorCode::kNone);
  EXPECT_EQ(assignment_in_zookeeper(kT0), (ReplicaAssignment{{4, 2, 1, 3}, {4}, {1, 3}}));
  EXPECT_EQ(moving()->at(kT0).adding, (Ids{4}));
  ASSERT_TRUE(await([&] { return has_replica(4, kT0); }));
  EXPECT_TRUE(broker(4).script.replicas.at(kT0).is_new);
  EXPECT_EQ(state(kT0)->leader_epoch, 1);
  EXPECT_EQ(code(alter_isr(kT0, {1, 2, 3, 4})), ErrorCode::kNone);
  ASSERT_TRUE(await([&] { return moving()->empty(); }));
  EXPECT_EQ(assignment_in_zookeeper(kT0), (ReplicaAssignment{{4, 2}, {}, {}}));
  EXPECT_EQ(state(kT0)->leader, 4);
  EXPECT_EQ(state(kT0)->isr, (Ids{2, 4}));
  ASSERT_TRUE(await([&] { return is_idle(1); }));
  for (BrokerId id : {1, 3}) {
    EXPECT_FALSE(has_replica(id, kT0));
    EXPECT_EQ(broker(id).script.deleted, (std::set<TopicPartition>{kT0}));
    EXPECT_EQ(context().replica_state({kT0, id}), ReplicaState::kNonExistentReplica);
  }
  EXPECT_EQ(traced("ReassignmentCompleted"), 1u);
}

TEST_F(ReassignmentOnControllerTest, ABetterLeaderOnlyWhereTheOldOneGoes) {
  start_four();
  ASSERT_TRUE(reassign(kT0, Ids{4, 1}).ok());
  EXPECT_EQ(code(alter_isr(kT0, {1, 2, 3, 4})), ErrorCode::kNone);
  ASSERT_TRUE(await([&] { return moving()->empty(); }));
  EXPECT_EQ(state(kT0)->leader, 1);
}

TEST_F(ReassignmentOnControllerTest, IsCancelled) {
  start_four();
  ASSERT_TRUE(reassign(kT0, Ids{4, 2}).ok());
  ASSERT_TRUE(await([&] { return has_replica(4, kT0); }));
  EXPECT_EQ(reassign(kT0, std::nullopt)->at(kT0).code, ErrorCode::kNone);
  EXPECT_TRUE(moving()->empty());
  // Their order from before is not written anywhere.
  EXPECT_EQ(assignment_in_zookeeper(kT0), (ReplicaAssignment{{2, 1, 3}, {}, {}}));
  EXPECT_TRUE(await([&] { return !has_replica(4, kT0); }));
  EXPECT_EQ(reassign(kT0, std::nullopt)->at(kT0).code, ErrorCode::kNoReassignmentInProgress);
  EXPECT_EQ(state(kT0)->isr, (Ids{1, 2, 3}));
}

TEST_F(ReassignmentOnControllerTest, RefusesWhatCannotBe) {
  start_four();
  EXPECT_EQ(reassign(kT0, Ids{9})->at(kT0).code, ErrorCode::kInvalidReplicaAssignment);
  EXPECT_EQ(reassign({"u", 0}, Ids{1})->at({"u", 0}).code, ErrorCode::kUnknownTopicOrPartition);
  EXPECT_EQ(traced("ReassignmentStarted"), 0u);
}

TEST_F(ReassignmentOnControllerTest, OutlivesTheController) {
  start_four();
  ASSERT_TRUE(reassign(kT0, Ids{4, 2}).ok());
  crash_broker(1);
  ASSERT_TRUE(await([&] { return active() > 1 && all_online({kT0}) && is_idle(active()); }));
  EXPECT_EQ(moving()->size(), 1u);
  EXPECT_EQ(code(alter_isr(kT0, {2, 3, 4})), ErrorCode::kNone);
  ASSERT_TRUE(await([&] { return moving()->empty(); }));
  EXPECT_EQ(assignment_in_zookeeper(kT0).replicas, (Ids{4, 2}));
  EXPECT_EQ(state(kT0)->isr, (Ids{2, 4}));
}

TEST_F(ReassignmentOnControllerTest, TheOldToolsFileIsFollowedEachTime) {
  start_four();
  for (const Ids& target : {Ids{4, 2}, Ids{1, 2}}) {
    zk([&](KafkaZkClient& kafka) {
      kafka.set_or_create_partition_reassignment({{kT0, target}, {{"gone", 0}, {1}}},
                                                 zk::kAnyVersion);
    });
    ASSERT_TRUE(await([&] { return context().partitions_being_reassigned.count(kT0) > 0; }));
    ASSERT_TRUE(await([&] { return is_idle(1); }));
    EXPECT_EQ(code(alter_isr(kT0, {1, 2, 4})), ErrorCode::kNone);
    ASSERT_TRUE(await([&] { return context().partitions_being_reassigned.empty() && is_idle(1); }));
    EXPECT_EQ(assignment_in_zookeeper(kT0).replicas, target);
    zk([](KafkaZkClient& kafka) { EXPECT_FALSE(kafka.path_exists("/admin/reassign_partitions")); });
  }
}

TEST_F(ReassignmentOnControllerTest, OlderBrokersIsrChangesAreWatched) {
  config.protocol.version = MetadataVersion::k2_6_Iv0;
  start_four();
  ASSERT_TRUE(reassign(kT0, Ids{4, 2}).ok());
  const LeaderAndIsr now = *state(kT0);
  zk([&](KafkaZkClient& kafka) {
    kafka.update_leader_and_isr({{kT0, {1, now.leader_epoch, {1, 2, 3, 4}, now.partition_epoch}}},
                                1, zk::kAnyVersion);
  });
  EXPECT_TRUE(await([&] { return context().partitions_being_reassigned.empty(); }));
  EXPECT_EQ(assignment_in_zookeeper(kT0).replicas, (Ids{4, 2}));
}

TEST_F(ReassignmentOnControllerTest, ADeletionWaitsForIt) {
  start_four();
  ASSERT_TRUE(reassign(kT0, Ids{4, 2}).ok());
  zk([](KafkaZkClient& kafka) { kafka.create_delete_topic_path("t"); });
  ASSERT_TRUE(await([&] { return context().is_topic_queued_up_for_deletion("t") && is_idle(1); }));
  EXPECT_THAT(broker(2).script.deleted, IsEmpty());
  EXPECT_EQ(code(alter_isr(kT0, {1, 2, 3, 4})), ErrorCode::kNone);
  EXPECT_TRUE(await([&] { return context().all_topics.empty(); }));
}

}  // namespace
}  // namespace kafkascope
