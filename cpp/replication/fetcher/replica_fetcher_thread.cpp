#include "replication/fetcher/replica_fetcher_thread.h"

#include <algorithm>

#include "common/logging.h"

namespace kafkascope {
namespace {

/// Most errors are a leader that has not heard of its office yet. Kafka waits the whole of
/// replica.fetch.backoff.ms at once.
constexpr Duration kFirstBackoff = std::chrono::milliseconds(10);

}  // namespace

ReplicaFetcherThread::ReplicaFetcherThread(Node& node, std::string name,
                                           std::unique_ptr<LeaderEndPoint> leader,
                                           const Shared& shared)
    : Worker(node, std::move(name)),
      shared_(shared),
      truncates_by_epoch_(shared.protocol.truncates_by_epoch() &&
                          !shared.defects.truncate_to_high_watermark),
      truncates_on_fetch_(shared.protocol.truncates_on_fetch() && truncates_by_epoch_),
      leader_(std::move(leader)),
      metrics_(node, shared.metrics, Worker::name(), leader_->broker()),
      mutex_(node, "fetcher's partitions"),
      changed_(node, "partitions to fetch") {}

void ReplicaFetcherThread::do_work() {
  maybe_truncate();
  maybe_fetch();
  if (new_high_watermarks_.empty()) return;
  shared_.logs.complete_delayed_fetch_requests(new_high_watermarks_);
  new_high_watermarks_.clear();
}

void ReplicaFetcherThread::wakeup() {
  {
    Lock lock(mutex_);
    changed_.notify_all();
  }
  leader_->initiate_close();
}

void ReplicaFetcherThread::add_partitions(
    const std::map<TopicPartition, InitialFetchState>& partitions) {
  Lock lock(mutex_);
  for (const auto& [tp, initial] : partitions) {
    shared_.failed.remove(tp);
    if (find(tp, initial.current_leader_epoch) != nullptr) continue;
    or_fail(tp, [&]() KS_REQUIRES(mutex_) {
      const PartitionFetchState state = initial_state(tp, initial);
      partitions_[tp] = state;
      KS_TRACE(node_, "FetchingStarted", {"partition", tp.to_string()},
               {"leader", int64_t{leader().id}},
               {"leader_epoch", int64_t{state.current_leader_epoch}}, {"state", state_name(state)},
               {"offset", state.fetch_offset});
    });
  }
  changed_.notify_all();
}

// From 2.7 on the leader says in its first answer whether the log diverges, if it has epochs at
// all. Before, the follower cuts first.
PartitionFetchState ReplicaFetcherThread::initial_state(const TopicPartition& tp,
                                                        const InitialFetchState& initial) {
  const auto log = shared_.logs.log(tp);
  PartitionFetchState state;
  state.topic_id = initial.topic_id;
  state.current_leader_epoch = initial.current_leader_epoch;
  state.fetch_offset = initial.init_offset;
  const auto latest_epoch = log->latest_epoch();
  if (truncates_on_fetch_ && latest_epoch.has_value()) {
    state.state = ReplicaState::kFetching;
    state.last_fetched_epoch = latest_epoch;
  }
  if (shared_.defects.no_truncation_on_same_leader && !ever_followed_.insert(tp).second) {
    state.state = ReplicaState::kFetching;
    state.fetch_offset = log->log_end_offset();
    state.last_fetched_epoch.reset();
  }
  return state;
}

std::map<TopicPartition, PartitionFetchState> ReplicaFetcherThread::remove_partitions(
    const std::set<TopicPartition>& partitions) {
  std::map<TopicPartition, PartitionFetchState> removed;
  Lock lock(mutex_);
  for (const TopicPartition& tp : partitions) {
    auto found = partitions_.extract(tp);
    if (found.empty()) continue;
    removed.insert(std::move(found));
    metrics_.forget_lag(tp);
    KS_TRACE(node_, "FetchingStopped", {"partition", tp.to_string()},
             {"leader", int64_t{leader().id}});
  }
  return removed;
}

std::map<TopicPartition, PartitionFetchState> ReplicaFetcherThread::partitions() const {
  Lock lock(mutex_);
  return partitions_;
}

PartitionFetchState* ReplicaFetcherThread::find(const TopicPartition& tp, LeaderEpoch epoch) {
  const auto found = partitions_.find(tp);
  if (found == partitions_.end() || found->second.current_leader_epoch != epoch) return nullptr;
  return &found->second;
}

void ReplicaFetcherThread::mark_failed(const TopicPartition& tp, const std::string& why) {
  KS_LOG(kWarn, node_.name(), "{} follows {} no longer: {}", name(), tp.to_string(), why);
  KS_TRACE(node_, "FetchingFailed", {"partition", tp.to_string()}, {"leader", int64_t{leader().id}},
           {"reason", why});
  shared_.failed.add(tp);
  partitions_.erase(tp);
  metrics_.forget_lag(tp);
}

void ReplicaFetcherThread::delay(const TopicPartition& tp, PartitionFetchState& state,
                                 const std::string& why) {
  const Instant now = node_.clock().monotonic();
  if (state.is_delayed(now)) return;
  const Duration first = kFirstBackoff * (int64_t{1} << std::min(state.failures, 16));
  state.delayed_until = deadline_after(now, std::min(shared_.backoff, first));
  ++state.failures;
  KS_LOG(kInfo, node_.name(), "{}: {} has to wait: {}", name(), tp.to_string(), why);
  KS_TRACE(node_, "FetchingDelayed", {"partition", tp.to_string()},
           {"leader", int64_t{leader().id}}, {"reason", why});
}

void ReplicaFetcherThread::handle_error(const TopicPartition& tp, PartitionFetchState& state,
                                        ErrorCode error) {
  if (error == ErrorCode::kFencedLeaderEpoch)
    return mark_failed(tp, "the leader is in a newer epoch: the controller will say so here too");
  delay(tp, state, std::string("the leader answered ") + std::string(error_name(error)));
}

std::string ReplicaFetcherThread::state_name(const PartitionFetchState& state) const {
  if (state.is_delayed(node_.clock().monotonic())) return "Delayed";
  return state.state == ReplicaState::kTruncating ? "Truncating" : "Fetching";
}

FetcherThreadDescription ReplicaFetcherThread::describe() const {
  FetcherThreadDescription description{name(), leader(), {}};
  for (const auto& [tp, state] : partitions()) {
    description.partitions.push_back({tp, state_name(state), state.fetch_offset, state.lag,
                                      state.current_leader_epoch, state.last_fetched_epoch});
  }
  return description;
}

}  // namespace kafkascope
