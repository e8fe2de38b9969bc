// FileSnap: the whole tree and all sessions as one file, "snapshot.<zxid>".
#pragma once

#include <map>

#include "zookeeper/server/data_tree.h"

namespace kafkascope::zk {

/// Id to timeout in milliseconds.
using SessionTimeouts = std::map<SessionId, int32_t>;

/// The file's bytes.
ByteBuffer encode_snapshot(const DataTree& tree, const SessionTimeouts& sessions);
/// Fills both. Throws SerializationException when the bytes are cut, do not match their checksum,
/// or hold nodes that this server does not have (containers, TTL). Sets no last zxid: that is in
/// the file's name.
void decode_snapshot(ByteView bytes, DataTree& tree, SessionTimeouts& sessions);

}  // namespace kafkascope::zk
