// LeaderAndIsr, StopReplica, UpdateMetadata: what the controller tells every broker.
#include "protocol/messages/leader_and_isr_request.h"
#include "protocol/messages/leader_and_isr_response.h"
#include "protocol/messages/stop_replica_request.h"
#include "protocol/messages/stop_replica_response.h"
#include "protocol/messages/update_metadata_request.h"
#include "protocol/messages/update_metadata_response.h"
#include "server/cluster_membership.h"
#include "server/handlers/handlers.h"

namespace kafkascope {

using namespace protocol;  // NOLINT: this file is about messages

namespace {

/// The request was meant for an earlier life of this broker (KIP-380), or this one is in no cluster
/// at all.
ErrorCode check_broker_epoch(const ApiContext& context, BrokerEpoch epoch) {
  if (context.cluster == nullptr) return ErrorCode::kClusterAuthorizationFailed;
  const bool stale = epoch != kNoBrokerEpoch && epoch < context.cluster->broker_epoch();
  return stale ? ErrorCode::kStaleBrokerEpoch : ErrorCode::kNone;
}

}  // namespace

void handle_leader_and_isr(ApiContext& context, const RequestPtr& request) {
  const auto body = decode_body<LeaderAndIsrRequest>(*request);
  if (const ErrorCode error = check_broker_epoch(context, body.broker_epoch);
      error != ErrorCode::kNone) {
    return respond(context, request, LeaderAndIsrResponse{.error_code = to_wire(error)});
  }
  respond(context, request, context.replicas.become_leader_or_follower(body, request->version()));
}

void handle_stop_replica(ApiContext& context, const RequestPtr& request) {
  const auto body = decode_body<StopReplicaRequest>(*request);
  if (const ErrorCode error = check_broker_epoch(context, body.broker_epoch);
      error != ErrorCode::kNone) {
    return respond(context, request, StopReplicaResponse{.error_code = to_wire(error)});
  }
  respond(context, request, context.replicas.stop_replicas(body));
}

void handle_update_metadata(ApiContext& context, const RequestPtr& request) {
  const auto body = decode_body<UpdateMetadataRequest>(*request);
  UpdateMetadataResponse answer;
  answer.error_code = to_wire(check_broker_epoch(context, body.broker_epoch));
  if (answer.error_code == 0) answer.error_code = to_wire(context.cluster->update_metadata(body));
  respond(context, request, answer);
}

}  // namespace kafkascope
