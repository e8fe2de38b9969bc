// KafkaController whole, on our own ZooKeeper in virtual time: elections, failover, brokers that
// die and return, topics made and deleted.
#include "simulated_controllers.h"

namespace kafkascope {
namespace {

using namespace std::chrono_literals;
using controller::PartitionState;
using controller::ReplicaState;
using protocol::AlterPartitionResponse;
using testing::ElementsAre;
using testing::IsEmpty;

using test::kT0;
using test::kT1;

using KafkaControllerTest = test::SimulatedControllersTest;

TEST_F(KafkaControllerTest, OneOfThreeIsElectedAndTellsAll) {
  start_cluster();
  int32_t epoch = 0;
  for (BrokerId id : {1, 2, 3}) {
    EXPECT_EQ(broker(id).controller.active_controller_id(), 1);
    EXPECT_EQ(broker(id).controller.is_active(), id == 1);
    epoch = std::max(epoch, broker(id).controller.epoch());
  }
  EXPECT_EQ(epoch, 1);
  for (BrokerId id : {1, 2, 3}) {
    const test::BrokerScript& told = broker(id).script;
    EXPECT_TRUE(await([&] { return told.live_brokers.size() == 3 && told.leaders.size() == 2; }));
  }
}

TEST_F(KafkaControllerTest, ANewTopicGetsLeadersAndItsBrokersHear) {
  start_cluster();
  EXPECT_EQ(leader(kT0), 1);
  EXPECT_EQ(leader(kT1), 2);
  EXPECT_EQ(*state(kT1), (LeaderAndIsr{2, 0, {2, 3, 1}, 0}));
  ASSERT_TRUE(await([&] { return broker(3).script.replicas.size() == 2; }));
  EXPECT_TRUE(broker(3).script.replicas.at(kT0).is_new);
  EXPECT_EQ(broker(3).script.replicas.at(kT1).leader, 2);
  EXPECT_EQ(gauge(1, "GlobalPartitionCount"), 2);
  EXPECT_EQ(gauge(1, "ActiveControllerCount"), 1);
  EXPECT_EQ(gauge(2, "ActiveControllerCount"), 0);
}

TEST_F(KafkaControllerTest, AThousandPartitionsAreThereInASecond) {
  start_brokers(3);
  ASSERT_TRUE(await([&] { return active() == 1 && context().live_broker_ids().size() == 3; }));
  create_topic("big", std::vector<std::vector<BrokerId>>(1000, {1, 2, 3}));
  EXPECT_TRUE(await([&] { return broker(3).script.replicas.size() == 1000; }, 2s));
  EXPECT_EQ(context().partitions_in_states({PartitionState::kOnlinePartition}).size(), 1000u);
}

TEST_F(KafkaControllerTest, WhenABrokerDiesItsPartitionsGetNewLeaders) {
  start_cluster();
  crash_broker(2);
  ASSERT_TRUE(await([&] { return leader(kT1) == 3 && isr(kT0).size() == 2; }));
  EXPECT_EQ(state(kT1)->isr, (std::vector<BrokerId>{3, 1}));
  EXPECT_EQ(state(kT0)->isr, (std::vector<BrokerId>{1, 3}));
  EXPECT_EQ(context().replica_state({kT0, 2}), ReplicaState::kOfflineReplica);
  EXPECT_TRUE(await([&] { return broker(3).script.replicas.at(kT1).leader == 3; }));
  start_broker(2);
  EXPECT_TRUE(await([&] { return broker(2).script.replicas.count(kT1) == 1; }));
  EXPECT_EQ(broker(2).script.replicas.at(kT1).leader, 3);
  EXPECT_EQ(context().replica_state({kT0, 2}), ReplicaState::kOnlineReplica);
}

TEST_F(KafkaControllerTest, WithoutALiveReplicaInSyncThePartitionWaitsForOne) {
  start_cluster();
  create_topic("two", {{2, 3}});
  ASSERT_TRUE(await([&] { return all_online({{"two", 0}}); }));
  crash_broker(2);
  ASSERT_TRUE(await([&] { return leader({"two", 0}) == 3; }));
  crash_broker(3);
  ASSERT_TRUE(await([&] { return gauge(1, "OfflinePartitionsCount") == 1; }));
  EXPECT_EQ(state({"two", 0})->isr, (std::vector<BrokerId>{3}));
  start_broker(2);  // lives, but was not in sync
  ASSERT_TRUE(await([&] { return context().is_live_broker(2) && is_idle(1); }));
  EXPECT_EQ(leader({"two", 0}), kNoLeader);
  zk([](KafkaZkClient& kafka) {
    kafka.set_or_create_entity_configs("topics", "two",
                                       {{"unclean.leader.election.enable", "true"}});
  });
  on(1, [](auto& broker) { broker.controller.enable_topic_unclean_leader_election("two"); });
  EXPECT_TRUE(await([&] { return leader({"two", 0}) == 2; }));
  EXPECT_EQ(state({"two", 0})->isr, (std::vector<BrokerId>{2}));
}

TEST_F(KafkaControllerTest, WhenTheControllerDiesAnotherTakesOver) {
  start_cluster();
  crash_broker(1);
  ASSERT_TRUE(await([&] { return active() > 1; }));
  EXPECT_EQ(controller().epoch(), 2);
  ASSERT_TRUE(await([&] { return all_online({kT0, kT1}) && leader(kT0) == 2; }));
  EXPECT_EQ(state(kT0)->isr, (std::vector<BrokerId>{2, 3}));
  EXPECT_TRUE(await([&] { return broker(3).script.controller_epoch == 2; }));
  create_topic("later", {{3, 2}});
  EXPECT_TRUE(await([&] { return all_online({{"later", 0}}); }));
}

TEST_F(KafkaControllerTest, AnExpiredSessionCostsTheOfficeAndTheBrokerRegistersAnew) {
  start_cluster();
  const BrokerEpoch before = broker(1).epoch;
  zookeeper().server().expire_session(broker(1).zookeeper.session_id());
  ASSERT_TRUE(await([&] { return broker(1).epoch > before && active() > 0; }));
  EXPECT_GE(traced("ControllerResigned", {{"epoch", int64_t{1}}}), 1u);
  EXPECT_EQ(controller().epoch(), 2);
  ASSERT_TRUE(await(
      [&] { return context().broker_epoch(1) == broker(1).epoch && all_online({kT0, kT1}); }));
  create_topic("later", {{1, 2, 3}});
  EXPECT_TRUE(await([&] { return all_online({{"later", 0}}); }));
}

TEST_F(KafkaControllerTest, AControllerCutOffFromZooKeeperIsFenced) {
  start_cluster();
  sim().network().cut("broker-1", "zk");
  sim().network().cut("zk", "broker-1");
  ASSERT_TRUE(
      await([&] { return broker(2).controller.is_active() || broker(3).controller.is_active(); }));
  EXPECT_TRUE(broker(1).controller.is_active());  // it does not know yet
  const BrokerId second = broker(2).controller.is_active() ? 2 : 3;
  ASSERT_TRUE(
      await([&] { return broker(second).controller.describe().context.leader_of(kT0) != 1; }));
  sim().network().heal();
  ASSERT_TRUE(await([&] { return !broker(1).controller.is_active(); }));
  ASSERT_TRUE(await([&] { return context().live_broker_ids().size() == 3 && is_idle(second); }));
  EXPECT_EQ(traced("ControllerElected"), 2u);
  EXPECT_EQ(broker(1).controller.epoch(), 0);
}

TEST_F(KafkaControllerTest, PartitionsAreAdded) {
  start_cluster();
  zk([](KafkaZkClient& kafka) {
    TopicAssignment topic = kafka.get_topic_assignments({"t"}).at(0);
    topic.partitions[2] = {{3, 1}, {}, {}};
    kafka.set_topic_assignment(topic, zk::kAnyVersion);
  });
  EXPECT_TRUE(await([&] { return all_online({{"t", 2}}) && leader({"t", 2}) == 3; }));
}

TEST_F(KafkaControllerTest, ATopicIsDeletedEverywhere) {
  start_cluster();
  zk([](KafkaZkClient& kafka) { kafka.create_delete_topic_path("t"); });
  ASSERT_TRUE(await([&] { return context().all_topics.empty(); }));
  for (BrokerId id : {1, 2, 3}) {
    EXPECT_EQ(broker(id).script.deleted, (std::set<TopicPartition>{kT0, kT1}));
    EXPECT_TRUE(broker(id).script.leaders.empty());
  }
  zk([](KafkaZkClient& kafka) {
    EXPECT_FALSE(kafka.path_exists("/brokers/topics/t"));
    EXPECT_THAT(kafka.get_topic_deletions(), IsEmpty());
  });
  create_topic("t", {{1, 2, 3}});  // another one of that name
  EXPECT_TRUE(await([&] { return all_online({kT0}); }));
}

TEST_F(KafkaControllerTest, ADeletionWaitsForTheDeadAndOutlivesTheController) {
  start_cluster();
  crash_broker(3);
  ASSERT_TRUE(await([&] { return context().live_broker_ids().size() == 2 && is_idle(1); }));
  zk([](KafkaZkClient& kafka) { kafka.create_delete_topic_path("t"); });
  ASSERT_TRUE(await([&] { return broker(2).script.deleted.size() == 2; }));
  EXPECT_EQ(context().all_topics.size(), 1u);
  crash_broker(1);
  ASSERT_TRUE(await([&] { return active() == 2; }));
  start_broker(3);
  start_broker(1);
  EXPECT_TRUE(await([&] { return context().all_topics.empty(); }));
  EXPECT_EQ(broker(3).script.deleted.size(), 2u);
}

TEST_F(KafkaControllerTest, AReplicaOnAFailedDiskGoesOffline) {
  start_cluster();
  on(1, [](auto& broker) {
    broker.script.leader_and_isr_errors[kT0] = ErrorCode::kKafkaStorageError;
    broker.kafka.propagate_log_dir_event(1);
  });
  ASSERT_TRUE(await([&] { return leader(kT0) == 2; }));
  EXPECT_EQ(state(kT0)->isr, (std::vector<BrokerId>{2, 3}));
  EXPECT_TRUE(context().is_live_broker(1));
  zk([](KafkaZkClient& kafka) { EXPECT_THAT(kafka.get_log_dir_event_notifications(), IsEmpty()); });
}

TEST_F(KafkaControllerTest, OneSeedOneTrace) {
  std::set<uint64_t> digests;
  for (int run = 0; run < 2; ++run) {
    start_zookeeper(9);
    start_cluster();
    crash_broker(1);
    ASSERT_TRUE(await([&] { return active() > 1 && all_online({kT0, kT1}); }));
    digests.insert(sim().trace().digest());
  }
  EXPECT_EQ(digests.size(), 1u);
}

TEST_F(KafkaControllerTest, ManyTurnsOfManySeedsEndTheSame) {
  for (uint64_t seed = 2; seed <= 6; ++seed) {
    SCOPED_TRACE(seed);
    start_zookeeper(seed);
    sim().network().faults.partial_chance = 0.2;
    start_cluster();
    sim().network().faults.reset_chance = 0.01;
    for (int round = 0; round < 3; ++round) {
      const BrokerId victim = 1 + static_cast<BrokerId>((seed + round) % 3);
      crash_broker(victim);
      sim().scheduler().run_for(std::chrono::milliseconds(500 * round * seed));
      start_broker(victim);
    }
    sim().network().faults.reset_chance = 0;
    ASSERT_TRUE(await([&] {
      return active() > 0 && is_idle(active()) && context().live_broker_ids().size() == 3 &&
             all_online({kT0, kT1});
    }));
    for (const TopicPartition& tp : {kT0, kT1}) {
      EXPECT_EQ(*state(tp), context().partition_leadership_info(tp)->leader_and_isr);
      for (BrokerId id : {1, 2, 3}) {
        EXPECT_EQ(broker(id).script.leaders.at(tp), leader(tp)) << id;
        EXPECT_EQ(broker(id).script.replicas.at(tp).leader_epoch, state(tp)->leader_epoch) << id;
      }
    }
  }
}

}  // namespace
}  // namespace kafkascope
