#include "replication/fetcher/replica_fetcher_manager.h"

#include <fmt/core.h>

#include <algorithm>

#include "replication/fetcher/remote_leader_end_point.h"

namespace kafkascope {
namespace {

constexpr const char* kGauges[] = {"MaxLag", "MinFetchRate", "FailedPartitionsCount",
                                   "DeadThreadCount"};

MetricName gauge_name(const char* name) {
  return {"kafka.server", "ReplicaFetcherManager", name, {{"clientId", "Replica"}}};
}

}  // namespace

// Java's String.hashCode, so that a partition has the same thread as in Kafka. Topic names are
// ASCII.
int fetcher_id(const TopicPartition& partition, int num_fetchers) {
  uint32_t hash = 0;
  for (const char c : partition.topic) hash = 31 * hash + static_cast<uint8_t>(c);
  hash = 31 * hash + static_cast<uint32_t>(partition.partition);
  const auto value = static_cast<int32_t>(hash);
  if (value == INT32_MIN) return 0;
  return std::abs(value) % num_fetchers;
}

ReplicaFetcherManager::ReplicaFetcherManager(Node& node, const ReplicationConfig& config,
                                             FollowerLogs& logs,
                                             ReplicationQuotaManager& follower_quota,
                                             MetricsRegistry& metrics,
                                             MakeLeaderEndPoint make_leader_end_point,
                                             FetcherDefects defects)
    : node_(node),
      config_(config),
      metrics_(metrics),
      make_leader_end_point_(std::move(make_leader_end_point)),
      failed_(node),
      shared_{logs,
              follower_quota,
              failed_,
              metrics,
              config.protocol,
              config.replica_fetch_max_bytes,
              config.replica_fetch_backoff,
              defects},
      mutex_(node, "fetcher manager"),
      threads_mutex_(node, "fetcher threads") {
  metrics_.gauge(gauge_name("MaxLag"), [this] { return max_lag(); });
  metrics_.gauge(gauge_name("MinFetchRate"), [this] { return min_fetch_rate(); });
  metrics_.gauge(gauge_name("FailedPartitionsCount"),
                 [this] { return static_cast<double>(failed_.partitions().size()); });
  // An exception that leaves a thread ends the process here: there are none that merely died.
  metrics_.gauge(gauge_name("DeadThreadCount"), [] { return 0.0; });
}

ReplicaFetcherManager::~ReplicaFetcherManager() {
  for (const char* name : kGauges) metrics_.remove(gauge_name(name));
}

double ReplicaFetcherManager::max_lag() const {
  Lock lock(threads_mutex_);
  int64_t max = 0;
  for (const auto& [key, thread] : threads_) max = std::max(max, thread->metrics().max_lag());
  return static_cast<double>(max);
}

double ReplicaFetcherManager::min_fetch_rate() const {
  Lock lock(threads_mutex_);
  std::optional<double> min;
  for (const auto& [key, thread] : threads_) {
    const double rate = thread->metrics().requests().one_minute_rate();
    min = std::min(min.value_or(rate), rate);
  }
  return min.value_or(0);
}

std::map<ReplicaFetcherManager::ThreadKey, ReplicaFetcherThread*> ReplicaFetcherManager::threads()
    const {
  Lock lock(threads_mutex_);
  std::map<ThreadKey, ReplicaFetcherThread*> threads;
  for (const auto& [key, thread] : threads_) threads[key] = thread.get();
  return threads;
}

void ReplicaFetcherManager::add_fetcher_for_partitions(
    const std::map<TopicPartition, InitialFetchState>& partitions) {
  std::map<ThreadKey, std::map<TopicPartition, InitialFetchState>> by_thread;
  for (const auto& [tp, initial] : partitions) {
    KS_CHECK(initial.init_offset >= 0, "no offset to follow " + tp.to_string() + " from");
    by_thread[{initial.leader.id, fetcher_id(tp, config_.num_replica_fetchers)}][tp] = initial;
  }
  Lock lock(mutex_);
  for (const auto& [key, added] : by_thread) {
    std::set<TopicPartition> names;
    for (const auto& [tp, initial] : added) names.insert(tp);
    for (const auto& [other, thread] : threads()) {
      if (other != key) (void)thread->remove_partitions(names);
    }
    thread_for(key, added.begin()->second.leader).add_partitions(added);
  }
}

// A leader that came back at another address gets a new thread, which goes on with what the old
// one followed.
ReplicaFetcherThread& ReplicaFetcherManager::thread_for(const ThreadKey& key,
                                                        const BrokerNode& leader) {
  std::map<TopicPartition, InitialFetchState> moved;
  const auto known = threads();
  if (const auto found = known.find(key); found != known.end()) {
    if (found->second->leader().endpoint == leader.endpoint) return *found->second;
    found->second->shutdown();
    for (const auto& [tp, state] : found->second->partitions())
      moved[tp] = {state.topic_id, leader, state.current_leader_epoch, state.fetch_offset};
    remove_thread(key);
  }
  auto made = std::make_unique<ReplicaFetcherThread>(
      node_, fmt::format("ReplicaFetcherThread-{}-{}", key.second, key.first),
      make_leader_end_point_(leader, key.second), shared_);
  ReplicaFetcherThread& thread = *made;
  {
    Lock lock(threads_mutex_);
    threads_[key] = std::move(made);
  }
  thread.add_partitions(moved);
  thread.start();
  return thread;
}

void ReplicaFetcherManager::remove_thread(const ThreadKey& key) {
  std::unique_ptr<ReplicaFetcherThread> ended;
  {
    Lock lock(threads_mutex_);
    ended = std::move(threads_.extract(key).mapped());
  }
  ended->metrics().close();
}

void ReplicaFetcherManager::remove_fetcher_for_partitions(
    const std::set<TopicPartition>& partitions) {
  Lock lock(mutex_);
  for (const auto& [key, thread] : threads()) (void)thread->remove_partitions(partitions);
  for (const TopicPartition& tp : partitions) failed_.remove(tp);
}

void ReplicaFetcherManager::shutdown_idle_fetcher_threads() {
  Lock lock(mutex_);
  for (const auto& [key, thread] : threads()) {
    if (!thread->partitions().empty()) continue;
    thread->shutdown();
    remove_thread(key);
  }
}

void ReplicaFetcherManager::shutdown() {
  Lock lock(mutex_);
  for (const auto& [key, thread] : threads()) thread->initiate_shutdown();
  for (const auto& [key, thread] : threads()) {
    thread->await_shutdown();
    remove_thread(key);
  }
}

FetchersDescription ReplicaFetcherManager::describe() const {
  FetchersDescription description;
  Lock lock(mutex_);
  for (const auto& [key, thread] : threads()) description.threads.push_back(thread->describe());
  for (const TopicPartition& tp : failed_.partitions()) description.failed_partitions.push_back(tp);
  return description;
}

ReplicaFetcherManager::MakeLeaderEndPoint remote_leader_end_points(
    Node& node, const ReplicationConfig& config, std::function<int64_t()> broker_epoch) {
  return [&node, config, broker_epoch = std::move(broker_epoch)](const BrokerNode& leader,
                                                                 int fetcher_id) {
    return std::make_unique<RemoteLeaderEndPoint>(node, config, leader, fetcher_id, broker_epoch);
  };
}

}  // namespace kafkascope
