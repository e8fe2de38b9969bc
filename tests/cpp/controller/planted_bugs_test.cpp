// What each of ControllerDefects changes.
#include "simulated_controllers.h"

namespace kafkascope {
namespace {

using namespace std::chrono_literals;
using protocol::AlterPartitionRequest;
using protocol::AlterPartitionResponse;
using test::kT0;

class PlantedBugsTest : public test::SimulatedControllersTest {
 protected:
  /// Broker 1 leads and is cut off from ZooKeeper until another was elected.
  void depose_the_first() {
    sim().network().cut("broker-1", "zk");
    sim().network().cut("zk", "broker-1");
    ASSERT_TRUE(await(
        [&] { return broker(2).controller.is_active() || broker(3).controller.is_active(); }));
    sim().network().heal();
  }
};

TEST_F(PlantedBugsTest, AcceptingStaleAlterPartition) {
  for (const bool defect : {false, true}) {
    start_zookeeper(3);
    config.defects.accept_stale_alter_partition = defect;
    start_cluster();
    AlterPartitionRequest request;
    request.broker_id = 1;
    request.broker_epoch = broker(1).epoch;
    auto& topic = request.topics.emplace_back();
    topic.topic_id = context().topic_id("t");
    auto& partition = topic.partitions.emplace_back();
    partition.leader_epoch = -5;
    partition.new_isr_with_epochs.push_back({1, broker(1).epoch});
    const auto answer = ask<AlterPartitionResponse>([&](KafkaController& controller, auto done) {
      controller.alter_partition(request, 3, done);
    });
    EXPECT_EQ(code(answer), defect ? ErrorCode::kNone : ErrorCode::kFencedLeaderEpoch);
    EXPECT_EQ(isr(kT0).size(), defect ? 1u : 3u);
  }
}

TEST_F(PlantedBugsTest, NoWatchAfterSessionLoss) {
  for (const bool defect : {false, true}) {
    start_zookeeper(4);
    config.defects.no_watch_after_session_loss = defect;
    start_broker(1);
    ASSERT_TRUE(await([&] { return active() == 1; }));
    zookeeper().server().expire_session(broker(1).zookeeper.session_id());
    ASSERT_TRUE(await([&] { return broker(1).controller.epoch() == 2 && is_idle(1); }));
    create_topic("t", {{1}});
    EXPECT_EQ(await([&] { return all_online({kT0}); }, 30s), !defect);
  }
}

TEST_F(PlantedBugsTest, IgnoringTheControllerEpoch) {
  for (const bool defect : {false, true}) {
    start_zookeeper(5);
    config.defects.ignore_controller_epoch = defect;
    start_cluster();
    depose_the_first();
    ASSERT_TRUE(await([&] { return !broker(1).controller.is_active(); }));
    // A write in the name of the first term, as the one that was deposed might still make.
    ControllerContext old;
    old.epoch = 1, old.epoch_zk_version = 1;
    zk([&](KafkaZkClient& kafka) {
      ZkPartitionStateStore store(config, old, kafka);
      const LeaderAndIsr now = kafka.get_topic_partition_states({kT0}).at(kT0).leader_and_isr;
      const auto write = [&] { store.update({{kT0, now}}); };
      if (defect) {
        EXPECT_NO_THROW(write());
      } else {
        EXPECT_THROW(write(), ControllerMovedException);
      }
    });
  }
}

}  // namespace
}  // namespace kafkascope
