#include "zookeeper/client/client_watches.h"

namespace kafkascope {

using zk::EventType;
using zk::OpCode;
using zk::ZkError;

void ClientWatches::add(OpCode op, ZkError answer, const std::string& path) {
  if (op == OpCode::kExists && answer == ZkError::kNoNode) {
    exist_.insert(path);
  } else if (answer == ZkError::kOk) {
    const bool of_children = op == OpCode::kGetChildren || op == OpCode::kGetChildren2;
    (of_children ? child_ : data_).insert(path);
  }
}

bool ClientWatches::fire(const zk::WatcherEvent& event) {
  size_t fired = 0;
  if (event.type != EventType::kNodeChildrenChanged) {
    fired += data_.erase(event.path) + exist_.erase(event.path);
  }
  if (event.type == EventType::kNodeChildrenChanged || event.type == EventType::kNodeDeleted) {
    fired += child_.erase(event.path);
  }
  return fired > 0;
}

std::vector<zk::SetWatchesRequest> ClientWatches::requests(zk::Zxid last_seen,
                                                           size_t max_size) const {
  std::vector<zk::SetWatchesRequest> made;
  size_t size = max_size;
  const auto add_all = [&](const std::set<std::string>& paths,
                           std::vector<std::string> zk::SetWatchesRequest::* kind) {
    for (const std::string& path : paths) {
      if (size + path.size() >= max_size) {
        made.emplace_back().relative_zxid = last_seen;
        size = 0;
      }
      size += path.size() + sizeof(int32_t);
      (made.back().*kind).push_back(path);
    }
  };
  add_all(data_, &zk::SetWatchesRequest::data_watches);
  add_all(exist_, &zk::SetWatchesRequest::exist_watches);
  add_all(child_, &zk::SetWatchesRequest::child_watches);
  return made;
}

}  // namespace kafkascope
