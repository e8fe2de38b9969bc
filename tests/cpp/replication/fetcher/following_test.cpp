// A whole follower, from its threads to its log's files, over the network: crashed anywhere, and on
// operating system threads.
#include <unistd.h>

#include "clients/fake_broker.h"
#include "replication/fetcher/fetcher_test_support.h"
#include "replication/fetcher/replica_fetcher_manager.h"
#include "runtime/file_system.h"
#include "runtime/real/real_runtime.h"
#include "runtime/sim/sim_runtime.h"

namespace kafkascope {
namespace {

using namespace std::chrono_literals;

constexpr Offset kRecords = 5;

ReplicationConfig config() {
  ReplicationConfig config;
  config.broker_id = 1;
  config.num_replica_fetchers = 2;
  config.replica_fetch_wait_max = 10ms;
  config.replica_socket_timeout = 2s;
  config.replica_fetch_backoff = 100ms;
  CommonClientConfig& client = config.inter_broker_client;
  client.request_timeout = 2s;
  client.reconnect_backoff = client.reconnect_backoff_max = 50ms;
  client.connections_max_idle = 600s;
  client.connection_setup_timeout = client.connection_setup_timeout_max = 2s;
  return config;
}

std::unique_ptr<FakeCluster> start_leader(Node& node, const std::string& host, int partitions) {
  auto leader = std::make_unique<FakeCluster>(node, FakeCluster::Options{.host = host});
  leader->create_topic("t", partitions);
  for (int partition = 0; partition < partitions; ++partition) {
    for (Offset offset = 0; offset < kRecords; ++offset) {
      MemoryRecordsBuilder builder({.base_offset = offset, .partition_leader_epoch = 0});
      builder.append(1'500'000'000'000, std::nullopt, as_bytes("record"));
      leader->append({"t", partition}, builder.close());
    }
  }
  leader->start();
  return leader;
}

/// A broker's fetchers and their logs, while it runs.
struct Follower {
  Follower(Node& node, Endpoint leader_endpoint)
      : leader{1, std::move(leader_endpoint), std::nullopt},
        metrics(node),
        quota(node, metrics, ReplicationSide::kFollower),
        fetchers(node, config(), own, quota, metrics,
                 remote_leader_end_points(node, config(), [] { return 1; })) {}

  void follow(const TopicPartition& tp) {
    fetchers.add_fetcher_for_partitions(
        {{tp, {std::nullopt, leader, 0, own.logs.at(tp)->log_end_offset()}}});
  }

  BrokerNode leader;
  MetricsRegistry metrics;
  ReplicationQuotaManager quota;
  TestFollowerLogs own;
  ReplicaFetcherManager fetchers;
};

TEST(FollowingTest, AFollowerThatIsKilledAnywhereComesBackAndCatchesUp) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer watches threads, not fibers";
#endif
  set_log_level(LogLevel::kOff);
  bool finished = false;
  for (int turns = 0; !finished; turns += 2) {
    ASSERT_LT(turns, 100'000);
    sim::SimRuntime runtime({.seed = 1, .policy = sim::Policy::kRandom});
    Node& leader_node = runtime.add_node("leader");
    Node& node = runtime.add_node("follower");
    std::unique_ptr<FakeCluster> leader;
    runtime.call(leader_node, [&] { leader = start_leader(leader_node, "leader", 1); });
    const auto catch_up = [&](Node& on) {
      Follower follower(on, leader->endpoint(1));
      const auto log = follower.own.logs[kT0] = make_log(on, "/data");
      follower.follow(kT0);
      while (log->log_end_offset() < kRecords) on.sleep(1ms);
      log->flush();
      EXPECT_EQ(contents(*log), std::vector<std::string>(kRecords, "0:record"));
      follower.fetchers.shutdown();
      finished = true;
    };
    runtime.scheduler().spawn(node, "broker", [&] { catch_up(node); });
    for (int i = 0; i < turns && !finished; ++i) runtime.scheduler().step();
    runtime.crash("follower");
    const bool was_finished = finished;
    Node& again = runtime.add_node("follower");
    runtime.call(again, [&] { catch_up(again); });
    finished = was_finished;
    runtime.call(leader_node, [&] {
      leader->shutdown();
      leader.reset();
    });
  }
}

TEST(FollowingTest, OnThreadsPartitionsComeAndGoWhileSomebodyLooks) {
  char dir[] = "/tmp/following-test-XXXXXX";
  ASSERT_NE(::mkdtemp(dir), nullptr);
  real::RealRuntime runtime;
  const auto leader_node = runtime.make_node("leader");
  const auto node = runtime.make_node("follower");
  const auto leader = start_leader(*leader_node, "127.0.0.1", 8);
  {
    Follower follower(*node, leader->endpoint(1));
    std::set<TopicPartition> all;
    for (int partition = 0; partition < 8; ++partition) {
      all.insert({"t", partition});
      follower.own.logs[{"t", partition}] = make_log(*node, dir, {"t", partition});
    }
    std::atomic<bool> done{false};
    Thread looking(*node, "looking", [&] {
      while (!done) {
        (void)follower.fetchers.describe();
        (void)follower.metrics.snapshot();
      }
    });
    for (int round = 0; round < 20; ++round) {
      for (const TopicPartition& tp : all) follower.follow(tp);
      follower.fetchers.remove_fetcher_for_partitions(all);
      const Offset end = follower.own.logs.at(kT0)->log_end_offset();
      if (round % 5 == 0) follower.fetchers.shutdown_idle_fetcher_threads();
      EXPECT_EQ(follower.own.logs.at(kT0)->log_end_offset(), end);
    }
    for (const TopicPartition& tp : all) follower.follow(tp);
    for (const TopicPartition& tp : all) {
      while (follower.own.logs.at(tp)->log_end_offset() < kRecords) node->sleep(1ms);
    }
    done = true;
    looking.join();
    follower.fetchers.shutdown();
  }
  leader->shutdown();
  remove_all(node->files(), dir);
}

}  // namespace
}  // namespace kafkascope
