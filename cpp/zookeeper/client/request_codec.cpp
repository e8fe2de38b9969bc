#include "zookeeper/client/request_codec.h"

#include "common/check.h"

namespace kafkascope {
namespace {

using zk::JuteReader;
using zk::JuteWriter;
using zk::OpCode;
using zk::ZkError;

/// One function for each kind of operation.
template <typename... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};
template <typename... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

void write_body(const ZkRequest& request, bool watch, JuteWriter& out);

void write_multi(const ZkRequest::Multi& multi, JuteWriter& out) {
  for (const ZkRequest& part : multi.operations) {
    const OpCode op = op_code(part);
    KS_CHECK(op == OpCode::kCreate2 || op == OpCode::kCreateContainer || op == OpCode::kDelete ||
                 op == OpCode::kSetData || op == OpCode::kCheck,
             "not for a multi: " + part.path);
    out(zk::MultiHeader{op, false, ZkError{-1}});
    write_body(part, false, out);
  }
  out(zk::MultiHeader{OpCode::kError, true, ZkError{-1}});
}

void write_body(const ZkRequest& request, bool watch, JuteWriter& out) {
  const std::string& path = request.path;
  std::visit(
      Overloaded{
          [&](const ZkRequest::Create& create) {
            out(zk::CreateRequest{path, create.data, zk::open_acl(), create.mode});
          },
          [&](const ZkRequest::Delete& remove) {
            out(zk::PathVersionRequest{path, remove.version});
          },
          [&](const ZkRequest::Exists&) { out(zk::PathWatchRequest{path, watch}); },
          [&](const ZkRequest::GetData&) { out(zk::PathWatchRequest{path, watch}); },
          [&](const ZkRequest::SetData& set) {
            out(zk::SetDataRequest{path, set.data, set.version});
          },
          [&](const ZkRequest::GetChildren&) { out(zk::PathWatchRequest{path, watch}); },
          [&](const ZkRequest::GetAcl&) { out(zk::PathRequest{path}); },
          [&](const ZkRequest::Check& check) { out(zk::PathVersionRequest{path, check.version}); },
          [&](const ZkRequest::Multi& multi) { write_multi(multi, out); },
      },
      request.operation);
}

void read_body(const ZkRequest& request, JuteReader& in, ZkResponse& response);

/// When one part failed, those before it say kOk and those behind it kRuntimeInconsistency. Apache
/// ZooKeeper answers a part that makes a node as if it were the older create, without a Stat.
void read_multi(const ZkRequest::Multi& multi, JuteReader& in, ZkResponse& response) {
  for (const ZkRequest& part : multi.operations) {
    zk::MultiHeader header;
    in(header);
    if (header.done) in.in().fail("a multi's reply with too few results");
    ZkResponse& result = response.parts.emplace_back();
    result.path = part.path;
    if (header.type == OpCode::kError) {
      in(result.error);
      if (response.ok()) response.error = result.error;
    } else if (header.type == OpCode::kCreate) {
      in(result.path);
    } else {
      read_body(part, in, result);
    }
  }
  zk::MultiHeader end;
  in(end);
  if (!end.done) in.in().fail("a multi's reply with too many results");
}

void read_body(const ZkRequest& request, JuteReader& in, ZkResponse& response) {
  std::visit(Overloaded{
                 [&](const ZkRequest::Create&) { in(response.path, response.stat); },
                 [&](const ZkRequest::Delete&) {},
                 [&](const ZkRequest::Exists&) { in(response.stat); },
                 [&](const ZkRequest::GetData&) { in(response.data, response.stat); },
                 [&](const ZkRequest::SetData&) { in(response.stat); },
                 [&](const ZkRequest::GetChildren&) { in(response.children, response.stat); },
                 [&](const ZkRequest::GetAcl&) { in(response.acl, response.stat); },
                 [&](const ZkRequest::Check&) {},
                 [&](const ZkRequest::Multi& multi) { read_multi(multi, in, response); },
             },
             request.operation);
}

}  // namespace

OpCode op_code(const ZkRequest& request) {
  return std::visit(Overloaded{
                        [](const ZkRequest::Create& create) {
                          return create.mode == zk::CreateMode::kContainer
                                     ? OpCode::kCreateContainer
                                     : OpCode::kCreate2;
                        },
                        [](const ZkRequest::Delete&) { return OpCode::kDelete; },
                        [](const ZkRequest::Exists&) { return OpCode::kExists; },
                        [](const ZkRequest::GetData&) { return OpCode::kGetData; },
                        [](const ZkRequest::SetData&) { return OpCode::kSetData; },
                        [](const ZkRequest::GetChildren&) { return OpCode::kGetChildren2; },
                        [](const ZkRequest::GetAcl&) { return OpCode::kGetAcl; },
                        [](const ZkRequest::Check&) { return OpCode::kCheck; },
                        [](const ZkRequest::Multi&) { return OpCode::kMulti; },
                    },
                    request.operation);
}

ByteBuffer encode_request(const ZkRequest& request, int32_t xid, bool watch) {
  JuteWriter out;
  out(zk::RequestHeader{xid, op_code(request)});
  write_body(request, watch, out);
  return out.take();
}

ZkResponse failed_response(const ZkRequest& request, ZkError error) {
  ZkResponse response;
  response.error = error;
  response.path = request.path;
  return response;
}

ZkResponse decode_response(const ZkRequest& request, ZkError error, ByteView body) {
  ZkResponse response = failed_response(request, error);
  JuteReader in(body);
  if (response.ok()) read_body(request, in, response);
  return response;
}

const ZkResponse& ZkResponse::value() const {
  if (!ok()) throw zk::ZkException(error, path);
  return *this;
}

}  // namespace kafkascope
