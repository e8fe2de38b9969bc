// Transactions: every change of the tree and of the sessions, as it is logged and applied.
#pragma once

#include <variant>

#include "zookeeper/zk_types.h"

namespace kafkascope::zk {

struct TxnHeader {
  SessionId session = 0;  // who asked
  int32_t cxid = 0;       // under which number
  Zxid zxid = 0;
  int64_t time = 0;  // milliseconds since 1970
  OpCode type{};
  void fields(auto& v) { v(session, cxid, zxid, time, type); }
};

struct CreateTxn {
  std::string path;
  Data data;
  AclList acl;
  bool ephemeral = false;
  int32_t parent_cversion = 0;  // what the parent's becomes
  void fields(auto& v) { v(path, data, acl, ephemeral, parent_cversion); }
};
struct DeleteTxn {
  std::string path;
  void fields(auto& v) { v(path); }
};
/// `version` is what the node's becomes, here and in the next two.
struct SetDataTxn {
  std::string path;
  Data data;
  int32_t version = 0;
  void fields(auto& v) { v(path, data, version); }
};
struct SetAclTxn {
  std::string path;
  AclList acl;
  int32_t version = 0;
  void fields(auto& v) { v(path, acl, version); }
};
struct CheckVersionTxn {
  std::string path;
  int32_t version = 0;
  void fields(auto& v) { v(path, version); }
};
struct CreateSessionTxn {
  int32_t timeout_ms = 0;
  void fields(auto& v) { v(timeout_ms); }
};
/// The session's ephemeral nodes, which go with it.
struct CloseSessionTxn {
  std::vector<std::string> paths;
  void fields(auto& v) { v(paths); }
};
/// A request that Apache ZooKeeper refused: it logs them, this server does not.
struct ErrorTxn {
  ZkError error{};
  void fields(auto& v) { v(error); }
};
/// One of a multi: its type, and its record encoded.
struct MultiTxnPart {
  OpCode type{};
  Data record;
  void fields(auto& v) { v(type, record); }
};
struct MultiTxn {
  std::vector<MultiTxnPart> parts;
  void fields(auto& v) { v(parts); }
};

using TxnRecord = std::variant<CreateTxn, DeleteTxn, SetDataTxn, SetAclTxn, CheckVersionTxn,
                               CreateSessionTxn, CloseSessionTxn, ErrorTxn, MultiTxn>;

struct Txn {
  TxnHeader header;
  TxnRecord record;
};

/// A record by its type. Throws SerializationException, also for types that this server does not
/// have (containers, TTL, reconfiguration).
TxnRecord decode_txn_record(OpCode type, JuteReader& reader);
ByteBuffer encode_txn_record(const TxnRecord& record);

/// Header and record, as in a log entry. What follows (Apache's digest of the tree) is not read.
Txn decode_txn(ByteView bytes);
ByteBuffer encode_txn(const Txn& txn);

}  // namespace kafkascope::zk
