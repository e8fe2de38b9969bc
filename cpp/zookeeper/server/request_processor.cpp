#include "zookeeper/server/request_processor.h"

#include "common/errors.h"
#include "common/logging.h"

namespace kafkascope::zk {

RequestProcessor::RequestProcessor(Node& node, const ZooKeeperServerConfig& config,
                                   FileTxnSnapLog& log)
    : node_(node),
      config_(config),
      log_(log),
      sessions_(std::chrono::milliseconds(config.tick_time_ms)) {}

void RequestProcessor::restore() {
  SessionTimeouts timeouts;
  log_.restore(tree_, timeouts);
  const Instant now = node_.clock().monotonic();
  for (const auto& [id, timeout_ms] : timeouts) sessions_.track(id, timeout_ms, now);
  // Each millisecond has 65,536 ids of its own, so that restarts do not meet.
  const auto wall_ms = static_cast<uint64_t>(node_.clock().wall_ms());
  next_session_ = static_cast<SessionId>(wall_ms << 24 >> 8);
  std::vector<SessionId> dead;
  for (const auto& [owner, paths] : tree_.ephemerals()) {
    if (!sessions_.contains(owner)) dead.push_back(owner);
  }
  for (const SessionId owner : dead) close_session(owner, 0);
}

void RequestProcessor::add_cnxn(WatcherId id, const Endpoint& peer) {
  ServerCnxn& cnxn = cnxns_[id];
  cnxn.id = id;
  cnxn.peer = peer;
  cnxn.who = {{"ip", peer.host}};
}

void RequestProcessor::remove_cnxn(WatcherId id) {
  const auto found = cnxns_.find(id);
  if (found == cnxns_.end()) return;
  const auto owner = cnxn_ids_.find(found->second.session);
  if (owner != cnxn_ids_.end() && owner->second == id) cnxn_ids_.erase(owner);
  watches_.remove_watcher(id);
  cnxns_.erase(found);
}

void RequestProcessor::process(WatcherId id, ByteView frame) {
  ServerCnxn& cnxn = cnxns_.at(id);
  if (cnxn.fate != ServerCnxn::Fate::kStay) return;
  ++cnxn.received;
  ++received;
  try {
    JuteReader in(frame);
    if (cnxn.session == 0) return connect(cnxn, in);
    RequestHeader header;
    in(header);
    respond(cnxn, header, in);
  } catch (const SerializationException& e) {
    KS_LOG(kWarn, node_.name(), "closing connection from {}: {}", cnxn.peer.to_string(), e.what());
    cnxn.fate = ServerCnxn::Fate::kCloseNow;
  }
}

void RequestProcessor::respond(ServerCnxn& cnxn, const RequestHeader& header, JuteReader& in) {
  sessions_.touch(cnxn.session, node_.clock().monotonic());
  ZkError error = ZkError::kOk;
  JuteWriter body;
  try {
    handle(cnxn, header, in, body);
  } catch (const ZkException& e) {
    error = e.code();
  } catch (const SerializationException&) {
    error = ZkError::kMarshallingError;
  }
  JuteWriter reply;
  reply(ReplyHeader{header.xid, tree_.last_zxid(), error});
  if (error == ZkError::kOk) reply.out().write_bytes(body.out().view());
  send(cnxn, reply.take());
  if (header.type == OpCode::kCloseSession || error == ZkError::kAuthFailed)
    cnxn.fate = ServerCnxn::Fate::kCloseWhenSent;
}

void RequestProcessor::handle(ServerCnxn& cnxn, const RequestHeader& header, JuteReader& in,
                              JuteWriter& out) {
  switch (header.type) {
    case OpCode::kPing:
      return;
    case OpCode::kExists:
      return exists(cnxn, in, out);
    case OpCode::kGetData:
      return get_data(cnxn, in, out);
    case OpCode::kGetChildren:
    case OpCode::kGetChildren2:
      return get_children(header.type, cnxn, in, out);
    case OpCode::kGetAcl:
      return get_acl(cnxn, in, out);
    case OpCode::kGetEphemerals:
      return get_ephemerals(cnxn, in, out);
    case OpCode::kGetAllChildrenNumber:
      return count_children(cnxn, in, out);
    case OpCode::kMultiRead:
      return multi_read(cnxn, in, out);
    case OpCode::kSync: {  // all that was written before has been applied
      PathRequest request;
      in(request);
      return out(request);
    }
    case OpCode::kMulti:
      return multi(cnxn, header, in, out);
    case OpCode::kAuth:
      return authenticate_as(cnxn, in);
    case OpCode::kCloseSession:
      return close_session(cnxn.session, header.xid);
    case OpCode::kAddWatch:
      return add_watch(cnxn, in, out);
    case OpCode::kCheckWatches:
    case OpCode::kRemoveWatches:
      return find_watches(header.type, cnxn, in);
    case OpCode::kSetWatches:
    case OpCode::kSetWatches2:
      return set_watches(header.type, cnxn, in);
    default:
      return write(cnxn, header, in, out);
  }
}

void RequestProcessor::send(ServerCnxn& cnxn, ByteBuffer frame, Duration delay) {
  cnxn.out.push_back({std::move(frame), node_.clock().monotonic() + delay});
}

}  // namespace kafkascope::zk
