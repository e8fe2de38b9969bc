// ListOffsets requests and answers, as consumer and admin client use them.
#pragma once

#include <map>
#include <memory>

#include "clients/client_request.h"
#include "clients/consumer/consumer_config.h"
#include "common/types.h"

namespace kafkascope {

/// Instead of a timestamp.
inline constexpr TimestampMs kLatestTimestamp = -1;
inline constexpr TimestampMs kEarliestTimestamp = -2;
inline constexpr TimestampMs kMaxTimestamp = -3;

struct ListOffsetsQuery {
  TimestampMs timestamp = kLatestTimestamp;
  LeaderEpoch current_leader_epoch = kNoLeaderEpoch;
};

struct ListOffsetsOutcome {
  ErrorCode error = ErrorCode::kNone;
  Offset offset = kNoOffset;  // -1: no record at or after the timestamp
  TimestampMs timestamp = kNoTimestamp;
  LeaderEpoch leader_epoch = kNoLeaderEpoch;
};

std::unique_ptr<RequestBody> list_offsets_request(
    const std::map<TopicPartition, ListOffsetsQuery>& queries, IsolationLevel isolation);
Result<std::map<TopicPartition, ListOffsetsOutcome>> list_offsets_outcomes(
    const ClientResponse& response);

}  // namespace kafkascope
