// DelayedOperationPurgatory: where operations wait for a condition or for their time (Kafka's class
// of that name).
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "purgatory/expired_operation_reaper.h"
#include "purgatory/watchers.h"
#include "runtime/metrics/metrics_registry.h"

namespace kafkascope {

/// What a picture of a purgatory shows.
struct PurgatoryDescription {
  std::string name;
  int64_t watched = 0;
  int64_t delayed = 0;
  std::vector<std::pair<std::string, std::vector<std::string>>> watchers;  // key, its operations
  TimerDescription timer;
};

/// Operations are watched under keys; whoever changes what a key stands for calls
/// check_and_complete. Any thread may call. start() begins expiry, shutdown() ends it and must
/// precede destruction; operations that still wait then are dropped without an answer, as in Kafka.
///
template <typename Key>
class DelayedOperationPurgatory {
 public:
  static constexpr int64_t kDefaultPurgeInterval = 1000;

  /// `name` is Kafka's: "Produce", "Fetch", "Rebalance". Without metrics none are registered.
  DelayedOperationPurgatory(Node& node, std::string name, MetricsRegistry* metrics = nullptr,
                            int64_t purge_interval = kDefaultPurgeInterval)
      : node_(node),
        name_(std::move(name)),
        purge_interval_(purge_interval),
        metrics_(metrics),
        timer_(node, name_),
        reaper_(node, name_, timer_, [this] { purge_if_many(); }) {
    for (size_t i = 0; i < kShards; ++i) shards_.emplace_back(node);
    if (metrics_ == nullptr) return;
    metrics_->gauge(metric("PurgatorySize"), [this] { return static_cast<double>(watched()); });
    metrics_->gauge(metric("NumDelayedOperations"),
                    [this] { return static_cast<double>(num_delayed()); });
  }

  void start() { reaper_.start(); }
  void shutdown() {
    reaper_.shutdown();
    if (metrics_ == nullptr) return;
    metrics_->remove(metric("PurgatorySize"));
    metrics_->remove(metric("NumDelayedOperations"));
  }

  /// Completes the operation if it can be now; else watches it under all keys until it completes or
  /// expires. True when this call completed it. An operation without keys waits for its time only.
  bool try_complete_else_watch(const std::shared_ptr<DelayedOperation>& operation,
                               const std::vector<Key>& keys) {
    if (operation->maybe_try_complete()) return true;
    trace_watched(*operation);
    for (const Key& key : keys) {
      if (&key == &keys.front()) operations_.fetch_add(1, std::memory_order_relaxed);
      // Another thread completed it by an earlier key: further entries would only have to be
      // purged.
      if (operation->is_completed()) return false;
      shard(key).watch(key, operation);
    }
    node_.point("purgatory.watch");
    // The condition may have come true after the first look and before the watching: nobody would
    // tell.
    if (operation->maybe_try_complete()) return true;
    if (operation->is_completed()) return false;
    timer_.add(operation);
    // Completed between the question and the timer: whoever did it found nothing to cancel.
    if (operation->is_completed()) operation->cancel();
    return false;
  }

  /// Something happened to the key: tries all its operations. Returns how many this call completed.
  int check_and_complete(const Key& key) {
    int completed = 0;
    for (const auto& operation : shard(key).of(key)) {
      if (operation->maybe_try_complete()) ++completed;
    }
    shard(key).purge_completed(key);
    return completed;
  }

  /// Takes the key's uncompleted operations out, without completing them; other keys still watch
  /// them.
  Operations cancel_for_key(const Key& key) {
    Operations cancelled;
    for (auto& operation : shard(key).remove(key)) {
      operation->cancel();
      if (!operation->is_completed()) cancelled.push_back(std::move(operation));
    }
    return cancelled;
  }

  /// Entries in all watcher lists, completed ones that were not purged yet among them.
  int64_t watched() {
    int64_t count = 0;
    for (Watchers<Key>& watchers : shards_) count += watchers.size();
    return count;
  }
  /// Operations that wait for their time.
  int64_t num_delayed() const { return timer_.size(); }

  /// Forgets completed operations under all keys; the reaper does it once purge_interval entries
  /// may be waste.
  int64_t purge_completed() {
    operations_.store(num_delayed(), std::memory_order_relaxed);
    int64_t purged = 0;
    for (Watchers<Key>& watchers : shards_) purged += watchers.purge_completed();
    return purged;
  }

  /// One round of expiry, for whoever turns the wheel without start(): tests with virtual time.
  bool advance_clock(Duration timeout) { return timer_.advance_clock(timeout); }

  PurgatoryDescription describe() {
    std::map<Key, std::vector<std::string>> lists;
    for (Watchers<Key>& watchers : shards_) watchers.describe(lists);
    PurgatoryDescription out{name_, watched(), num_delayed(), {}, timer_.describe()};
    for (auto& [key, operations] : lists) {
      out.watchers.emplace_back(watch_key_text(key), std::move(operations));
    }
    return out;
  }

 private:
  static constexpr size_t kShards = 64;

  void trace_watched(DelayedOperation& operation) {
    if (node_.tracer() == nullptr) return;
    const int64_t number = next_number_.fetch_add(1, std::memory_order_relaxed);
    operation.trace_as(node_, name_, number);
    const auto delay = std::chrono::duration_cast<std::chrono::milliseconds>(operation.delay());
    KS_TRACE(node_, "OperationWatched", {"purgatory", name_}, {"number", number},
             {"operation", operation.describe()}, {"delay_ms", int64_t{delay.count()}});
  }
  Watchers<Key>& shard(const Key& key) { return shards_[watch_key_hash(key) % kShards]; }
  void purge_if_many() {
    const int64_t operations = operations_.load(std::memory_order_relaxed);
    if (operations - num_delayed() > purge_interval_) purge_completed();
  }
  MetricName metric(const char* metric_name) const {
    return {
        "kafka.server", "DelayedOperationPurgatory", metric_name, {{"delayedOperation", name_}}};
  }

  Node& node_;
  const std::string name_;
  const int64_t purge_interval_;
  MetricsRegistry* const metrics_;
  std::deque<Watchers<Key>> shards_;
  SystemTimer timer_;
  std::atomic<int64_t> operations_{0};   // that wait, or may still lie completed in watcher lists
  std::atomic<int64_t> next_number_{1};  // of traced operations
  ExpiredOperationReaper reaper_;
};

}  // namespace kafkascope
