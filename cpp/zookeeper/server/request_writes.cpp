// Requests that change the tree.
#include "zookeeper/server/request_processor.h"

namespace kafkascope::zk {
namespace {

const char* trace_kind(EventType type) {
  switch (type) {
    case EventType::kNodeCreated:
      return "ZNodeCreated";
    case EventType::kNodeDeleted:
      return "ZNodeDeleted";
    case EventType::kNodeDataChanged:
      return "ZNodeChanged";
    default:
      return nullptr;
  }
}

/// Ends the parts of a multi.
constexpr MultiHeader kLastPart{OpCode::kError, true, static_cast<ZkError>(-1)};

}  // namespace

void RequestProcessor::write(const ServerCnxn& cnxn, const RequestHeader& header, JuteReader& in,
                             JuteWriter& out) {
  if (header.type == OpCode::kCheck) throw ZkException(ZkError::kUnimplemented, "check alone");
  const WriteRequest request = read_write_request(header.type, in);
  const TxnRecord record = PrepRequestProcessor(tree_, cnxn.session, cnxn.who).prepare(request);
  apply(append(cnxn.session, header.xid, header.type, record), record);
  write_result(header.type, record, out);
}

// Each part is answered with its own result, or, when one fails, with why nothing was done: the one
// that failed says so, those behind it were not looked at.
void RequestProcessor::multi(const ServerCnxn& cnxn, const RequestHeader& header, JuteReader& in,
                             JuteWriter& out) {
  const std::vector<WriteRequest> requests = read_multi_request(in);
  PrepRequestProcessor prep(tree_, cnxn.session, cnxn.who);
  std::vector<TxnRecord> records;
  ZkError failure = ZkError::kOk;
  try {
    for (const WriteRequest& request : requests) records.push_back(prep.prepare(request));
  } catch (const ZkException& e) {
    failure = e.code();
  }
  if (failure != ZkError::kOk) {
    for (size_t i = 0; i < requests.size(); ++i) {
      const ZkError error = i < records.size()    ? ZkError::kOk
                            : i == records.size() ? failure
                                                  : ZkError::kRuntimeInconsistency;
      out(MultiHeader{OpCode::kError, false, error}, ErrorResponse{error});
    }
    return out(kLastPart);
  }
  MultiTxn txn;
  for (size_t i = 0; i < records.size(); ++i)
    txn.parts.push_back({requests[i].type, encode_txn_record(records[i])});
  const TxnHeader logged = append(cnxn.session, header.xid, OpCode::kMulti, txn);
  for (size_t i = 0; i < records.size(); ++i) {
    apply(logged, records[i]);
    out(MultiHeader{requests[i].type, false, ZkError::kOk});
    write_result(requests[i].type, records[i], out);
  }
  out(kLastPart);
}

void RequestProcessor::write_result(OpCode type, const TxnRecord& record, JuteWriter& out) const {
  const auto stat = [&](const std::string& path) { return DataTree::stat_of(*tree_.find(path)); };
  if (const auto* created = std::get_if<CreateTxn>(&record)) {
    out(CreateResponse{created->path});
    if (type == OpCode::kCreate2) out(stat(created->path));
  } else if (const auto* data = std::get_if<SetDataTxn>(&record)) {
    out(stat(data->path));
  } else if (const auto* acl = std::get_if<SetAclTxn>(&record)) {
    out(stat(acl->path));
  }
}

TxnHeader RequestProcessor::append(SessionId session, int32_t cxid, OpCode type,
                                   const TxnRecord& record) {
  const TxnHeader header{session, cxid, tree_.last_zxid() + 1, node_.clock().wall_ms(), type};
  log_.append({header, record});
  return header;
}

void RequestProcessor::apply(const TxnHeader& header, const TxnRecord& record) {
  for (const TreeEvent& event : tree_.apply(header, record)) {
    if (const char* kind = trace_kind(event.type))
      KS_TRACE(node_, kind, {"path", event.path}, {"zxid", header.zxid},
               {"session", session_text(header.session)});
    for (const WatcherId watcher : watches_.trigger(event.type, event.path))
      notify(cnxns_.at(watcher), event.type, event.path);
  }
}

}  // namespace kafkascope::zk
