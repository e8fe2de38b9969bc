// What can be seen and done from other threads.
#include "zookeeper/server/zookeeper_server.h"

namespace kafkascope::zk {
namespace {

ZooKeeperServer::NodeInfo info_of(const std::string& path, const DataNode& node) {
  return {path, DataTree::stat_of(node), node.data, node.acl};
}

}  // namespace

std::string ZooKeeperServer::failure() const {
  Lock lock(mutex_);
  return failure_;
}

void ZooKeeperServer::expire_session(SessionId session) {
  {
    Lock lock(mutex_);
    to_expire_.push_back(session);
  }
  selector_.wakeup();
}

void ZooKeeperServer::delay_notifications(Duration delay) {
  Lock lock(mutex_);
  processor_->notification_delay = delay;
}

std::vector<ZooKeeperServer::SessionInfo> ZooKeeperServer::sessions() const {
  Lock lock(mutex_);
  std::map<SessionId, SessionInfo> found;
  for (const auto& [id, timeout_ms] : processor_->sessions().timeouts())
    found[id] = {id, timeout_ms, "", processor_->tree().ephemerals_of(id)};
  for (const auto& [id, cnxn] : processor_->cnxns()) {
    if (found.contains(cnxn.session)) found[cnxn.session].client = cnxn.peer.to_string();
  }
  std::vector<SessionInfo> infos;
  for (auto& [id, info] : found) infos.push_back(std::move(info));
  return infos;
}

std::vector<ZooKeeperServer::NodeInfo> ZooKeeperServer::nodes() const {
  Lock lock(mutex_);
  std::vector<NodeInfo> infos;
  for (const auto& [path, node] : processor_->tree().nodes()) infos.push_back(info_of(path, node));
  return infos;
}

std::optional<ZooKeeperServer::NodeInfo> ZooKeeperServer::get(const std::string& path) const {
  Lock lock(mutex_);
  const DataNode* node = processor_->tree().find(path);
  return node == nullptr ? std::nullopt : std::optional(info_of(path, *node));
}

std::vector<ZooKeeperServer::WatchInfo> ZooKeeperServer::watches() const {
  Lock lock(mutex_);
  std::vector<WatchInfo> infos;
  for (const Watch& watch : processor_->watches().watches())
    infos.push_back({watch.path, watch.kind, processor_->cnxns().at(watch.watcher).session});
  return infos;
}

Zxid ZooKeeperServer::last_zxid() const {
  Lock lock(mutex_);
  return processor_->tree().last_zxid();
}

}  // namespace kafkascope::zk
