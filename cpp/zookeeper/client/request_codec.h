// Requests as ZooKeeper's bytes, and its bytes as responses.
#pragma once

#include "zookeeper/client/zk_request.h"
#include "zookeeper/zk_protocol.h"

namespace kafkascope {

zk::OpCode op_code(const ZkRequest& request);
/// The frame: header and body.
ByteBuffer encode_request(const ZkRequest& request, int32_t xid, bool watch);
/// `body`: what stands behind the header. Throws SerializationException.
ZkResponse decode_response(const ZkRequest& request, zk::ZkError error, ByteView body);
/// The answer to a request that got none.
ZkResponse failed_response(const ZkRequest& request, zk::ZkError error);

}  // namespace kafkascope
