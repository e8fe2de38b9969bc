// ZooKeeper's wire protocol: frames of a 4-byte length, a header and one of these records.
#pragma once

#include "zookeeper/zk_types.h"

namespace kafkascope::zk {

// Numbers that replies carry instead of a request's own.
inline constexpr int32_t kNotificationXid = -1;
inline constexpr int32_t kPingXid = -2;
inline constexpr int32_t kAuthXid = -4;
inline constexpr int32_t kSetWatchesXid = -8;

/// The first frame of a connection, without a header. A trailing bool (read only) is left out by
/// old clients, so it is not in fields().
struct ConnectRequest {
  int32_t protocol_version = 0;
  Zxid last_zxid_seen = 0;
  int32_t timeout_ms = 0;
  SessionId session_id = 0;  // 0: a new session
  Data password;
  void fields(auto& v) { v(protocol_version, last_zxid_seen, timeout_ms, session_id, password); }
};

/// Timeout and session 0: the session has expired. A bool (read only) follows.
struct ConnectResponse {
  int32_t protocol_version = 0;
  int32_t timeout_ms = 0;
  SessionId session_id = 0;
  Data password;
  void fields(auto& v) { v(protocol_version, timeout_ms, session_id, password); }
};

struct RequestHeader {
  int32_t xid = 0;
  OpCode type{};
  void fields(auto& v) { v(xid, type); }
};

struct ReplyHeader {
  int32_t xid = 0;
  Zxid zxid = 0;
  ZkError err = ZkError::kOk;
  void fields(auto& v) { v(xid, zxid, err); }
};

/// Before each part of a multi and of its reply; `done` ends either.
struct MultiHeader {
  OpCode type{};
  bool done = false;
  ZkError err = ZkError::kOk;  // -1 on the wire of requests
  void fields(auto& v) { v(type, done, err); }
};

struct WatcherEvent {
  EventType type{};
  KeeperState state = KeeperState::kSyncConnected;
  std::string path;
  void fields(auto& v) { v(type, state, path); }
};

struct CreateRequest {
  std::string path;
  Data data;
  AclList acl;
  CreateMode flags{};
  void fields(auto& v) { v(path, data, acl, flags); }
};
struct CreateTtlRequest {
  std::string path;
  Data data;
  AclList acl;
  CreateMode flags{};
  int64_t ttl = 0;
  void fields(auto& v) { v(path, data, acl, flags, ttl); }
};
struct CreateResponse {
  std::string path;
  void fields(auto& v) { v(path); }
};
struct Create2Response {
  std::string path;
  Stat stat;
  void fields(auto& v) { v(path, stat); }
};

/// Delete and check.
struct PathVersionRequest {
  std::string path;
  int32_t version = kAnyVersion;
  void fields(auto& v) { v(path, version); }
};

/// Exists, getData, getChildren, getChildren2.
struct PathWatchRequest {
  std::string path;
  bool watch = false;
  void fields(auto& v) { v(path, watch); }
};

/// Sync, getACL, getEphemerals, getAllChildrenNumber; and the reply of sync.
struct PathRequest {
  std::string path;
  void fields(auto& v) { v(path); }
};

/// Exists, setData, setACL.
struct StatResponse {
  Stat stat;
  void fields(auto& v) { v(stat); }
};
struct GetDataResponse {
  Data data;
  Stat stat;
  void fields(auto& v) { v(data, stat); }
};
struct SetDataRequest {
  std::string path;
  Data data;
  int32_t version = kAnyVersion;
  void fields(auto& v) { v(path, data, version); }
};
struct GetChildrenResponse {
  std::vector<std::string> children;
  void fields(auto& v) { v(children); }
};
struct GetChildren2Response {
  std::vector<std::string> children;
  Stat stat;
  void fields(auto& v) { v(children, stat); }
};
struct GetAclResponse {
  AclList acl;
  Stat stat;
  void fields(auto& v) { v(acl, stat); }
};
struct SetAclRequest {
  std::string path;
  AclList acl;
  int32_t version = kAnyVersion;
  void fields(auto& v) { v(path, acl, version); }
};
/// A failed part of a multi's reply.
struct ErrorResponse {
  ZkError err{};
  void fields(auto& v) { v(err); }
};
struct AuthRequest {
  int32_t type = 0;
  std::string scheme;
  Data auth;
  void fields(auto& v) { v(type, scheme, auth); }
};
struct SetWatchesRequest {
  Zxid relative_zxid = 0;
  std::vector<std::string> data_watches;
  std::vector<std::string> exist_watches;
  std::vector<std::string> child_watches;
  void fields(auto& v) { v(relative_zxid, data_watches, exist_watches, child_watches); }
};
struct SetWatches2Request {
  SetWatchesRequest watches;
  std::vector<std::string> persistent_watches;
  std::vector<std::string> persistent_recursive_watches;
  void fields(auto& v) { v(watches, persistent_watches, persistent_recursive_watches); }
};
/// addWatch (mode 0: persistent, 1: persistent and recursive); removeWatches and checkWatches
/// (type 1: children, 2: data, 3: any).
struct WatchModeRequest {
  std::string path;
  int32_t mode = 0;
  void fields(auto& v) { v(path, mode); }
};
struct AllChildrenNumberResponse {
  int32_t total = 0;
  void fields(auto& v) { v(total); }
};

}  // namespace kafkascope::zk
