// ISR changes through a controller that a test plays, in virtual time.
#include "replication/default_alter_partition_manager.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/sim/sim_runtime.h"

namespace kafkascope {
namespace {

using namespace std::chrono_literals;
using namespace protocol;  // NOLINT: this file is about messages
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const Uuid kId = Uuid::from_random(1, 2);

/// Keeps requests until the test answers them.
class ScriptedChannel : public ControllerChannel {
 public:
  void send(std::unique_ptr<RequestBody> body, RequestCompletionHandler callback) override {
    bodies.push_back(std::move(body));
    callbacks.push_back(std::move(callback));
  }
  /// The newest request, as it goes at its highest version.
  AlterPartitionRequest request() const { return request_at(bodies.back()->highest_version()); }
  AlterPartitionRequest request_at(int16_t version) const {
    const SharedSlice frame = SharedSlice::of(bodies.back()->encode(version, 1, "b").take_bytes());
    const size_t body = parse_request_header(frame).body_offset;
    return decode<AlterPartitionRequest>(frame.subslice(body, frame.size() - body), version);
  }
  void answer(const AlterPartitionResponse& response) {
    const int16_t version = bodies.back()->highest_version();
    MessageWriter writer;
    encode(response, writer, version);
    ClientResponse frame{.version = version};
    frame.body = SharedSlice::of(writer.take_bytes());
    callbacks.back()(frame);
  }
  /// Accepts all that the newest request asks for.
  void accept() {
    AlterPartitionResponse response;
    const int16_t version = std::min<int16_t>(2, bodies.back()->highest_version());
    for (const auto& topic : request_at(version).topics) {
      auto& out = response.topics.emplace_back();
      out.topic_id = topic.topic_id;
      out.topic_name = topic.topic_name;
      for (const auto& asked : topic.partitions) {
        AlterPartitionResponse::PartitionData data{.partition_index = asked.partition_index};
        data.leader_id = 1;
        data.leader_epoch = asked.leader_epoch;
        data.isr = asked.new_isr;
        data.partition_epoch = asked.partition_epoch + 1;
        out.partitions.push_back(data);
      }
    }
    answer(response);
  }

  std::vector<std::unique_ptr<RequestBody>> bodies;
  std::vector<RequestCompletionHandler> callbacks;
};

class DefaultAlterPartitionManagerTest : public testing::Test {
 protected:
  void run(const std::function<void(DefaultAlterPartitionManager&)>& body,
           MetadataVersion version = kLatestZkVersion) {
#ifdef __SANITIZE_THREAD__
    GTEST_SKIP() << "ThreadSanitizer watches threads, not fibers";
#endif
    Node& node = runtime.add_node("broker-1");
    runtime.call(node, [&] {
      DefaultAlterPartitionManager manager(
          node, {1, [this] { return broker_epoch; }, ProtocolFeatures{version}}, channel);
      manager_ = &manager;
      pause = [&node](Duration time) { node.sleep(time); };
      manager.start();
      body(manager);
      manager.shutdown();
    });
  }
  void submit(PartitionIndex index, std::vector<BrokerId> isr, const Uuid& id = kId) {
    const TopicPartition partition{"t", index};
    manager_->submit(partition, id, {1, 4, std::move(isr), 7}, 5,
                     [this, partition](const Result<LeaderAndIsr>& result) {
                       answers.emplace_back(partition.partition, result);
                     });
    pause(1ms);
  }

  sim::SimRuntime runtime{{}};
  ScriptedChannel channel;
  BrokerEpoch broker_epoch = 30;
  DefaultAlterPartitionManager* manager_ = nullptr;
  std::function<void(Duration)> pause;
  std::vector<std::pair<PartitionIndex, Result<LeaderAndIsr>>> answers;
};

TEST_F(DefaultAlterPartitionManagerTest, TellsTheControllerAndTheLeader) {
  run([&](auto&) {
    submit(0, {1, 2});
    ASSERT_THAT(channel.bodies, SizeIs(1));
    const AlterPartitionRequest request = channel.request();
    EXPECT_EQ(request.broker_id, 1);
    EXPECT_EQ(request.broker_epoch, 30);
    ASSERT_THAT(request.topics, SizeIs(1));
    EXPECT_EQ(request.topics[0].topic_id, kId);
    const auto& partition = request.topics[0].partitions.at(0);
    EXPECT_EQ(partition.leader_epoch, 4);
    EXPECT_EQ(partition.partition_epoch, 7);
    ASSERT_THAT(partition.new_isr_with_epochs, SizeIs(2));
    EXPECT_EQ(partition.new_isr_with_epochs[1].broker_id, 2);
    EXPECT_EQ(partition.new_isr_with_epochs[1].broker_epoch, -1);
    channel.answer({.topics = {{"",
                                kId,
                                {{.partition_index = 0,
                                  .leader_id = 1,
                                  .leader_epoch = 4,
                                  .isr = {1, 2},
                                  .partition_epoch = 8}}}}});
    ASSERT_THAT(answers, SizeIs(1));
    EXPECT_EQ(*answers[0].second, (LeaderAndIsr{1, 4, {1, 2}, 8}));
  });
}

TEST_F(DefaultAlterPartitionManagerTest, OneRequestIsOnItsWayTheOthersGoTogether) {
  run([&](auto&) {
    submit(0, {1, 2});
    submit(1, {1, 2});
    submit(2, {1, 3});
    EXPECT_THAT(channel.bodies, SizeIs(1));
    channel.accept();
    pause(1ms);
    ASSERT_THAT(channel.bodies, SizeIs(2));
    EXPECT_THAT(channel.request().topics.at(0).partitions, SizeIs(2));
    channel.accept();
    EXPECT_THAT(answers, SizeIs(3));
  });
}

TEST_F(DefaultAlterPartitionManagerTest, ASecondChangeOfAPartitionIsNotAttempted) {
  run([&](auto&) {
    submit(0, {1, 2});
    submit(0, {1, 3});
    ASSERT_THAT(answers, SizeIs(1));
    EXPECT_EQ(answers[0].second.code(), ErrorCode::kOperationNotAttempted);
    channel.accept();
    EXPECT_EQ(answers.at(1).second->isr, (std::vector<BrokerId>{1, 2}));
    submit(0, {1, 3});
    EXPECT_THAT(channel.bodies, SizeIs(2)) << "the first one is done";
  });
}

TEST_F(DefaultAlterPartitionManagerTest, EachPartitionHasAnErrorOfItsOwn) {
  run([&](auto&) {
    submit(0, {1, 2});
    channel.accept();
    submit(1, {1});
    submit(2, {1});
    channel.answer({.topics = {{"", kId, {{.partition_index = 1, .error_code = 95}}}}});
    ASSERT_THAT(answers, SizeIs(2));
    EXPECT_EQ(answers[1].second.code(), ErrorCode::kInvalidUpdateVersion);
  });
}

TEST_F(DefaultAlterPartitionManagerTest, ARequestThatIsRefusedIsSentAgainWithWhatIsKnownThen) {
  run([&](auto&) {
    submit(0, {1, 2});
    channel.answer({.error_code = static_cast<int16_t>(ErrorCode::kStaleBrokerEpoch)});
    broker_epoch = 31;
    submit(1, {1, 2});
    pause(40ms);
    EXPECT_THAT(channel.bodies, SizeIs(1));
    pause(20ms);
    ASSERT_THAT(channel.bodies, SizeIs(2));
    EXPECT_EQ(channel.request().broker_epoch, 31);
    EXPECT_THAT(channel.request().topics.at(0).partitions, SizeIs(2));
    EXPECT_THAT(answers, IsEmpty());
    channel.accept();
    EXPECT_THAT(answers, SizeIs(2));
  });
}

TEST_F(DefaultAlterPartitionManagerTest, AnAnswerThatIsNoneIsARefusal) {
  run([&](auto&) {
    submit(0, {1, 2});
    channel.callbacks.back()(
        ClientResponse{.failure = Error{ErrorCode::kUnsupportedVersion, "an old controller"}});
    pause(60ms);
    EXPECT_THAT(channel.bodies, SizeIs(2));
    EXPECT_THAT(answers, IsEmpty());
  });
}

TEST_F(DefaultAlterPartitionManagerTest, APartitionThatTheAnswerLeavesOutIsSentAgain) {
  run([&](auto&) {
    submit(0, {1, 2});
    channel.answer({});
    pause(1ms);
    EXPECT_THAT(channel.bodies, SizeIs(2));
    EXPECT_THAT(answers, IsEmpty());
  });
}

TEST_F(DefaultAlterPartitionManagerTest, OneRequestMayGoToControllersOfSeveralVersions) {
  run([&](auto&) {
    submit(0, {1, 2});
    EXPECT_THAT(channel.request_at(3).topics.at(0).partitions.at(0).new_isr_with_epochs, SizeIs(2));
    EXPECT_THAT(channel.request_at(1).topics.at(0).partitions.at(0).new_isr, ElementsAre(1, 2));
    EXPECT_THAT(channel.request_at(3).topics.at(0).partitions.at(0).new_isr_with_epochs, SizeIs(2));
  });
}

TEST_F(DefaultAlterPartitionManagerTest, WithoutTopicIdsTopicsGoByName) {
  run(
      [&](auto&) {
        submit(0, {1, 2});
        EXPECT_EQ(channel.bodies.back()->highest_version(), 1);
        const AlterPartitionRequest request = channel.request();
        EXPECT_EQ(request.topics.at(0).topic_name, "t");
        EXPECT_THAT(request.topics[0].partitions.at(0).new_isr, ElementsAre(1, 2));
        channel.accept();
        EXPECT_THAT(answers, SizeIs(1));
      },
      MetadataVersion::k2_7_Iv2);
}

TEST_F(DefaultAlterPartitionManagerTest, OneTopicWithoutAnIdMakesAllGoByName) {
  run([&](auto&) {
    submit(0, {1, 2}, Uuid());
    EXPECT_EQ(channel.bodies.back()->highest_version(), 1);
    channel.accept();
    EXPECT_THAT(answers, SizeIs(1));
  });
}

}  // namespace
}  // namespace kafkascope
