// ClientWatches: which watches a client has left at its server, to be set again at the next one.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "zookeeper/zk_protocol.h"

namespace kafkascope {

/// Paths as the server knows them. A watch is gone once it has fired. Owned by one thread.
class ClientWatches {
 public:
  /// A request that asked for a watch was answered so. Without a node only exists leaves one.
  void add(zk::OpCode op, zk::ZkError answer, const std::string& path);
  /// Forgets what this event used up. False: nobody waits for it.
  bool fire(const zk::WatcherEvent& event);
  /// All of them in as many requests as keep each below the size; none when there are none. The
  /// server tells at once what happened since the zxid.
  std::vector<zk::SetWatchesRequest> requests(zk::Zxid last_seen, size_t max_size) const;

 private:
  std::set<std::string> data_;
  std::set<std::string> exist_;
  std::set<std::string> child_;
};

}  // namespace kafkascope
