#include "zookeeper/server/watch_manager.h"

#include "zookeeper/server/zk_path.h"

namespace kafkascope::zk {

void WatchManager::add(const std::string& path, WatchKind kind, WatcherId watcher) {
  if (by_path_[{path, kind}].insert(watcher).second) ++count_;
  by_watcher_[watcher].insert({path, kind});
}

bool WatchManager::contains(const std::string& path, WatchKind kind, WatcherId watcher) const {
  const auto found = by_path_.find({path, kind});
  return found != by_path_.end() && found->second.contains(watcher);
}

bool WatchManager::remove(const std::string& path, WatchKind kind, WatcherId watcher) {
  if (!contains(path, kind, watcher)) return false;
  const Key key(path, kind);
  const auto watchers = by_path_.find(key);
  watchers->second.erase(watcher);
  if (watchers->second.empty()) by_path_.erase(watchers);
  const auto keys = by_watcher_.find(watcher);
  keys->second.erase(key);
  if (keys->second.empty()) by_watcher_.erase(keys);
  --count_;
  return true;
}

void WatchManager::remove_watcher(WatcherId watcher) {
  const auto found = by_watcher_.find(watcher);
  if (found == by_watcher_.end()) return;
  for (const Key& key : std::set<Key>(found->second)) remove(key.first, key.second, watcher);
}

std::set<WatcherId> WatchManager::trigger(EventType type, const std::string& path) {
  std::set<WatcherId> told;
  collect({path, WatchKind::kPersistent}, told);
  if (type == EventType::kNodeChildrenChanged) {
    take({path, WatchKind::kChildren}, told);
    return told;
  }
  take({path, WatchKind::kData}, told);
  if (type == EventType::kNodeDeleted) take({path, WatchKind::kChildren}, told);
  for (std::string at = path;; at = parent_of(at)) {
    collect({at, WatchKind::kPersistentRecursive}, told);
    if (at == "/") return told;
  }
}

void WatchManager::collect(const Key& key, std::set<WatcherId>& told) const {
  const auto found = by_path_.find(key);
  if (found != by_path_.end()) told.insert(found->second.begin(), found->second.end());
}

void WatchManager::take(const Key& key, std::set<WatcherId>& told) {
  const auto found = by_path_.find(key);
  if (found == by_path_.end()) return;
  const std::set<WatcherId> watchers = found->second;
  told.insert(watchers.begin(), watchers.end());
  for (const WatcherId watcher : watchers) remove(key.first, key.second, watcher);
}

std::vector<Watch> WatchManager::watches() const {
  std::vector<Watch> all;
  for (const auto& [key, watchers] : by_path_) {
    for (const WatcherId watcher : watchers) all.push_back({key.first, key.second, watcher});
  }
  return all;
}

}  // namespace kafkascope::zk
