#include "replication/fetcher/replica_fetcher_manager.h"

#include "replication/fetcher/fetcher_test_support.h"
#include "runtime/sim/sim_runtime.h"

namespace kafkascope {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using Strings = std::vector<std::string>;

TEST(FetcherIdTest, IsThatOfKafka) {
  // Utils.abs(31 * topic.hashCode() + partition) % fetchers, as Java computes it.
  EXPECT_EQ(fetcher_id({"t", 0}, 7), 3596 % 7);
  EXPECT_EQ(fetcher_id({"t", 1}, 7), 3597 % 7);
  EXPECT_EQ(fetcher_id({"flights", 3}, 1000), 600);  // of 1843541600
  EXPECT_EQ(fetcher_id({"topic-0", 0}, 1000), 906);  // of -957341906
  EXPECT_EQ(fetcher_id({"flights", 3}, 1), 0);
}

/// Broker 1 with two fetchers a leader, in virtual time; brokers 2 and 3 lead.
class ReplicaFetcherManagerTest : public testing::Test {
 protected:
  ReplicaFetcherManagerTest() {
    config.broker_id = 1;
    config.num_replica_fetchers = 2;
    config.replica_fetch_backoff = 1s;
  }
  void run(const std::function<void()>& body) {
#ifdef __SANITIZE_THREAD__
    GTEST_SKIP() << "ThreadSanitizer watches threads, not fibers";
#endif
    runtime.call(node, [&] {
      MetricsRegistry registry(node);
      ReplicationQuotaManager quota(node, registry, ReplicationSide::kFollower);
      ReplicaFetcherManager fetchers(
          node, config, own, quota, registry,
          [this](const BrokerNode& leader, int) { return make_leader(leader); });
      metrics = &registry;
      manager = &fetchers;
      body();
      fetchers.shutdown();
      EXPECT_TRUE(fetchers.describe().threads.empty());
      own.logs.clear();
      led.clear();
    });
  }
  std::unique_ptr<LeaderEndPoint> make_leader(const BrokerNode& broker) {
    auto leader = std::make_unique<TestLeader>(config.protocol, broker);
    leader->led = led;
    if (!script.empty()) leader->scripted[kT0] = script;
    leader->meanwhile = [this] { node.sleep(10ms); };  // replica.fetch.wait.max.ms
    return leader;
  }
  /// An empty log here, and one with a record at whoever leads.
  void add_partition(const TopicPartition& tp) {
    own.logs[tp] = make_log(node, "/here", tp);
    led[tp].log = make_log(node, "/there", tp);
    write(*led[tp].log, 0, {"of " + tp.to_string()});
  }
  void follow(BrokerId leader, const std::set<TopicPartition>& partitions, LeaderEpoch epoch = 0,
              uint16_t port = 9092) {
    std::map<TopicPartition, InitialFetchState> states;
    for (const TopicPartition& tp : partitions) {
      states[tp] = {std::nullopt,
                    {leader, {"broker-" + std::to_string(leader), port}, std::nullopt},
                    epoch,
                    own.logs.at(tp)->log_end_offset()};
    }
    manager->add_fetcher_for_partitions(states);
  }
  std::map<std::string, std::vector<TopicPartition>> threads() {
    std::map<std::string, std::vector<TopicPartition>> all;
    for (const FetcherThreadDescription& thread : manager->describe().threads) {
      for (const auto& partition : thread.partitions)
        all[thread.name].push_back(partition.topic_partition);
      all.try_emplace(thread.name);
    }
    return all;
  }
  double gauge(const char* name) {
    return metrics->snapshot()
        .at({"kafka.server", "ReplicaFetcherManager", name, {{"clientId", "Replica"}}})
        .at("Value");
  }

  sim::SimRuntime runtime{{}};
  Node& node = runtime.add_node("broker-1");
  ReplicationConfig config;
  TestFollowerLogs own;
  std::map<TopicPartition, TestLeader::Led> led;
  std::deque<FetchedPartition> script;  // of kT0
  MetricsRegistry* metrics = nullptr;
  ReplicaFetcherManager* manager = nullptr;
};

const TopicPartition kT1{"t", 1}, kT2{"t", 2};

TEST_F(ReplicaFetcherManagerTest, AThreadForEachLeaderAndFetcherIdCopiesItsPartitions) {
  run([&] {
    for (const auto& tp : {kT0, kT1, kT2}) add_partition(tp);
    follow(2, {kT0, kT1});
    follow(3, {kT2});
    EXPECT_THAT(threads(), ElementsAre(std::pair("ReplicaFetcherThread-0-2", std::vector{kT0}),
                                       std::pair("ReplicaFetcherThread-0-3", std::vector{kT2}),
                                       std::pair("ReplicaFetcherThread-1-2", std::vector{kT1})));
    node.sleep(100ms);
    for (const auto& tp : {kT0, kT1, kT2})
      EXPECT_EQ(contents(*own.logs[tp]), (Strings{"0:of " + tp.to_string()}));
  });
}

TEST_F(ReplicaFetcherManagerTest, APartitionThatIsRemovedIsLeftAloneAndItsThreadEndsWhenIdle) {
  run([&] {
    for (const auto& tp : {kT0, kT1}) add_partition(tp);
    follow(2, {kT0, kT1});
    manager->remove_fetcher_for_partitions({kT0});
    node.sleep(100ms);
    EXPECT_EQ(own.logs[kT0]->log_end_offset(), 0);
    EXPECT_EQ(own.logs[kT1]->log_end_offset(), 1);
    EXPECT_EQ(threads().size(), 2u);
    manager->shutdown_idle_fetcher_threads();
    EXPECT_THAT(threads(), ElementsAre(std::pair("ReplicaFetcherThread-1-2", std::vector{kT1})));
  });
}

TEST_F(ReplicaFetcherManagerTest, ANewLeaderTakesAPartitionFromTheOldOnesThread) {
  run([&] {
    add_partition(kT0);
    follow(2, {kT0});
    node.sleep(100ms);
    led[kT0].epoch = 1;
    write(*led[kT0].log, 1, {"more"});
    follow(3, {kT0}, 1);
    EXPECT_TRUE(threads().at("ReplicaFetcherThread-0-2").empty());
    node.sleep(100ms);
    EXPECT_EQ(contents(*own.logs[kT0]), (Strings{"0:of t-0", "1:more"}));
  });
}

TEST_F(ReplicaFetcherManagerTest, ALeaderAtANewAddressGetsANewThreadThatGoesOn) {
  run([&] {
    for (const auto& tp : {kT0, kT2}) add_partition(tp);
    follow(2, {kT0});
    node.sleep(100ms);
    write(*led[kT0].log, 0, {"more"});
    follow(2, {kT2}, 0, 9093);
    const auto shown = manager->describe().threads;
    ASSERT_EQ(shown.size(), 1u);
    EXPECT_EQ(shown[0].leader.endpoint.port, 9093);
    node.sleep(100ms);
    EXPECT_EQ(contents(*own.logs[kT0]), (Strings{"0:of t-0", "0:more"}));
    EXPECT_EQ(contents(*own.logs[kT2]), (Strings{"0:of t-2"}));
  });
}

TEST_F(ReplicaFetcherManagerTest, AnIdleThreadWaitsAndWakesForItsFirstPartition) {
  run([&] {
    for (const auto& tp : {kT0, kT2}) add_partition(tp);
    follow(2, {kT0});
    manager->remove_fetcher_for_partitions({kT0});
    node.sleep(1h);
    follow(2, {kT2});
    node.sleep(100ms);
    EXPECT_EQ(own.logs[kT2]->log_end_offset(), 1);
  });
}

TEST_F(ReplicaFetcherManagerTest, FailedPartitionsAreKeptAsideAndCounted) {
  run([&] {
    for (const auto& tp : {kT0, kT2}) add_partition(tp);
    led[kT0].epoch = 5;  // fences epoch 0
    follow(2, {kT0, kT2});
    node.sleep(100ms);
    EXPECT_EQ(gauge("FailedPartitionsCount"), 1);
    EXPECT_THAT(manager->describe().failed_partitions, ElementsAre(kT0));
    EXPECT_EQ(own.logs[kT2]->log_end_offset(), 1);
    manager->remove_fetcher_for_partitions({kT0});
    EXPECT_EQ(gauge("FailedPartitionsCount"), 0);
  });
}

TEST_F(ReplicaFetcherManagerTest, ShowsLagAndRate) {
  run([&] {
    EXPECT_EQ(gauge("MinFetchRate"), 0);
    add_partition(kT0);
    const auto log = led[kT0].log;
    FetchedPartition behind;  // one record of four
    behind.high_watermark = 4;
    behind.log_start_offset = 0;
    behind.records = log->read(0, 1 << 20, FetchIsolation::kLogEnd, true)->records.to_slice();
    script = {behind};
    follow(2, {kT0});
    node.sleep(15ms);
    EXPECT_EQ(gauge("MaxLag"), 3);
    node.sleep(10s);
    EXPECT_EQ(gauge("MaxLag"), 0);
    EXPECT_GT(gauge("MinFetchRate"), 0);
    EXPECT_EQ(gauge("DeadThreadCount"), 0);
  });
}

}  // namespace
}  // namespace kafkascope
