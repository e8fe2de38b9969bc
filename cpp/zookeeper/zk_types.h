// The words of ZooKeeper: znodes and their Stat, ACLs, sessions, events, error codes.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "zookeeper/jute.h"

namespace kafkascope::zk {

using SessionId = int64_t;
using Zxid = int64_t;  // the number of a transaction; grows by one with each

inline constexpr int32_t kAnyVersion = -1;
inline constexpr int32_t kPermAll = 31;

/// KeeperException's codes.
enum class ZkError : int32_t {
  kOk = 0,
  kSystemError = -1,
  kRuntimeInconsistency = -2,
  kConnectionLoss = -4,
  kMarshallingError = -5,
  kUnimplemented = -6,
  kOperationTimeout = -7,
  kBadArguments = -8,
  kNoNode = -101,
  kNoAuth = -102,
  kBadVersion = -103,
  kNoChildrenForEphemerals = -108,
  kNodeExists = -110,
  kNotEmpty = -111,
  kSessionExpired = -112,
  kInvalidCallback = -113,
  kInvalidAcl = -114,
  kAuthFailed = -115,
  kSessionMoved = -118,
  kNotReadOnly = -119,
  kEphemeralOnLocalSession = -120,
  kNoWatcher = -121,
};

/// "NoNode", "BadVersion" ...: KeeperException's names.
std::string to_string(ZkError error);

/// What a call that expects its path to be right throws. "NoNode for /brokers/ids/1".
class ZkException : public std::runtime_error {
 public:
  ZkException(ZkError code, const std::string& path);
  ZkError code() const { return code_; }

 private:
  ZkError code_;
};

enum class OpCode : int32_t {
  kNotification = 0,
  kCreate = 1,
  kDelete = 2,
  kExists = 3,
  kGetData = 4,
  kSetData = 5,
  kGetAcl = 6,
  kSetAcl = 7,
  kGetChildren = 8,
  kSync = 9,
  kPing = 11,
  kGetChildren2 = 12,
  kCheck = 13,
  kMulti = 14,
  kCreate2 = 15,
  kReconfig = 16,
  kCheckWatches = 17,
  kRemoveWatches = 18,
  kCreateContainer = 19,
  kDeleteContainer = 20,
  kCreateTtl = 21,
  kMultiRead = 22,
  kAuth = 100,
  kSetWatches = 101,
  kSasl = 102,
  kGetEphemerals = 103,
  kGetAllChildrenNumber = 104,
  kSetWatches2 = 105,
  kAddWatch = 106,
  kCreateSession = -10,
  kCloseSession = -11,
  kError = -1,
};

/// Flags of create, as on the wire.
enum class CreateMode : int32_t {
  kPersistent = 0,
  kEphemeral = 1,
  kPersistentSequential = 2,
  kEphemeralSequential = 3,
  kContainer = 4,
  kPersistentWithTtl = 5,
  kPersistentSequentialWithTtl = 6,
};

enum class EventType : int32_t {
  kNone = -1,
  kNodeCreated = 1,
  kNodeDeleted = 2,
  kNodeDataChanged = 3,
  kNodeChildrenChanged = 4,
};

enum class KeeperState : int32_t {
  kDisconnected = 0,
  kSyncConnected = 3,
  kAuthFailed = 4,
  kExpired = -112,
  kClosed = 7,
};

struct Stat {
  Zxid czxid = 0;  // of the transaction that made the node: a broker's epoch
  Zxid mzxid = 0;
  int64_t ctime = 0;  // milliseconds since 1970
  int64_t mtime = 0;
  int32_t version = 0;
  int32_t cversion = 0;
  int32_t aversion = 0;
  SessionId ephemeral_owner = 0;
  int32_t data_length = 0;
  int32_t num_children = 0;
  Zxid pzxid = 0;

  void fields(auto& v) {
    v(czxid, mzxid, ctime, mtime, version, cversion, aversion, ephemeral_owner, data_length,
      num_children, pzxid);
  }
  bool operator==(const Stat&) const = default;
};

struct Acl {
  int32_t permissions = kPermAll;
  std::string scheme = "world";
  std::string id = "anyone";

  void fields(auto& v) { v(permissions, scheme, id); }
  bool operator==(const Acl&) const = default;
};
using AclList = std::vector<Acl>;
inline AclList open_acl() { return {Acl{}}; }

}  // namespace kafkascope::zk
