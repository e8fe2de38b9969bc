#include "zookeeper/server/data_tree.h"

#include "zookeeper/server/zk_path.h"

namespace kafkascope::zk {

DataTree::DataTree() {
  const AclList read_only = {{.permissions = 1}};
  restore_node("/", {.data = ByteBuffer{}, .acl = open_acl()});
  restore_node("/zookeeper", {.data = ByteBuffer{}, .acl = open_acl()});
  restore_node("/zookeeper/config", {.data = ByteBuffer{}, .acl = read_only});
  restore_node("/zookeeper/quota", {.data = ByteBuffer{}, .acl = open_acl()});
}

const DataNode* DataTree::find(const std::string& path) const {
  const auto found = nodes_.find(path);
  return found == nodes_.end() ? nullptr : &found->second;
}

std::set<std::string> DataTree::ephemerals_of(SessionId session) const {
  const auto found = ephemerals_.find(session);
  return found == ephemerals_.end() ? std::set<std::string>{} : found->second;
}

int32_t DataTree::count_below(const std::string& path) const {
  const std::string prefix = path == "/" ? path : path + "/";
  int32_t count = 0;
  for (auto it = nodes_.upper_bound(prefix);
       it != nodes_.end() && it->first.compare(0, prefix.size(), prefix) == 0; ++it)
    ++count;
  return count;
}

std::vector<TreeEvent> DataTree::apply(const TxnHeader& header, const TxnRecord& record) {
  Events events;
  std::visit([&](const auto& txn) { change(header, txn, events); }, record);
  last_zxid_ = std::max(last_zxid_, header.zxid);
  return events;
}

void DataTree::change(const TxnHeader& header, const CreateTxn& txn, Events& events) {
  const std::string parent_path = parent_of(txn.path);
  const auto parent = nodes_.find(parent_path);
  if (parent == nodes_.end()) return;
  Stat& parent_stat = parent->second.stat;
  if (txn.parent_cversion > parent_stat.cversion) {
    parent_stat.cversion = txn.parent_cversion;
    parent_stat.pzxid = header.zxid;
  }
  if (nodes_.contains(txn.path)) return;
  DataNode node{.data = txn.data, .acl = txn.acl};
  node.stat.czxid = node.stat.mzxid = node.stat.pzxid = header.zxid;
  node.stat.ctime = node.stat.mtime = header.time;
  node.stat.ephemeral_owner = txn.ephemeral ? header.session : 0;
  restore_node(txn.path, std::move(node));
  events.push_back({EventType::kNodeCreated, txn.path});
  events.push_back({EventType::kNodeChildrenChanged, parent_path});
}

void DataTree::change(const TxnHeader& header, const DeleteTxn& txn, Events& events) {
  const auto node = nodes_.find(txn.path);
  if (node == nodes_.end() || !node->second.children.empty() || is_special(txn.path)) return;
  if (const SessionId owner = node->second.stat.ephemeral_owner; owner != 0) {
    const auto owned = ephemerals_.find(owner);
    owned->second.erase(txn.path);
    if (owned->second.empty()) ephemerals_.erase(owned);
  }
  nodes_.erase(node);
  const std::string parent_path = parent_of(txn.path);
  DataNode& parent = nodes_.at(parent_path);
  parent.children.erase(name_of(txn.path));
  parent.stat.pzxid = std::max(parent.stat.pzxid, header.zxid);
  events.push_back({EventType::kNodeDeleted, txn.path});
  events.push_back({EventType::kNodeChildrenChanged, parent_path});
}

void DataTree::change(const TxnHeader& header, const SetDataTxn& txn, Events& events) {
  const auto node = nodes_.find(txn.path);
  if (node == nodes_.end()) return;
  node->second.data = txn.data;
  Stat& stat = node->second.stat;
  stat.version = txn.version;
  stat.mzxid = header.zxid;
  stat.mtime = header.time;
  events.push_back({EventType::kNodeDataChanged, txn.path});
}

void DataTree::change(const TxnHeader&, const SetAclTxn& txn, Events&) {
  const auto node = nodes_.find(txn.path);
  if (node == nodes_.end()) return;
  node->second.acl = txn.acl;
  node->second.stat.aversion = txn.version;
}

void DataTree::change(const TxnHeader& header, const CloseSessionTxn& txn, Events& events) {
  // The list and the tree agree, but for a transaction of ZooKeeper before 3.6, which has no list.
  std::set<std::string> paths = ephemerals_of(header.session);
  paths.insert(txn.paths.begin(), txn.paths.end());
  for (const std::string& path : paths) change(header, DeleteTxn{path}, events);
}

void DataTree::change(const TxnHeader& header, const MultiTxn& txn, Events& events) {
  std::vector<TxnRecord> records;  // all or nothing, also of one that Apache logged as failed
  for (const MultiTxnPart& part : txn.parts) {
    if (part.type == OpCode::kError) return;
    JuteReader reader(part.record ? ByteView(*part.record) : ByteView{});
    records.push_back(decode_txn_record(part.type, reader));
  }
  for (const TxnRecord& record : records)
    std::visit([&](const auto& part) { change(header, part, events); }, record);
}

void DataTree::clear() {
  nodes_.clear();
  ephemerals_.clear();
  last_zxid_ = 0;
}

void DataTree::restore_node(const std::string& path, DataNode node) {
  if (path != "/") nodes_.at(parent_of(path)).children.insert(name_of(path));
  if (node.stat.ephemeral_owner != 0) ephemerals_[node.stat.ephemeral_owner].insert(path);
  nodes_[path] = std::move(node);
}

Stat DataTree::stat_of(const DataNode& node) {
  Stat stat = node.stat;
  stat.data_length = node.data ? static_cast<int32_t>(node.data->size()) : 0;
  stat.num_children = static_cast<int32_t>(node.children.size());
  // Clients are told of creations and deletions together.
  stat.cversion = 2 * stat.cversion - stat.num_children;
  return stat;
}

bool DataTree::is_special(const std::string& path) {
  return path == "/" || path == "/zookeeper" || path == "/zookeeper/config" ||
         path == "/zookeeper/quota";
}

}  // namespace kafkascope::zk
