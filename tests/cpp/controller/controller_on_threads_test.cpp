// The controller on OS threads and real sockets: for ThreadSanitizer, and for what a simulation
// cannot show.
#include <filesystem>

#include "runtime/real/real_runtime.h"
#include "simulated_controllers.h"

namespace kafkascope {
namespace {

using namespace std::chrono_literals;
using test::SimBroker;

class ControllerOnThreadsTest : public testing::Test {
 protected:
  ControllerOnThreadsTest()
      : node_(runtime_.make_node("broker-1")),
        data_(std::filesystem::temp_directory_path() /
              ("controller-" + std::to_string(node_->clock().wall_ms()))),
        zookeeper_(*node_, {.address = {"127.0.0.1", 0}, .data_dir = data_.string()}) {
    zookeeper_.startup();
  }
  ~ControllerOnThreadsTest() override {
    zookeeper_.shutdown();
    std::filesystem::remove_all(data_);
  }
  bool await(const std::function<bool()>& done) {
    const Instant limit = node_->clock().monotonic() + 30s;
    while (!done() && node_->clock().monotonic() < limit) node_->sleep(5ms);
    return done();
  }

  real::RealRuntime runtime_;
  std::unique_ptr<Node> node_;
  const std::filesystem::path data_;
  zk::ZooKeeperServer zookeeper_;
};

TEST_F(ControllerOnThreadsTest, MakesAndDeletesATopicWhileManyLookOn) {
  SimBroker broker(*node_, test::with_id({}, 1), zookeeper_.endpoint(), "127.0.0.1", 0);
  broker.start();
  const auto online = [&] {
    return broker.controller.describe()
        .context.partitions_in_states({controller::PartitionState::kOnlinePartition})
        .size();
  };
  TopicAssignment topic{"t", Uuid{7, 1}, {}};
  for (PartitionIndex i = 0; i < 20; ++i) topic.partitions[i] = {{1}, {}, {}};
  broker.kafka.create_topic_assignment(topic);
  EXPECT_TRUE(await([&] { return online() == 20 && !broker.metrics.snapshot().empty(); }));
  zookeeper_.expire_session(broker.zookeeper.session_id());
  EXPECT_TRUE(await([&] { return broker.controller.epoch() == 2 && online() == 20; }));
  broker.kafka.create_delete_topic_path("t");
  EXPECT_TRUE(await([&] { return broker.controller.describe().context.all_topics.empty(); }));
  broker.stop();
}

}  // namespace
}  // namespace kafkascope
