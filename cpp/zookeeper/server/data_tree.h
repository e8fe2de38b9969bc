// DataTree: the znodes in memory, and what a transaction makes of them.
#pragma once

#include <map>
#include <set>

#include "zookeeper/server/txn.h"

namespace kafkascope::zk {

/// One znode. The Stat that clients see is made of it by DataTree::stat_of.
struct DataNode {
  Data data;
  AclList acl;
  /// data_length and num_children are left at 0; cversion counts the children ever created.
  Stat stat;
  std::set<std::string> children;  // names
};

/// A node was created, changed or deleted, or its children were: what watches are for.
struct TreeEvent {
  EventType type{};
  std::string path;
};

/// ZooKeeper's DataTree: paths to nodes, and which are ephemeral. Not thread-safe.
class DataTree {
 public:
  /// "/", and "/zookeeper" with what Apache ZooKeeper has there.
  DataTree();

  const DataNode* find(const std::string& path) const;
  const std::map<std::string, DataNode>& nodes() const { return nodes_; }
  /// Empty when there are none.
  std::set<std::string> ephemerals_of(SessionId session) const;
  const std::map<SessionId, std::set<std::string>>& ephemerals() const { return ephemerals_; }
  /// Of all nodes below the path, its children's children too.
  int32_t count_below(const std::string& path) const;
  /// The newest transaction applied.
  Zxid last_zxid() const { return last_zxid_; }

  /// Applies a transaction and tells what happened, in the order in which watches fire. It was
  /// checked before it was logged; one that does not fit (its effect is in the snapshot already)
  /// changes nothing.
  std::vector<TreeEvent> apply(const TxnHeader& header, const TxnRecord& record);

  /// For a snapshot that is being read: starts over, then node by node, parents first.
  void clear();
  void restore_node(const std::string& path, DataNode node);
  void set_last_zxid(Zxid zxid) { last_zxid_ = zxid; }

  static Stat stat_of(const DataNode& node);
  /// "/" and "/zookeeper" with its children: may not be deleted.
  static bool is_special(const std::string& path);

 private:
  using Events = std::vector<TreeEvent>;
  void change(const TxnHeader& header, const CreateTxn& txn, Events& events);
  void change(const TxnHeader& header, const DeleteTxn& txn, Events& events);
  void change(const TxnHeader& header, const SetDataTxn& txn, Events& events);
  void change(const TxnHeader& header, const SetAclTxn& txn, Events& events);
  void change(const TxnHeader& header, const CloseSessionTxn& txn, Events& events);
  void change(const TxnHeader& header, const MultiTxn& txn, Events& events);
  void change(const TxnHeader&, const CheckVersionTxn&, Events&) {}
  void change(const TxnHeader&, const CreateSessionTxn&, Events&) {}
  void change(const TxnHeader&, const ErrorTxn&, Events&) {}

  std::map<std::string, DataNode> nodes_;
  std::map<SessionId, std::set<std::string>> ephemerals_;
  Zxid last_zxid_ = 0;
};

}  // namespace kafkascope::zk
