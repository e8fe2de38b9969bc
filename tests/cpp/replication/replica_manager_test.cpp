// ReplicaManager in a cluster: what the controller tells it, and requests that wait for replicas.
#include "replication/replica_manager.h"

#include "partition_test_support.h"
#include "replication/replication_quota_manager.h"
#include "runtime/metrics/metrics_registry.h"

namespace kafkascope {
namespace {

using namespace std::chrono_literals;
using namespace protocol;  // NOLINT: this file is about messages
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

const TopicPartition kT1{"t", 1};
const Uuid kId = Uuid::from_random(1, 2);

/// Keeps who is followed, and in which order it was asked.
class ScriptedFetchers : public FetcherManager {
 public:
  void add_fetcher_for_partitions(
      const std::map<TopicPartition, InitialFetchState>& partitions) override {
    for (const auto& [name, state] : partitions) {
      followed[name] = state;
      calls.push_back("add " + name.to_string());
    }
  }
  void remove_fetcher_for_partitions(const std::set<TopicPartition>& partitions) override {
    for (const TopicPartition& name : partitions) {
      followed.erase(name);
      calls.push_back("remove " + name.to_string());
    }
  }
  void shutdown_idle_fetcher_threads() override { calls.emplace_back("idle"); }
  void shutdown() override { calls.emplace_back("shutdown"); }

  std::map<TopicPartition, InitialFetchState> followed;
  std::vector<std::string> calls;
};

class ReplicaManagerTest : public testing::Test, protected DiskFixture {
 protected:
  ReplicaManagerTest() { add_brokers(metadata); }
  ~ReplicaManagerTest() override {
    if (replicas_) replicas_->shutdown();
  }

  void make(ReplicationConfig config = {}) {
    config.broker_id = kLocal;
    replicas_.emplace(test.node, config, logs, metadata, metrics_);
    replicas_->join_cluster(
        {controller_, fetchers_, [this](const std::string&) { return topic_config_; }});
  }
  static LeaderAndIsrRequest::LeaderAndIsrPartitionState role(PartitionIndex index, BrokerId leader,
                                                              LeaderEpoch epoch,
                                                              std::vector<BrokerId> isr,
                                                              int32_t version) {
    LeaderAndIsrRequest::LeaderAndIsrPartitionState state{.partition_index = index};
    state.controller_epoch = 5;
    state.leader = leader;
    state.leader_epoch = epoch;
    state.isr = std::move(isr);
    state.partition_epoch = version;
    state.replicas = {1, 2, 3};
    state.is_new = true;
    return state;
  }
  LeaderAndIsrResponse tell(std::vector<LeaderAndIsrRequest::LeaderAndIsrPartitionState> states,
                            int32_t controller_epoch = 5, const Uuid& id = kId) {
    LeaderAndIsrRequest request{.controller_id = 9, .controller_epoch = controller_epoch};
    request.topic_states.push_back({"t", id, std::move(states)});
    return replicas_->become_leader_or_follower(request, 7);
  }
  /// The error of the only partition.
  static ErrorCode error_of(const LeaderAndIsrResponse& response) {
    EXPECT_THAT(response.topics, SizeIs(1));
    EXPECT_EQ(response.topics.at(0).topic_id, kId);
    return static_cast<ErrorCode>(response.topics.at(0).partition_errors.at(0).error_code);
  }
  void lead(LeaderEpoch epoch = 0, std::vector<BrokerId> isr = {1, 2}, int32_t version = 0) {
    ASSERT_EQ(error_of(tell({role(0, kLocal, epoch, std::move(isr), version)})), ErrorCode::kNone);
  }
  Partition& partition() { return *replicas_->find_partition(kT0); }
  void produce(int records, int16_t acks = -1) {
    replicas_->append_records(10s, acks, AppendOrigin::kClient, {{kT0, make_batch(records)}},
                              [this](const ProduceResults& r) { produced_.push_back(r.at(kT0)); });
  }
  FetchParams follower(BrokerId id) const {
    return {.max_bytes = 1 << 20, .isolation = FetchIsolation::kLogEnd, .replica_id = id};
  }
  void fetch(FetchParams params, Offset offset, Offset log_start = 0) {
    replicas_->fetch_messages(
        params, {{kT0, offset, 1 << 20, kNoLeaderEpoch, kNoLeaderEpoch, log_start}},
        [this](FetchResults r) { fetched_.push_back(std::move(r.at(0).second)); });
  }
  StopReplicaResponse stop(LeaderEpoch epoch, bool and_delete, int32_t controller_epoch = 5) {
    StopReplicaRequest request{.controller_epoch = controller_epoch};
    request.topic_states.push_back({"t", {{0, epoch, and_delete}}});
    return replicas_->stop_replicas(request);
  }
  double gauge(const char* name) {
    return metrics_.snapshot().at({"kafka.server", "ReplicaManager", name, {}}).at("Value");
  }

  MetricsRegistry metrics_{test.node};
  ScriptedAlterPartition controller_;
  ScriptedFetchers fetchers_;
  ConfigMap topic_config_;
  std::optional<ReplicaManager> replicas_;
  std::vector<LogAppendInfo> produced_;
  std::vector<FetchPartitionResult> fetched_;
};

TEST_F(ReplicaManagerTest, LeadsAndFollowsWhatItIsTold) {
  make();
  const auto response = tell({role(0, kLocal, 0, {1, 2}, 0), role(1, 2, 0, {2}, 0)});
  EXPECT_EQ(response.error_code, 0);
  EXPECT_TRUE(partition().is_leader());
  ASSERT_TRUE(fetchers_.followed.contains(kT1));
  const InitialFetchState& state = fetchers_.followed[kT1];
  EXPECT_EQ(state.leader.id, 2);
  EXPECT_EQ(state.leader.endpoint, (Endpoint{"host2", 9092}));
  EXPECT_EQ(state.topic_id, kId);
  EXPECT_THAT(fetchers_.calls, ElementsAre("remove t-0", "remove t-1", "add t-1", "idle"));
  EXPECT_EQ(gauge("LeaderCount"), 1);
  EXPECT_EQ(gauge("PartitionCount"), 2);
  EXPECT_EQ(gauge("UnderReplicatedPartitions"), 1);
}

TEST_F(ReplicaManagerTest, TheAnswerNamesTopicsAsItsVersionDoes) {
  make();
  LeaderAndIsrRequest request{.controller_epoch = 5};
  auto state = role(0, kLocal, 0, {1}, 0);
  state.topic_name = "t";
  request.ungrouped_partition_states.push_back(state);
  const auto response = replicas_->become_leader_or_follower(request, 1);
  ASSERT_THAT(response.partition_errors, SizeIs(1));
  EXPECT_EQ(response.partition_errors[0].topic_name, "t");
  EXPECT_TRUE(partition().is_leader());
}

TEST_F(ReplicaManagerTest, AnOlderControllerIsNotObeyed) {
  make();
  lead(0);
  ASSERT_EQ(error_of(tell({role(0, 2, 1, {2}, 1)}, 7)), ErrorCode::kNone);
  const auto stale = tell({role(0, kLocal, 2, {1}, 2)}, 6);
  EXPECT_EQ(stale.error_code, static_cast<int16_t>(ErrorCode::kStaleControllerEpoch));
  EXPECT_THAT(stale.topics, IsEmpty());
  EXPECT_FALSE(partition().is_leader());
  EXPECT_EQ(stop(-2, true, 6).error_code, static_cast<int16_t>(ErrorCode::kStaleControllerEpoch));
  EXPECT_NE(replicas_->find_partition(kT0), nullptr);
  EXPECT_EQ(replicas_->maybe_update_metadata_cache({.controller_epoch = 6}).code(),
            ErrorCode::kStaleControllerEpoch);
  EXPECT_EQ(replicas_->controller_epoch(), 7);
}

TEST_F(ReplicaManagerTest, ALeaderEpochIsTakenOnce) {
  make();
  lead(3);
  EXPECT_EQ(error_of(tell({role(0, 2, 3, {2}, 1)})), ErrorCode::kStaleControllerEpoch);
  EXPECT_EQ(error_of(tell({role(0, 2, 2, {2}, 1)})), ErrorCode::kStaleControllerEpoch);
  EXPECT_TRUE(partition().is_leader());
}

TEST_F(ReplicaManagerTest, PartitionsThatAreNotItsOwnAreRefused) {
  make();
  auto other = role(0, 2, 0, {2}, 0);
  other.replicas = {2, 3};
  EXPECT_EQ(error_of(tell({other})), ErrorCode::kUnknownTopicOrPartition);
  EXPECT_EQ(replicas_->find_partition(kT0), nullptr);
}

TEST_F(ReplicaManagerTest, ATopicOfAnotherIdIsAnotherTopic) {
  make();
  lead();
  const auto response = tell({role(0, 2, 1, {2}, 1)}, 5, Uuid::from_random(3, 4));
  EXPECT_EQ(response.topics.at(0).partition_errors.at(0).error_code,
            static_cast<int16_t>(ErrorCode::kInconsistentTopicId));
  EXPECT_TRUE(partition().is_leader());
}

TEST_F(ReplicaManagerTest, ATopicLearnsItsIdWithoutANewEpoch) {
  make();
  tell({role(0, kLocal, 0, {1}, 0)}, 5, Uuid());
  EXPECT_EQ(partition().log()->topic_id(), std::nullopt);
  EXPECT_EQ(error_of(tell({role(0, kLocal, 0, {1}, 0)})), ErrorCode::kNone);
  EXPECT_EQ(partition().log()->topic_id(), kId);
}

TEST_F(ReplicaManagerTest, AnUnknownLeaderIsNotFollowedButTheLogIsThere) {
  make();
  metadata.update([](ClusterMetadata& cluster) { cluster.brokers.erase(2); });
  EXPECT_EQ(error_of(tell({role(0, 2, 0, {2}, 0)})), ErrorCode::kNone);
  EXPECT_THAT(fetchers_.followed, IsEmpty());
  EXPECT_NE(logs.get_log(kT0), nullptr);
  EXPECT_EQ(partition().leader_epoch(), kNoLeaderEpoch) << "a later request finds it as it was";
}

TEST_F(ReplicaManagerTest, FollowersBeginWhereTheirProtocolTruncates) {
  for (const bool on_fetch : {true, false}) {
    ReplicationConfig config;
    if (!on_fetch) config.protocol.version = MetadataVersion::k2_6_Iv0;
    make(config);
    lead(on_fetch ? 0 : 2, {1, 2}, on_fetch ? 0 : 4);
    produce(5);  // nobody fetches: the high watermark stays
    const Offset committed = partition().log()->high_watermark();
    const Offset end = partition().log()->log_end_offset();
    ASSERT_GT(end, committed);
    tell({role(0, 3, on_fetch ? 1 : 3, {3}, on_fetch ? 1 : 5)});
    EXPECT_EQ(fetchers_.followed[kT0].init_offset, on_fetch ? end : committed);
    replicas_->shutdown();
    replicas_.reset();
  }
}

TEST_F(ReplicaManagerTest, HighWatermarksComeBackFromTheCheckpoint) {
  make();
  lead(0, {1, 2});
  produce(5);
  fetch(follower(2), 5);
  ASSERT_EQ(partition().log()->high_watermark(), 5);
  produce(5);
  replicas_->checkpoint_high_watermarks();
  partition().log()->update_high_watermark(0);
  replicas_->shutdown();
  replicas_.reset();
  make();
  replicas_->start();
  EXPECT_EQ(logs.get_log(kT0)->high_watermark(), 5) << "before any partition is told of";
  replicas_->checkpoint_high_watermarks();
  EXPECT_EQ(logs.read_high_watermarks().at(kT0), 5);
}

TEST_F(ReplicaManagerTest, AcksAllWaitsForTheFollowersFetch) {
  make();
  lead();
  produce(5);
  EXPECT_THAT(produced_, IsEmpty());
  fetch(follower(2), 0);
  EXPECT_THAT(produced_, IsEmpty()) << "it only begins to read them";
  fetch(follower(2), 5);
  ASSERT_THAT(produced_, SizeIs(1));
  EXPECT_EQ(produced_[0].error, ErrorCode::kNone);
  EXPECT_EQ(produced_[0].first_offset, 0);
  produce(5, 1);
  EXPECT_THAT(produced_, SizeIs(2)) << "acks=1 does not wait";
}

TEST_F(ReplicaManagerTest, AFollowersFetchThatWaitedCountsOnce) {
  make();
  lead();
  FetchParams params = follower(2);
  params.max_wait = 1s;
  params.min_bytes = 1;
  fetch(params, 0);
  EXPECT_THAT(fetched_, IsEmpty());
  EXPECT_EQ(partition().describe().replicas[1].log_end_offset, 0) << "noted at once";
  produce(5);
  ASSERT_THAT(fetched_, SizeIs(1));
  EXPECT_THAT(offsets_of(fetched_[0].data.records), ElementsAre(0, 1, 2, 3, 4));
  EXPECT_EQ(partition().describe().replicas[1].log_end_offset, 0);
}

TEST_F(ReplicaManagerTest, WhoWaitsIsAnsweredWhenTheLeaderMoves) {
  make();
  lead();
  produce(5);
  FetchParams params = follower(2);
  params.max_wait = 10s;
  params.min_bytes = 1 << 20;
  fetch(params, 0);
  tell({role(0, 2, 1, {2}, 1)});
  ASSERT_THAT(produced_, SizeIs(1));
  EXPECT_EQ(produced_[0].error, ErrorCode::kNotLeaderOrFollower);
  ASSERT_THAT(fetched_, SizeIs(1));
  EXPECT_EQ(fetched_[0].error, ErrorCode::kNotLeaderOrFollower);
}

TEST_F(ReplicaManagerTest, AcksAllIsAnsweredWhenWhoLagsHasLeft) {
  make();
  lead();
  produce(5);
  test.clock.advance(31s);
  replicas_->maybe_shrink_isr();
  EXPECT_THAT(produced_, IsEmpty());
  controller_.accept();
  ASSERT_THAT(produced_, SizeIs(1));
  EXPECT_EQ(produced_[0].error, ErrorCode::kNone);
  const auto all = metrics_.snapshot();
  EXPECT_EQ(all.at({"kafka.server", "ReplicaManager", "IsrShrinksPerSec", {}}).at("Count"), 1);
  EXPECT_EQ(all.at({"kafka.server", "ReplicaManager", "IsrExpandsPerSec", {}}).at("Count"), 0);
}

TEST_F(ReplicaManagerTest, DeleteRecordsWaitsForAllReplicas) {
  make();
  lead(0, {1, 2, 3});
  produce(5);
  fetch(follower(2), 5);
  fetch(follower(3), 5);
  std::vector<DeleteRecordsResult> deleted;
  const auto remember = [&](const DeleteRecordsResults& r) { deleted.push_back(r.at(kT0)); };
  replicas_->delete_records(10s, {{kT0, 5}}, remember);
  EXPECT_THAT(deleted, IsEmpty());
  fetch(follower(2), 5, 5);
  EXPECT_THAT(deleted, IsEmpty());
  fetch(follower(3), 5, 5);
  ASSERT_THAT(deleted, SizeIs(1));
  EXPECT_EQ(deleted[0].error, ErrorCode::kNone);
  EXPECT_EQ(deleted[0].low_watermark, 5);
  replicas_->delete_records(10s, {{kT0, 6}}, remember);
  EXPECT_EQ(deleted.at(1).error, ErrorCode::kOffsetOutOfRange);
}

TEST_F(ReplicaManagerTest, AConsumerIsSentToTheReplicaInItsRack) {
  make({.rack_aware_selector = true});
  lead(0, {1, 2});
  produce(5);
  fetch(follower(2), 5);
  fetched_.clear();
  FetchParams params{.max_wait = 10s, .min_bytes = 1, .max_bytes = 1 << 20};
  params.client = ClientMetadata{"b", "PLAINTEXT"};
  fetch(params, 5);
  ASSERT_THAT(fetched_, SizeIs(1)) << "at once";
  EXPECT_EQ(fetched_[0].preferred_read_replica, 2);
  EXPECT_TRUE(fetched_[0].data.records.empty());
  EXPECT_EQ(fetched_[0].high_watermark, 5);
  params.client->listener_name = "OTHER";
  fetch(params, 0);
  EXPECT_EQ(fetched_.at(1).preferred_read_replica, std::nullopt) << "no such listener there";
  params.client = ClientMetadata{"c", "PLAINTEXT"};
  fetch(params, 0);
  EXPECT_EQ(fetched_.at(2).preferred_read_replica, std::nullopt) << "broker 3 is not in sync";
  EXPECT_FALSE(fetched_[2].data.records.empty());
}

TEST_F(ReplicaManagerTest, AFollowerOutOfSyncIsThrottledOneInSyncIsNot) {
  make();
  ReplicationQuotaManager quota(test.node, metrics_, ReplicationSide::kLeader);
  replicas_->join_cluster(
      {controller_, fetchers_, [](const std::string&) { return ConfigMap(); }, &quota});
  lead(0, {1, 2});
  produce(5, 1);
  quota.mark_throttled("t", {"*"}, kLocal);
  quota.update_quota(1);
  fetch(follower(3), 0);
  EXPECT_FALSE(fetched_.at(0).data.records.empty()) << "the quota is not exceeded yet";
  EXPECT_TRUE(quota.is_quota_exceeded());
  fetch(follower(3), 0);
  EXPECT_TRUE(fetched_.at(1).data.records.empty());
  EXPECT_EQ(fetched_[1].error, ErrorCode::kNone);
  fetch(follower(2), 0);
  EXPECT_FALSE(fetched_.at(2).data.records.empty());
}

TEST_F(ReplicaManagerTest, AConsumerThatWaitsAtAFollowerIsAnsweredWhenItsLogGrows) {
  make();
  tell({role(0, 2, 0, {2}, 0)});
  FetchParams params{.max_wait = 10s, .min_bytes = 1, .max_bytes = 1 << 20};
  params.client = ClientMetadata{};
  fetch(params, 0);
  EXPECT_THAT(fetched_, IsEmpty());
  partition().append_records_to_follower(follower_batch(0, 5));
  partition().log()->update_high_watermark(5);
  replicas_->complete_delayed_fetch_requests({kT0});
  ASSERT_THAT(fetched_, SizeIs(1));
  EXPECT_THAT(offsets_of(fetched_[0].data.records), SizeIs(5));
}

TEST_F(ReplicaManagerTest, StopReplicaStopsFollowingAndPerhapsDeletes) {
  make();
  tell({role(0, 2, 3, {2}, 0)});
  EXPECT_EQ(stop(2, true).partition_errors.at(0).error_code,
            static_cast<int16_t>(ErrorCode::kFencedLeaderEpoch));
  EXPECT_TRUE(fetchers_.followed.contains(kT0));
  EXPECT_EQ(stop(3, false).partition_errors.at(0).error_code, 0);
  EXPECT_FALSE(fetchers_.followed.contains(kT0));
  EXPECT_NE(replicas_->find_partition(kT0), nullptr);
  EXPECT_EQ(stop(kEpochDuringDelete, true).partition_errors.at(0).error_code, 0);
  EXPECT_EQ(replicas_->find_partition(kT0), nullptr);
  EXPECT_EQ(logs.get_log(kT0), nullptr);
}

TEST_F(ReplicaManagerTest, OlderStopReplicaRequestsNameTheirPartitionsElsewhere) {
  make();
  tell({role(0, 2, 3, {2}, 0), role(1, 2, 3, {2}, 0)});
  StopReplicaRequest v0{.controller_epoch = 5, .delete_partitions = true};
  v0.ungrouped_partitions.push_back({"t", 0});
  StopReplicaRequest v1{.controller_epoch = 5};
  v1.topics.push_back({"t", {1}});
  replicas_->stop_replicas(v0);
  replicas_->stop_replicas(v1);
  EXPECT_EQ(replicas_->find_partition(kT0), nullptr);
  EXPECT_NE(replicas_->find_partition(kT1), nullptr);
  EXPECT_THAT(fetchers_.followed, IsEmpty());
}

TEST_F(ReplicaManagerTest, ALogThatNobodyServesIsDeletedToo) {
  make();
  (void)logs.get_or_create_log(kT0, {}, kId);
  EXPECT_EQ(stop(kEpochDuringDelete, true).partition_errors.at(0).error_code, 0);
  EXPECT_EQ(logs.get_log(kT0), nullptr);
}

TEST_F(ReplicaManagerTest, WhoWaitsForADeletedPartitionIsAnswered) {
  make();
  lead();
  produce(5);
  stop(kEpochDuringDelete, true);
  ASSERT_THAT(produced_, SizeIs(1));
  EXPECT_EQ(produced_[0].error, ErrorCode::kUnknownTopicOrPartition);
}

TEST_F(ReplicaManagerTest, AFailedDirectoryTakesItsPartitionsOffline) {
  make();
  lead();
  tell({role(1, 2, 0, {2}, 0)});
  produce(5);
  EXPECT_THAT(replicas_->handle_log_dir_failure("/data"), ElementsAre(kT0, kT1));
  EXPECT_THAT(fetchers_.followed, IsEmpty());
  EXPECT_EQ(produced_.at(0).error, ErrorCode::kKafkaStorageError);
  EXPECT_EQ(error_of(tell({role(0, kLocal, 1, {1}, 1)})), ErrorCode::kKafkaStorageError);
  EXPECT_EQ(stop(1, false).partition_errors.at(0).error_code,
            static_cast<int16_t>(ErrorCode::kKafkaStorageError));
  EXPECT_EQ(gauge("OfflineReplicaCount"), 2);
}

TEST_F(ReplicaManagerTest, ABrokerThatShutsDownFollowsNobodyAnew) {
  make();
  replicas_->shutdown();
  tell({role(0, 2, 0, {2}, 0)});
  EXPECT_THAT(fetchers_.followed, IsEmpty());
}

TEST_F(ReplicaManagerTest, TopicConfigurationsComeWithTheLog) {
  make();
  topic_config_ = {{"min.insync.replicas", "2"}};
  lead(0, {1});
  produce(1);
  EXPECT_EQ(produced_.at(0).error, ErrorCode::kNotEnoughReplicas);
}

}  // namespace
}  // namespace kafkascope
