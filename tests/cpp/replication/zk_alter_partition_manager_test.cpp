// ISR changes that the leader writes to ZooKeeper itself.
#include "replication/zk_alter_partition_manager.h"

#include "zookeeper/client/client_on_server.h"

namespace kafkascope {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;
using testing::SizeIs;

const TopicPartition kPartition{"t", 0};
const LeaderAndIsr kAtFirst{1, 0, {1, 2}, 0};

class ZkAlterPartitionManagerTest : public ClientOnServerTest {
 protected:
  /// A partition with the state kAtFirst of controller epoch 1.
  static void make_partition(KafkaZkClient& zk) {
    zk.create_top_level_paths();
    const ControllerEpoch epoch = zk.register_controller_and_increment_epoch(1);
    zk.create_topic_assignment({"t", std::nullopt, {{0, {{1, 2}, {}, {}}}}});
    zk.create_topic_partition_states({{kPartition, {kAtFirst, epoch.epoch}}}, epoch.zk_version);
  }
  static Result<LeaderAndIsr> submit(ZkAlterPartitionManager& manager,
                                     const LeaderAndIsr& proposed) {
    std::optional<Result<LeaderAndIsr>> answer;
    manager.submit(kPartition, Uuid(), proposed, 1,
                   [&](const Result<LeaderAndIsr>& result) { answer = result; });
    EXPECT_TRUE(answer) << "before submit returns";
    return answer.value_or(Result<LeaderAndIsr>(ErrorCode::kUnknownServerError));
  }
};

TEST_F(ZkAlterPartitionManagerTest, WritesWhereTheVersionStillIsThatOfTheProposal) {
  run([&] {
    TestZkClient client(node());
    make_partition(client.kafka);
    ZkAlterPartitionManager manager(node(), client.kafka);
    const auto shrunk = submit(manager, {1, 0, {1}, 0});
    ASSERT_TRUE(shrunk.ok());
    EXPECT_EQ(*shrunk, (LeaderAndIsr{1, 0, {1}, 1}));
    const auto there = client.kafka.get_topic_partition_states({kPartition}).at(kPartition);
    EXPECT_EQ(there.leader_and_isr, *shrunk);
    EXPECT_EQ(there.controller_epoch, 1);
    EXPECT_EQ(submit(manager, {1, 0, {1, 2}, 0}).code(), ErrorCode::kInvalidUpdateVersion)
        << "an old version";
    EXPECT_EQ(client.kafka.get_topic_partition_states({kPartition}).at(kPartition), there);
  });
}

TEST_F(ZkAlterPartitionManagerTest, AWriteWhoseAnswerWasLostIsFoundToBeItsOwn) {
  run([&] {
    TestZkClient client(node());
    make_partition(client.kafka);
    // What the first try wrote.
    client.kafka.update_leader_and_isr({{kPartition, {1, 0, {1}, 0}}}, 1, zk::kAnyVersion);
    ZkAlterPartitionManager manager(node(), client.kafka);
    const auto again = submit(manager, {1, 0, {1}, 0});
    ASSERT_TRUE(again.ok());
    EXPECT_EQ(again->partition_epoch, 1);
  });
}

TEST_F(ZkAlterPartitionManagerTest, ThePartitionMayBeGone) {
  run([&] {
    TestZkClient client(node());
    client.kafka.create_top_level_paths();
    ZkAlterPartitionManager manager(node(), client.kafka);
    EXPECT_EQ(submit(manager, {1, 0, {1}, 0}).code(), ErrorCode::kInvalidUpdateVersion);
    node().sleep(10s);
    manager.maybe_propagate_isr_changes();
    EXPECT_THAT(client.kafka.get_isr_change_notifications(), IsEmpty());
  });
}

TEST_F(ZkAlterPartitionManagerTest, TheControllerIsToldOnceItIsQuiet) {
  run([&] {
    TestZkClient client(node());
    make_partition(client.kafka);
    ZkAlterPartitionManager manager(node(), client.kafka);
    manager.maybe_propagate_isr_changes();
    ASSERT_TRUE(submit(manager, {1, 0, {1}, 0}).ok());
    node().sleep(4s);
    ASSERT_TRUE(submit(manager, {1, 0, {1, 2}, 1}).ok());
    node().sleep(4s);
    manager.maybe_propagate_isr_changes();
    EXPECT_THAT(client.kafka.get_isr_change_notifications(), IsEmpty()) << "4 s after the last";
    node().sleep(2s);
    manager.maybe_propagate_isr_changes();
    const auto told = client.kafka.get_isr_change_notifications();
    ASSERT_THAT(told, SizeIs(1));
    EXPECT_EQ(client.kafka.get_partitions_from_isr_change_notifications(told),
              std::set<TopicPartition>{kPartition});
    node().sleep(10s);
    manager.maybe_propagate_isr_changes();
    EXPECT_THAT(client.kafka.get_isr_change_notifications(), SizeIs(1)) << "once";
  });
}

TEST_F(ZkAlterPartitionManagerTest, TheControllerIsToldInTheEndThoughItIsNeverQuiet) {
  run([&] {
    TestZkClient client(node());
    make_partition(client.kafka);
    ZkAlterPartitionManager manager(node(), client.kafka);
    for (int32_t version = 0; version < 16; ++version) {
      ASSERT_TRUE(submit(manager, {1, 0, {1}, version}).ok());
      node().sleep(4s);
      manager.maybe_propagate_isr_changes();
    }
    EXPECT_THAT(client.kafka.get_isr_change_notifications(), SizeIs(1));
  });
}

}  // namespace
}  // namespace kafkascope
