// Sessions: made, taken up again by another connection, closed and expired.
#include <fmt/core.h>

#include <algorithm>

#include "common/logging.h"
#include "zookeeper/server/request_processor.h"

namespace kafkascope::zk {

std::string session_text(SessionId session) {
  return fmt::format("{:#x}", static_cast<uint64_t>(session));
}

void RequestProcessor::connect(ServerCnxn& cnxn, JuteReader& in) {
  ConnectRequest request;
  in(request);
  const bool tells_read_only = !in.in().at_end();
  if (request.last_zxid_seen > tree_.last_zxid()) {
    KS_LOG(kWarn, node_.name(), "refusing {}: it has seen zxid {:#x}, this server is at {:#x}",
           cnxn.peer.to_string(), request.last_zxid_seen, tree_.last_zxid());
    cnxn.fate = ServerCnxn::Fate::kCloseNow;
    return;
  }
  ConnectResponse response;
  response.password = ByteBuffer(16);
  response.timeout_ms =
      std::clamp(request.timeout_ms, config_.min_timeout_ms(), config_.max_timeout_ms());
  if (request.session_id == 0) create_session(cnxn, response.timeout_ms);
  if (request.session_id == 0 || reopen_session(cnxn, request, response.timeout_ms)) {
    cnxn_ids_[cnxn.session] = cnxn.id;
    response.session_id = cnxn.session;
    response.password = session_password(cnxn.session);
  } else {
    response.timeout_ms = 0;  // with session 0: it has expired
    cnxn.fate = ServerCnxn::Fate::kCloseWhenSent;
  }
  JuteWriter out;
  out(response);
  if (tells_read_only) out(false);
  send(cnxn, out.take());
}

void RequestProcessor::create_session(ServerCnxn& cnxn, int32_t timeout_ms) {
  while (next_session_ == 0 || sessions_.contains(next_session_)) ++next_session_;
  cnxn.session = next_session_++;
  const CreateSessionTxn txn{timeout_ms};
  apply(append(cnxn.session, 0, OpCode::kCreateSession, txn), txn);
  sessions_.track(cnxn.session, timeout_ms, node_.clock().monotonic());
  KS_TRACE(node_, "SessionCreated", {"session", session_text(cnxn.session)},
           {"timeout_ms", int64_t{timeout_ms}});
}

bool RequestProcessor::reopen_session(ServerCnxn& cnxn, const ConnectRequest& request,
                                      int32_t timeout_ms) {
  const SessionId session = request.session_id;
  if (!sessions_.contains(session) || request.password != session_password(session)) return false;
  // The session's old connection must not speak for it any more.
  if (ServerCnxn* old = cnxn_of(session)) old->fate = ServerCnxn::Fate::kCloseNow;
  cnxn.session = session;
  sessions_.track(session, timeout_ms, node_.clock().monotonic());
  KS_TRACE(node_, "SessionReopened", {"session", session_text(session)},
           {"timeout_ms", int64_t{timeout_ms}});
  return true;
}

void RequestProcessor::close_session(SessionId session, int32_t cxid) {
  const std::set<std::string> paths = tree_.ephemerals_of(session);
  const CloseSessionTxn txn{{paths.begin(), paths.end()}};
  apply(append(session, cxid, OpCode::kCloseSession, txn), txn);
  sessions_.remove(session);
  KS_TRACE(node_, "SessionClosed", {"session", session_text(session)},
           {"ephemerals", static_cast<int64_t>(paths.size())});
}

void RequestProcessor::expire_due() {
  for (const SessionId session : sessions_.expired(node_.clock().monotonic())) expire(session);
}

bool RequestProcessor::expire(SessionId session) {
  if (!sessions_.contains(session)) return false;
  KS_TRACE(node_, "SessionExpired", {"session", session_text(session)});
  // First, so that it is told nothing of its own end: it learns that when it comes back.
  if (ServerCnxn* cnxn = cnxn_of(session)) {
    cnxn->fate = ServerCnxn::Fate::kCloseNow;
    watches_.remove_watcher(cnxn->id);
  }
  close_session(session, 0);
  return true;
}

void RequestProcessor::authenticate_as(ServerCnxn& cnxn, JuteReader& in) {
  AuthRequest request;
  in(request);
  const std::optional<AuthId> id = authenticate(request.scheme, request.auth, cnxn.peer.host);
  if (!id) throw ZkException(ZkError::kAuthFailed, request.scheme);
  if (std::ranges::find(cnxn.who, *id) == cnxn.who.end()) cnxn.who.push_back(*id);
}

ServerCnxn* RequestProcessor::cnxn_of(SessionId session) {
  const auto found = cnxn_ids_.find(session);
  return found == cnxn_ids_.end() ? nullptr : &cnxns_.at(found->second);
}

}  // namespace kafkascope::zk
