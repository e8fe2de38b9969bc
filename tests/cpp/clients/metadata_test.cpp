#include "clients/metadata.h"

#include <gtest/gtest.h>

#include "clients/cluster_connection_states.h"
#include "clients/producer/producer_metadata.h"
#include "manual_node.h"

namespace kafkascope {
namespace {

using namespace std::chrono_literals;

Cluster cluster_with(const std::string& topic, LeaderEpoch epoch, BrokerId leader = 1) {
  Cluster cluster;
  cluster.brokers[1] = {1, {"one", 1}, std::nullopt};
  cluster.brokers[2] = {2, {"two", 2}, std::nullopt};
  TopicInfo info;
  info.name = topic;
  PartitionInfo partition;
  partition.topic = topic;
  partition.leader = leader;
  partition.leader_epoch = epoch;
  info.partitions.push_back(partition);
  cluster.topics[topic] = info;
  return cluster;
}

class MetadataTest : public testing::Test {
 protected:
  Instant now() { return test.clock.monotonic(); }
  void update(Cluster cluster) {
    metadata.update(std::move(cluster), metadata.begin_request(now()), now());
  }

  ManualNode test;
  ProducerMetadata metadata{test.node, 100ms, 1000ms, 300s, 10s};
  const TopicPartition tp{"t", 0};
};

TEST_F(MetadataTest, IsDueAtOnceThenAfterItsAge) {
  metadata.bootstrap({{"seed", 9092}});
  EXPECT_EQ(metadata.time_to_next_update(now()), 0s);
  metadata.add("t", now());
  update(cluster_with("t", 0));
  EXPECT_EQ(metadata.fetch()->leader_of(tp)->id, 1);
  EXPECT_EQ(metadata.time_to_next_update(now()), 300s);
  test.clock.advance(300s);
  EXPECT_EQ(metadata.time_to_next_update(now()), 0s);
}

TEST_F(MetadataTest, RequestsWaitForTheBackoff) {
  metadata.add("t", now());
  update(cluster_with("t", 0));
  (void)metadata.request_update();
  const Duration wait = metadata.time_to_next_update(now());
  EXPECT_GE(wait, 80ms);
  EXPECT_LE(wait, 120ms);
  test.clock.advance(wait);
  EXPECT_EQ(metadata.time_to_next_update(now()), 0s);
}

TEST_F(MetadataTest, FailuresBackOffExponentially) {
  metadata.bootstrap({{"seed", 9092}});
  Duration last = 0s;
  for (int i = 0; i < 3; ++i) {
    metadata.failed_update(now());
    const Duration wait = metadata.time_to_next_update(now());
    EXPECT_GT(wait, last);
    last = wait;
  }
  for (int i = 0; i < 10; ++i) metadata.failed_update(now());
  EXPECT_LE(metadata.time_to_next_update(now()), 1000ms);
}

TEST_F(MetadataTest, NewTopicsAreAskedForAlone) {
  metadata.add("t", now());
  update(cluster_with("t", 0));
  EXPECT_TRUE(metadata.add("u", now()));
  (void)metadata.request_update_for_new_topics();
  EXPECT_EQ(metadata.time_to_next_update(now()), 0s);
  const MetadataRequestTopics request = metadata.begin_request(now());
  EXPECT_TRUE(request.partial);
  EXPECT_EQ(request.topics, std::vector<std::string>{"u"});
  metadata.update(cluster_with("u", 0), request, now());
  EXPECT_NE(metadata.fetch()->topic("t"), nullptr) << "a partial answer keeps the others";
  EXPECT_NE(metadata.fetch()->topic("u"), nullptr);
}

TEST_F(MetadataTest, IdleTopicsAreForgotten) {
  metadata.add("t", now());
  update(cluster_with("t", 0));
  test.clock.advance(9s);
  metadata.add("t", now());
  test.clock.advance(9s);
  update(cluster_with("t", 0));
  EXPECT_TRUE(metadata.contains("t"));
  test.clock.advance(2s);
  update(cluster_with("t", 0));
  EXPECT_FALSE(metadata.contains("t"));
  EXPECT_EQ(metadata.fetch()->topic("t"), nullptr);
}

TEST_F(MetadataTest, OlderLeadersAreNotBelieved) {
  metadata.add("t", now());
  update(cluster_with("t", 5, 1));
  update(cluster_with("t", 4, 2));
  EXPECT_EQ(metadata.fetch()->leader_of(tp)->id, 1);
  EXPECT_EQ(metadata.last_seen_leader_epoch(tp), 5);
  update(cluster_with("t", 6, 2));
  EXPECT_EQ(metadata.fetch()->leader_of(tp)->id, 2);
}

TEST_F(MetadataTest, ResponsesMayNameTheNewLeader) {
  metadata.add("t", now());
  update(cluster_with("t", 5, 1));
  EXPECT_FALSE(metadata.update_leader(tp, 2, 5, std::nullopt)) << "no newer epoch";
  EXPECT_FALSE(metadata.update_leader(tp, 9, 6, std::nullopt)) << "unknown address";
  EXPECT_TRUE(metadata.update_leader(tp, 9, 6, BrokerNode{9, {"nine", 9}, std::nullopt}));
  EXPECT_EQ(metadata.fetch()->leader_of(tp)->endpoint.host, "nine");
}

TEST_F(MetadataTest, ATopicWithoutLeaderIsAskedForAgain) {
  metadata.add("t", now());
  Cluster cluster = cluster_with("t", 0);
  cluster.topics["t"].error = ErrorCode::kLeaderNotAvailable;
  update(cluster);
  EXPECT_TRUE(metadata.update_requested());
  EXPECT_EQ(metadata.fetch()->topic("t"), nullptr);
}

TEST_F(MetadataTest, FatalErrorsAreThrownOnce) {
  metadata.fatal_error({ErrorCode::kUnsupportedVersion, "too old"});
  EXPECT_THROW(metadata.await_update(metadata.update_version(), now()), KafkaException);
  EXPECT_FALSE(metadata.await_update(metadata.update_version(), now()));
  metadata.close();
  EXPECT_THROW(metadata.await_update(metadata.update_version(), now()), KafkaException);
}

class ClusterConnectionStatesTest : public testing::Test {
 protected:
  static CommonClientConfig config() {
    CommonClientConfig config{};
    config.reconnect_backoff = 50ms;
    config.reconnect_backoff_max = 1000ms;
    config.connection_setup_timeout = 10s;
    config.connection_setup_timeout_max = 30s;
    return config;
  }
  ClusterConnectionStates states{config(), RandomStream(1, "test")};
};

TEST_F(ClusterConnectionStatesTest, WaitsLongerAfterEachFailure) {
  Instant now = 1s;
  Duration last = 0s;
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(states.can_connect(1, now));
    (void)states.connecting(1, now, "h", {"10.0.0.1"});
    states.disconnected(1, now);
    EXPECT_TRUE(states.is_blacked_out(1, now));
    const Duration wait = states.connection_delay(1, now);
    EXPECT_GT(wait, last);
    last = wait;
    now += wait;
  }
}

TEST_F(ClusterConnectionStatesTest, TriesAllAddressesBeforeItWaits) {
  const std::vector<std::string> addresses = {"a", "b"};
  EXPECT_EQ(states.connecting(1, 1s, "h", addresses), "a");
  states.disconnected(1, 1s);
  EXPECT_TRUE(states.can_connect(1, 1s));
  EXPECT_EQ(states.connecting(1, 1s, "h", addresses), "b");
  states.disconnected(1, 1s);
  EXPECT_FALSE(states.can_connect(1, 1s));
}

TEST_F(ClusterConnectionStatesTest, SetupsExpire) {
  (void)states.connecting(1, 1s, "h", {"a"});
  EXPECT_TRUE(states.expired_setups(5s).empty());
  EXPECT_EQ(states.expired_setups(14s), std::vector<BrokerId>{1});
  states.checking_api_versions(1);
  EXPECT_TRUE(states.expired_setups(14s).empty());
}

TEST_F(ClusterConnectionStatesTest, ThrottledBrokersAreLeftAlone) {
  (void)states.connecting(1, 1s, "h", {"a"});
  states.ready(1);
  EXPECT_TRUE(states.is_ready(1, 1s));
  states.throttle(1, 3s);
  EXPECT_FALSE(states.is_ready(1, 2s));
  EXPECT_EQ(states.connection_delay(1, 2s), 1s);
  EXPECT_TRUE(states.is_ready(1, 3s));
}

}  // namespace
}  // namespace kafkascope
