// Watchers: which operations wait for something to happen to a key (Kafka's Watchers and its
// WatcherLists).
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "purgatory/delayed_operation.h"
#include "purgatory/watch_key.h"
#include "runtime/threads.h"

namespace kafkascope {

using Operations = std::vector<std::shared_ptr<DelayedOperation>>;

/// One shard of a purgatory's watcher lists. No operation is ever called with the shard's lock
/// held.
template <typename Key>
class Watchers {
 public:
  explicit Watchers(Node& node) : mutex_(node, "purgatory watchers") {}

  void watch(const Key& key, std::shared_ptr<DelayedOperation> operation) {
    Lock lock(mutex_);
    lists_[key].push_back(std::move(operation));
  }

  /// In the order in which they were watched.
  Operations of(const Key& key) {
    Lock lock(mutex_);
    const auto at = lists_.find(key);
    return at == lists_.end() ? Operations() : at->second;
  }

  /// Forgets the completed ones under the key, and the key with the last of them.
  int64_t purge_completed(const Key& key) {
    Operations purged;  // destroyed after the lock is released
    Lock lock(mutex_);
    if (const auto at = lists_.find(key); at != lists_.end()) purge(at, purged);
    lock.unlock();
    return static_cast<int64_t>(purged.size());
  }
  int64_t purge_completed() {
    Operations purged;
    Lock lock(mutex_);
    for (auto at = lists_.begin(); at != lists_.end();) at = purge(at, purged);
    lock.unlock();
    return static_cast<int64_t>(purged.size());
  }

  /// Takes out all that wait for the key.
  Operations remove(const Key& key) {
    Lock lock(mutex_);
    const auto at = lists_.find(key);
    if (at == lists_.end()) return {};
    Operations removed = std::move(at->second);
    lists_.erase(at);
    return removed;
  }

  /// Entries: an operation that is watched under three keys counts three times.
  int64_t size() {
    Lock lock(mutex_);
    int64_t count = 0;
    for (const auto& [key, operations] : lists_) count += static_cast<int64_t>(operations.size());
    return count;
  }

  void describe(std::map<Key, std::vector<std::string>>& out) {
    Lock lock(mutex_);
    for (const auto& [key, operations] : lists_) {
      for (const auto& operation : operations) out[key].push_back(operation->describe());
    }
  }

 private:
  using Lists = std::map<Key, Operations>;

  typename Lists::iterator purge(typename Lists::iterator at, Operations& purged)
      KS_REQUIRES(mutex_) {
    Operations& operations = at->second;
    const auto gone = std::stable_partition(operations.begin(), operations.end(),
                                            [](const auto& o) { return !o->is_completed(); });
    std::move(gone, operations.end(), std::back_inserter(purged));
    operations.erase(gone, operations.end());
    return operations.empty() ? lists_.erase(at) : std::next(at);
  }

  Mutex mutex_;
  Lists lists_ KS_GUARDED_BY(mutex_);
};

}  // namespace kafkascope
