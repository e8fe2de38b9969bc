// WatchManager: who wants to hear of which path.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "zookeeper/zk_types.h"

namespace kafkascope::zk {

/// A connection. Its watches end with it: a client that comes back sets them anew.
using WatcherId = int64_t;

enum class WatchKind {
  kData,      // of getData and exists: once
  kChildren,  // of getChildren: once
  kPersistent,
  kPersistentRecursive,  // of everything below too, but not of children as such
};

struct Watch {
  std::string path;
  WatchKind kind{};
  WatcherId watcher = 0;
  auto operator<=>(const Watch&) const = default;
};

/// ZooKeeper's WatchManager, for all kinds. Not thread-safe.
class WatchManager {
 public:
  void add(const std::string& path, WatchKind kind, WatcherId watcher);
  bool contains(const std::string& path, WatchKind kind, WatcherId watcher) const;
  /// False: there was none.
  bool remove(const std::string& path, WatchKind kind, WatcherId watcher);
  void remove_watcher(WatcherId watcher);

  /// Who is to be told of the event, each once, in order; one-shot watches are gone afterwards.
  std::set<WatcherId> trigger(EventType type, const std::string& path);

  /// All, sorted.
  std::vector<Watch> watches() const;
  size_t size() const { return count_; }

 private:
  using Key = std::pair<std::string, WatchKind>;
  void take(const Key& key, std::set<WatcherId>& told);
  void collect(const Key& key, std::set<WatcherId>& told) const;

  std::map<Key, std::set<WatcherId>> by_path_;
  std::map<WatcherId, std::set<Key>> by_watcher_;
  size_t count_ = 0;
};

}  // namespace kafkascope::zk
