// KafkaZkClient against the embedded server: registrations, elections, partition states,
// notifications, with connections that break.
#include "zookeeper/client/client_on_server.h"

namespace kafkascope {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using zk::ZkError;

Broker broker(BrokerId id) {
  return {id, {{"PLAINTEXT", "PLAINTEXT", {"127.0.0.1", 9092}}}, std::nullopt};
}

using KafkaZkClientTest = ClientOnServerTest;

TEST_F(KafkaZkClientTest, ABrokerRegistersItselfAndItsEpochIsTheCzxid) {
  run([&] {
    TestZkClient one(node(), "/kafka");
    TestZkClient two(node(), "/kafka");
    one.kafka.create_top_level_paths();
    const BrokerEpoch first = one.kafka.register_broker(broker(1));
    EXPECT_EQ(one.kafka.register_broker(broker(1)), first);  // as after a lost answer
    EXPECT_GT(two.kafka.register_broker(broker(10)), first);
    EXPECT_THROW((void)two.kafka.register_broker(broker(1)), zk::ZkException);
    EXPECT_EQ(two.kafka.get_broker(1), broker(1));
    EXPECT_EQ(two.kafka.get_broker(2), std::nullopt);
    EXPECT_THAT(one.kafka.get_sorted_broker_list(), ElementsAre(1, 10));
    EXPECT_EQ(one.kafka.get_all_brokers_and_epochs().at(1), std::pair(broker(1), first));
  });
}

TEST_F(KafkaZkClientTest, OfTwoCandidatesOneIsElectedAndTheOldControllerChangesNothing) {
  run([&] {
    TestZkClient one(node());
    TestZkClient two(node());
    one.kafka.create_top_level_paths();
    const ControllerEpoch first = one.kafka.register_controller_and_increment_epoch(1);
    EXPECT_EQ(first.epoch, 1);
    EXPECT_THROW((void)two.kafka.register_controller_and_increment_epoch(2),
                 ControllerMovedException);
    EXPECT_EQ(two.kafka.get_controller_id(), 1);
    one.kafka.delete_controller(first.zk_version);
    EXPECT_EQ(one.kafka.get_controller_id(), std::nullopt);
    const ControllerEpoch second = two.kafka.register_controller_and_increment_epoch(2);
    EXPECT_EQ(second.epoch, 2);
    EXPECT_EQ(one.kafka.get_controller_epoch()->zk_version, second.zk_version);
    EXPECT_THROW(one.kafka.delete_controller(first.zk_version), ControllerMovedException);
    EXPECT_EQ(one.kafka.get_controller_id(), 2);
    const TopicPartition tp{"t", 0};
    two.kafka.create_topic_assignment({"t", Uuid{1, 2}, {{0, {{1, 2}}}}});
    EXPECT_THROW(
        one.kafka.create_topic_partition_states({{tp, {{1, 0, {1}, 0}, 1}}}, first.zk_version),
        ControllerMovedException);
    EXPECT_FALSE(one.kafka.path_exists("/brokers/topics/t/partitions"));
  });
}

TEST_F(KafkaZkClientTest, AThousandPartitionsAreChangedQuicklyEachUnderItsVersion) {
  run([&] {
    TestZkClient client(node());
    client.kafka.create_top_level_paths();
    const ControllerEpoch epoch = client.kafka.register_controller_and_increment_epoch(1);
    client.kafka.create_topic_assignment({"t", std::nullopt, {}});
    std::map<TopicPartition, LeaderIsrAndControllerEpoch> states;
    std::map<TopicPartition, LeaderAndIsr> changes;
    std::vector<TopicPartition> all;
    for (PartitionIndex i = 0; i < 1000; ++i) {
      all.push_back({"t", i});
      states[all.back()] = {{1, 0, {1, 2}, 0}, epoch.epoch};
      changes[all.back()] = {2, 1, {2}, 0};
    }
    for (const auto& [tp, error] :
         client.kafka.create_topic_partition_states(states, epoch.zk_version)) {
      EXPECT_EQ(error, ZkError::kOk) << tp.to_string();
    }
    EXPECT_EQ(client.kafka.get_topic_partition_states(all), states);
    changes[{"t", 7}].partition_epoch = 3;  // not what is there
    changes[{"missing", 0}] = {};
    const Instant start = node().clock().monotonic();
    const auto result = client.kafka.update_leader_and_isr(changes, epoch.epoch, epoch.zk_version);
    EXPECT_LT(node().clock().monotonic() - start, 500ms);
    EXPECT_EQ(result.finished.size(), 999U);
    EXPECT_EQ(result.finished.at({"t", 0}), (LeaderAndIsr{2, 1, {2}, 1}));
    EXPECT_THAT(result.to_retry, ElementsAre(TopicPartition{"t", 7}));
    EXPECT_THAT(result.failed, ElementsAre(Pair(TopicPartition{"missing", 0}, ZkError::kNoNode)));
    client.kafka.delete_topic_znode("t", epoch.zk_version);
    EXPECT_THAT(client.kafka.get_all_topics(), IsEmpty());
  });
}

TEST_F(KafkaZkClientTest, TopicsTheirConfigurationsAndTheirDeletion) {
  run([&] {
    TestZkClient client(node());
    client.kafka.create_top_level_paths();
    const TopicAssignment assignment{"t", Uuid{1, 2}, {{0, {{1, 2, 3}, {3}, {2}}}, {1, {{2, 3}}}}};
    client.kafka.create_topic_assignment(assignment);
    EXPECT_THROW(client.kafka.create_topic_assignment(assignment), zk::ZkException);
    const auto found = client.kafka.get_topic_assignments({"t", "missing"});
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].partitions, assignment.partitions);
    EXPECT_EQ(found[0].topic_id, assignment.topic_id);
    client.kafka.set_or_create_entity_configs("topics", "t", {{"segment.bytes", "1"}});
    client.kafka.set_or_create_entity_configs("topics", "t", {{"segment.bytes", "2"}});
    EXPECT_THAT(client.kafka.get_entity_configs("topics", "t"),
                ElementsAre(Pair("segment.bytes", "2")));
    client.kafka.set_or_create_entity_configs("users", "alice/clients/app", {{"a", "b"}});
    EXPECT_THAT(client.kafka.get_all_entity_configs("users"),
                ElementsAre(Pair("alice", IsEmpty())));
    client.kafka.create_config_change_notification("topics/t");
    const auto changes = client.kafka.get_config_changes();
    EXPECT_THAT(changes, ElementsAre("config_change_0000000000"));
    EXPECT_EQ(client.kafka.get_config_change(changes[0]), "topics/t");
    client.kafka.delete_config_changes(changes);
    EXPECT_EQ(client.kafka.get_config_change(changes[0]), std::nullopt);
    client.kafka.create_delete_topic_path("t");
    EXPECT_THAT(client.kafka.get_topic_deletions(), ElementsAre("t"));
    client.kafka.delete_topic_deletions({"t"}, zk::kAnyVersion);
    client.kafka.delete_topic_configs("t", zk::kAnyVersion);
    EXPECT_THAT(client.kafka.get_all_entity_configs("topics"), IsEmpty());
    EXPECT_THAT(client.kafka.get_topic_deletions(), IsEmpty());
  });
}

TEST_F(KafkaZkClientTest, NotificationsAndWhatTheOlderToolsWrite) {
  run([&] {
    TestZkClient client(node());
    client.kafka.create_top_level_paths();
    client.kafka.propagate_isr_changes({{"a", 0}, {"b", 1}});
    client.kafka.propagate_isr_changes({{"a", 0}});
    const auto numbers = client.kafka.get_isr_change_notifications();
    EXPECT_THAT(numbers, ElementsAre("0000000000", "0000000001"));
    EXPECT_THAT(client.kafka.get_partitions_from_isr_change_notifications(numbers),
                ElementsAre(TopicPartition{"a", 0}, TopicPartition{"b", 1}));
    client.kafka.delete_isr_change_notifications({numbers[0]}, zk::kAnyVersion);
    EXPECT_THAT(client.kafka.get_isr_change_notifications(), ElementsAre(numbers[1]));
    client.kafka.propagate_log_dir_event(4);
    const auto events = client.kafka.get_log_dir_event_notifications();
    EXPECT_THAT(client.kafka.get_brokers_from_log_dir_events(events), ElementsAre(4));
    client.kafka.delete_log_dir_event_notifications(events, zk::kAnyVersion);
    EXPECT_THAT(client.kafka.get_log_dir_event_notifications(), IsEmpty());
    client.kafka.set_or_create_partition_reassignment({{{"a", 0}, {1, 2}}}, zk::kAnyVersion);
    EXPECT_THAT(client.kafka.get_partition_reassignment(),
                ElementsAre(Pair(TopicPartition{"a", 0}, ElementsAre(1, 2))));
    client.set("/admin/reassign_partitions", "{not json");
    EXPECT_THAT(client.kafka.get_partition_reassignment(), IsEmpty());
    client.kafka.set_or_create_partition_reassignment({}, zk::kAnyVersion);
    EXPECT_FALSE(client.kafka.path_exists("/admin/reassign_partitions"));
    client.kafka.create_preferred_replica_election({{"a", 0}});
    EXPECT_THAT(client.kafka.get_preferred_replica_election(), ElementsAre(TopicPartition{"a", 0}));
    client.kafka.delete_preferred_replica_election(zk::kAnyVersion);
    EXPECT_THAT(client.kafka.get_preferred_replica_election(), IsEmpty());
  });
}

TEST_F(KafkaZkClientTest, IdsAreGivenOnce) {
  run([&] {
    TestZkClient one(node());
    TestZkClient two(node());
    one.kafka.create_top_level_paths();
    EXPECT_EQ(one.kafka.create_or_get_cluster_id("first"), "first");
    EXPECT_EQ(two.kafka.create_or_get_cluster_id("second"), "first");
    EXPECT_EQ(one.kafka.allocate_producer_id_block(1, 1000), 0);
    EXPECT_EQ(two.kafka.allocate_producer_id_block(2, 1000), 1000);
    EXPECT_EQ(one.text("/latest_producer_id_block"),
              R"({"version":1,"broker":2,"block_start":"1000","block_end":"1999"})");
    EXPECT_EQ(one.kafka.generate_broker_sequence_id(), 1);
    EXPECT_EQ(two.kafka.generate_broker_sequence_id(), 2);
  });
}

TEST_F(KafkaZkClientTest, ANodeOfTheExpiredSessionOfThisBrokerIsReplaced) {
  run([&] {
    TestZkClient client(node());
    client.kafka.create_top_level_paths();
    const BrokerEpoch first = client.kafka.register_broker(broker(1));
    std::vector<std::string> told;
    client.zookeeper.register_state_change_handler(std::make_shared<RecordingHandler>("", told));
    sim.server().expire_session(client.zookeeper.session_id());
    await([&] { return told.size() == 2; });
    EXPECT_GT(client.kafka.register_broker(broker(1)), first);
  });
}

/// Three brokers race for each of ten epochs while connections break at random.
std::map<int32_t, std::vector<BrokerId>> race(zk::SimServer& sim, int32_t epochs) {
  std::map<int32_t, std::vector<BrokerId>> winners;
  Node& node = sim.client_node;
  TestZkClient(node).kafka.create_top_level_paths();
  sim.sim.network().faults.reset_chance = 0.05;
  std::vector<std::unique_ptr<Thread>> candidates;
  for (BrokerId id = 1; id <= 3; ++id) {
    candidates.push_back(std::make_unique<Thread>(node, "candidate", [&, id] {
      TestZkClient client(node, "", 60s);
      for (;;) {
        const auto now = client.kafka.get_controller_epoch();
        if (now && now->epoch >= epochs) return;
        try {
          const ControllerEpoch won = client.kafka.register_controller_and_increment_epoch(id);
          winners[won.epoch].push_back(id);
          client.kafka.delete_controller(won.zk_version);
        } catch (const ControllerMovedException&) {
          node.sleep(1ms);
        }
      }
    }));
  }
  for (const auto& candidate : candidates) candidate->join();
  sim.sim.network().faults.reset_chance = 0;
  return winners;
}

TEST(ControllerElectionTest, EveryEpochHasOneControllerWhateverBreaks) {
  constexpr int32_t kEpochs = 10;
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    zk::SimServer sim(seed);
    ASSERT_TRUE(sim.start());
    sim.run([&] {
      const auto winners = race(sim, kEpochs);
      for (int32_t epoch = 1; epoch <= kEpochs; ++epoch) {
        ASSERT_TRUE(winners.contains(epoch)) << "seed " << seed << ", epoch " << epoch;
        EXPECT_EQ(winners.at(epoch).size(), 1U) << "seed " << seed << ", epoch " << epoch;
      }
    });
  }
}

/// Brokers count under a version while connections break: what was answered once counts once.
TEST(ProducerIdBlockTest, NoIdIsGivenTwiceWhateverBreaks) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    zk::SimServer sim(seed);
    ASSERT_TRUE(sim.start());
    sim.run([&] {
      Node& node = sim.client_node;
      TestZkClient(node).kafka.create_top_level_paths();
      sim.sim.network().faults.reset_chance = 0.05;
      std::vector<ProducerId> starts;
      std::vector<std::unique_ptr<Thread>> brokers;
      for (BrokerId id = 1; id <= 3; ++id) {
        brokers.push_back(std::make_unique<Thread>(node, "broker", [&, id] {
          TestZkClient client(node, "", 60s);
          for (int i = 0; i < 10; ++i) {
            starts.push_back(client.kafka.allocate_producer_id_block(id, 1000));
          }
        }));
      }
      for (const auto& broker : brokers) broker->join();
      sim.sim.network().faults.reset_chance = 0;
      std::sort(starts.begin(), starts.end());
      EXPECT_EQ(std::adjacent_find(starts.begin(), starts.end()), starts.end()) << "seed " << seed;
      EXPECT_EQ(starts.size(), 30U);
    });
  }
}

}  // namespace
}  // namespace kafkascope
