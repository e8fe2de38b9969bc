// Topics are deleted across dead brokers, failures and reassignments.
#include "controller/topic_deletion_manager.h"

#include <gtest/gtest.h>

#include "controller_test_support.h"
#include "manual_node.h"
#include "runtime/metrics/meter.h"

namespace kafkascope {
namespace {

using controller::PartitionState;
using controller::ReplicaState;
using protocol::StopReplicaRequest;

const TopicPartition kT0{"t", 0};

class FakeDeletionClient : public DeletionClient {
 public:
  void delete_topic(const std::string& topic) override { deleted.insert(topic); }
  void delete_topic_deletions(const std::set<std::string>& topics) override { dropped = topics; }
  void mute_partition_modifications(const std::string& topic) override { muted.insert(topic); }
  void send_metadata_update(const std::set<TopicPartition>& partitions) override {
    told.insert(partitions.begin(), partitions.end());
  }
  std::set<std::string> deleted, dropped, muted;
  std::set<TopicPartition> told;
};

class TopicDeletionManagerTest : public testing::Test {
 protected:
  TopicDeletionManagerTest()
      : context_(test::context_with_brokers(2)),
        unclean_(node_.clock),
        partitions_(node_.node, config_, context_, store_, sender_, {}, unclean_),
        replicas_(node_.node, config_, context_, store_, sender_),
        manager_(node_.node, config_, context_, replicas_, partitions_, client_) {
    test::add_partition(context_, kT0, {1, 2});
    store_.states[kT0] = {{1, 0, {1, 2}, 0}, 5};
    context_.put_partition_leadership_info(kT0, store_.states[kT0]);
    context_.put_partition_state(kT0, PartitionState::kOnlinePartition);
    for (BrokerId id : {1, 2}) context_.put_replica_state({kT0, id}, ReplicaState::kOnlineReplica);
  }

  /// Brokers that were asked to delete the replica since the last call.
  std::set<BrokerId> asked_to_delete() {
    std::set<BrokerId> asked;
    for (const ControlRequest& request : sender_.sent) {
      if (!request.deletions.empty()) asked.insert(request.broker);
    }
    sender_.sent.clear();
    return asked;
  }

  ManualNode node_;
  ControllerConfig config_;
  ControllerContext context_;
  test::FakeStore store_;
  test::FakeSender sender_;
  Meter unclean_;
  PartitionStateMachine partitions_;
  ReplicaStateMachine replicas_;
  FakeDeletionClient client_;
  TopicDeletionManager manager_;
};

TEST_F(TopicDeletionManagerTest, AllReplicasThenTheTopic) {
  manager_.enqueue_topics_for_deletion({"t"});
  EXPECT_EQ(asked_to_delete(), (std::set<BrokerId>{1, 2}));
  EXPECT_EQ(client_.told, (std::set<TopicPartition>{kT0}));
  EXPECT_EQ(context_.partition_state(kT0), PartitionState::kNonExistentPartition);
  manager_.complete_replica_deletion({{kT0, 1}});
  EXPECT_TRUE(client_.deleted.empty());
  manager_.complete_replica_deletion({{kT0, 2}});
  EXPECT_EQ(client_.deleted, (std::set<std::string>{"t"}));
  EXPECT_EQ(client_.muted, (std::set<std::string>{"t"}));
  EXPECT_TRUE(context_.all_topics.empty());
  EXPECT_TRUE(context_.replica_states().empty());
}

TEST_F(TopicDeletionManagerTest, WaitsForABrokerThatIsDead) {
  context_.remove_live_broker(2);
  replicas_.handle_state_changes({{kT0, 2}}, ReplicaState::kOfflineReplica);
  manager_.enqueue_topics_for_deletion({"t"});
  EXPECT_EQ(asked_to_delete(), (std::set<BrokerId>{1}));
  manager_.complete_replica_deletion({{kT0, 1}});
  EXPECT_TRUE(client_.deleted.empty());
  EXPECT_EQ(context_.topics_ineligible_for_deletion, (std::set<std::string>{"t"}));
  context_.add_live_broker(test::broker(2), 500);
  replicas_.handle_state_changes({{kT0, 2}}, ReplicaState::kOnlineReplica);
  manager_.resume_deletion_for_topics({"t"});
  EXPECT_EQ(asked_to_delete(), (std::set<BrokerId>{2}));
  manager_.complete_replica_deletion({{kT0, 2}});
  EXPECT_EQ(client_.deleted, (std::set<std::string>{"t"}));
}

TEST_F(TopicDeletionManagerTest, ARefusalHaltsUntilItIsResumed) {
  manager_.enqueue_topics_for_deletion({"t"});
  (void)asked_to_delete();
  manager_.complete_replica_deletion({{kT0, 1}});
  manager_.fail_replica_deletion({{kT0, 2}});
  EXPECT_TRUE(asked_to_delete().empty());
  manager_.resume_deletion_for_topics({"t"});
  EXPECT_EQ(asked_to_delete(), (std::set<BrokerId>{2}));
}

TEST_F(TopicDeletionManagerTest, ATopicThatIsHaltedIsNotBegun) {
  context_.queue_topic_deletion({"t"});
  manager_.mark_topics_ineligible_for_deletion({"t", "other"}, "a reassignment");
  manager_.resume_deletions();
  EXPECT_TRUE(asked_to_delete().empty());
  EXPECT_EQ(context_.topics_ineligible_for_deletion.count("other"), 0u);
}

TEST_F(TopicDeletionManagerTest, WhereItIsDisabledTheRequestsAreDropped) {
  config_.delete_topic_enable = false;
  manager_.init({"t"}, {});
  EXPECT_EQ(client_.dropped, (std::set<std::string>{"t"}));
  EXPECT_FALSE(context_.is_topic_queued_up_for_deletion("t"));
}

}  // namespace
}  // namespace kafkascope
