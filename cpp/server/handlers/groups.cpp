// The group APIs of a broker without a group coordinator: every one is answered, with
// COORDINATOR_NOT_AVAILABLE, so that no client hangs.
#include "protocol/messages/delete_groups_request.h"
#include "protocol/messages/delete_groups_response.h"
#include "protocol/messages/describe_groups_request.h"
#include "protocol/messages/describe_groups_response.h"
#include "protocol/messages/find_coordinator_request.h"
#include "protocol/messages/find_coordinator_response.h"
#include "protocol/messages/heartbeat_response.h"
#include "protocol/messages/join_group_response.h"
#include "protocol/messages/leave_group_response.h"
#include "protocol/messages/list_groups_response.h"
#include "protocol/messages/offset_commit_request.h"
#include "protocol/messages/offset_commit_response.h"
#include "protocol/messages/offset_fetch_request.h"
#include "protocol/messages/offset_fetch_response.h"
#include "protocol/messages/sync_group_response.h"
#include "server/handlers/handlers.h"

namespace kafkascope {

using namespace protocol;  // NOLINT: this file is about messages

namespace {

constexpr int16_t kNotAvailable = static_cast<int16_t>(ErrorCode::kCoordinatorNotAvailable);
constexpr int32_t kNoNode = -1;
constexpr const char* kWhy = "this broker has no group coordinator";

}  // namespace

void handle_find_coordinator(ApiContext& context, const RequestPtr& request) {
  const auto body = decode_body<FindCoordinatorRequest>(*request);
  FindCoordinatorResponse answer;
  if (request->version() >= 4) {
    for (const std::string& key : body.coordinator_keys) {
      answer.coordinators.push_back({key, kNoNode, "", kNoNode, kNotAvailable, kWhy});
    }
  } else {
    answer.error_code = kNotAvailable;
    answer.error_message = kWhy;
    answer.node_id = answer.port = kNoNode;
  }
  respond(context, request, answer);
}

void handle_join_group(ApiContext& context, const RequestPtr& request) {
  respond(context, request, JoinGroupResponse{.error_code = kNotAvailable});
}

void handle_sync_group(ApiContext& context, const RequestPtr& request) {
  respond(context, request, SyncGroupResponse{.error_code = kNotAvailable});
}

void handle_heartbeat(ApiContext& context, const RequestPtr& request) {
  respond(context, request, HeartbeatResponse{.error_code = kNotAvailable});
}

void handle_leave_group(ApiContext& context, const RequestPtr& request) {
  respond(context, request, LeaveGroupResponse{.error_code = kNotAvailable});
}

void handle_offset_commit(ApiContext& context, const RequestPtr& request) {
  const auto body = decode_body<OffsetCommitRequest>(*request);
  OffsetCommitResponse answer;
  for (const auto& topic : body.topics) {
    auto& out = answer.topics.emplace_back();
    out.name = topic.name;
    for (const auto& partition : topic.partitions)
      out.partitions.push_back({partition.partition_index, kNotAvailable});
  }
  respond(context, request, answer);
}

void handle_offset_fetch(ApiContext& context, const RequestPtr& request) {
  const auto body = decode_body<OffsetFetchRequest>(*request);
  OffsetFetchResponse answer;
  if (request->version() >= 8) {
    for (const auto& group : body.groups)
      answer.groups.push_back({group.group_id, {}, kNotAvailable});
  } else if (request->version() >= 2) {
    answer.error_code = kNotAvailable;
  }
  if (request->version() < 8 && body.topics) {
    for (const auto& topic : *body.topics) {
      auto& out = answer.topics.emplace_back();
      out.name = topic.name;
      for (int32_t index : topic.partition_indexes)
        out.partitions.push_back({index, -1, -1, "", kNotAvailable});
    }
  }
  respond(context, request, answer);
}

void handle_describe_groups(ApiContext& context, const RequestPtr& request) {
  const auto body = decode_body<DescribeGroupsRequest>(*request);
  DescribeGroupsResponse answer;
  for (const std::string& group : body.groups) {
    answer.groups.push_back({.error_code = kNotAvailable, .group_id = group});
  }
  respond(context, request, answer);
}

void handle_list_groups(ApiContext& context, const RequestPtr& request) {
  respond(context, request, ListGroupsResponse{.error_code = kNotAvailable});
}

void handle_delete_groups(ApiContext& context, const RequestPtr& request) {
  const auto body = decode_body<DeleteGroupsRequest>(*request);
  DeleteGroupsResponse answer;
  for (const std::string& group : body.groups_names)
    answer.results.push_back({group, kNotAvailable});
  respond(context, request, answer);
}

}  // namespace kafkascope
