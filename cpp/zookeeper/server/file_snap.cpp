#include "zookeeper/server/file_snap.h"

#include "zookeeper/server/file_formats.h"
#include "zookeeper/server/zk_path.h"

namespace kafkascope::zk {
namespace {

constexpr int32_t kMagic = 0x5a4b534e;  // "ZKSN"
constexpr int64_t kOpenAcl = -1;        // world:anyone may do all; the other lists count from 1
const std::string kEnd = "/";

struct AclEntry {
  int64_t id = 0;
  AclList acl;
  void fields(auto& v) { v(id, acl); }
};

/// What is stored of a node, behind its path.
struct StoredNode {
  Data data;
  int64_t acl = kOpenAcl;
  Stat stat;
  void fields(auto& v) {
    v(data, acl, stat.czxid, stat.mzxid, stat.ctime, stat.mtime, stat.version, stat.cversion,
      stat.aversion, stat.ephemeral_owner, stat.pzxid);
  }
};

/// Adler32 over all before it, and a mark.
void seal(JuteWriter& out) { out(int64_t{adler32_of(out.out().view())}, kEnd); }

// The root is written as "".
std::string stored_path(const std::string& path) { return path == "/" ? "" : path; }

std::map<int64_t, AclList> read_acls(JuteReader& in) {
  std::map<int64_t, AclList> acls{{kOpenAcl, open_acl()}};
  int32_t count = 0;
  in(count);
  for (int32_t i = 0; i < count; ++i) {
    AclEntry entry;
    in(entry);
    acls[entry.id] = std::move(entry.acl);
  }
  return acls;
}

void read_nodes(JuteReader& in, DataTree& tree) {
  const std::map<int64_t, AclList> acls = read_acls(in);
  tree.clear();
  for (;;) {
    std::string path;
    in(path);
    if (path == kEnd) return;
    if (path.empty()) path.push_back('/');
    StoredNode stored;
    in(stored);
    const auto acl = acls.find(stored.acl);
    if (acl == acls.end()) in.in().fail("a node with an ACL that is not in the file");
    // Owners with a top byte of 1s, or nothing but the sign, mark TTL and container nodes.
    const auto owner = static_cast<uint64_t>(stored.stat.ephemeral_owner);
    if (owner >> 56 == 0xff || owner == uint64_t{1} << 63)
      in.in().fail("a container or TTL node, which this server does not have");
    const bool placed = path == "/" ? tree.nodes().empty()
                                    : path[0] == '/' && tree.find(parent_of(path)) != nullptr;
    if (!placed) in.in().fail("a node without its parent");
    tree.restore_node(path, {std::move(stored.data), acl->second, stored.stat});
  }
}

}  // namespace

ByteBuffer encode_snapshot(const DataTree& tree, const SessionTimeouts& sessions) {
  JuteWriter out;
  out(FileHeader{kMagic, 2, -1}, static_cast<int32_t>(sessions.size()));
  for (const auto& [id, timeout_ms] : sessions) out(id, timeout_ms);
  std::vector<AclEntry> acls;
  const auto id_of = [&](const AclList& acl) {
    if (acl == open_acl()) return kOpenAcl;
    for (const AclEntry& entry : acls) {
      if (entry.acl == acl) return entry.id;
    }
    acls.push_back({static_cast<int64_t>(acls.size()) + 1, acl});
    return acls.back().id;
  };
  JuteWriter nodes;
  for (const auto& [path, node] : tree.nodes())  // sorted: parents first
    nodes(stored_path(path), StoredNode{node.data, id_of(node.acl), node.stat});
  out(acls);
  out.out().write_bytes(nodes.out().view());
  out(kEnd);
  seal(out);
  return out.take();
}

void decode_snapshot(ByteView bytes, DataTree& tree, SessionTimeouts& sessions) {
  JuteReader in(bytes);
  FileHeader header;
  int32_t count = 0;
  in(header, count);
  if (header.magic != kMagic) in.in().fail("no snapshot of ZooKeeper");
  sessions.clear();
  for (int32_t i = 0; i < count; ++i) {
    SessionId id = 0;
    int32_t timeout_ms = 0;
    in(id, timeout_ms);
    sessions[id] = timeout_ms;
  }
  read_nodes(in, tree);
  const uint32_t found = adler32_of(bytes.first(in.in().position()));
  int64_t expected = 0;
  in(expected);
  if (expected != int64_t{found}) in.in().fail("the checksum does not match");
}

}  // namespace kafkascope::zk
