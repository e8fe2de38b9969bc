// What ReplicaManager takes and gives for Produce and Fetch: one entry a partition.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "log/fetch_data_info.h"
#include "log/log_append_info.h"
#include "runtime/clock.h"

namespace kafkascope {

using ProduceResults = std::map<TopicPartition, LogAppendInfo>;
using ProduceCallback = std::function<void(ProduceResults)>;

/// What a fetch asks of one partition.
struct FetchPartitionRequest {
  TopicPartition partition;
  Offset fetch_offset = 0;
  int32_t max_bytes = 0;
  LeaderEpoch current_leader_epoch = kNoLeaderEpoch;
  LeaderEpoch last_fetched_epoch = kNoLeaderEpoch;
};

struct FetchParams {
  Duration max_wait{};
  int32_t min_bytes = 0;
  int32_t max_bytes = 0;
  FetchIsolation isolation = FetchIsolation::kHighWatermark;
};

struct FetchPartitionResult {
  ErrorCode error = ErrorCode::kNone;
  Offset high_watermark = -1;
  Offset last_stable_offset = -1;
  Offset log_start_offset = -1;
  FetchDataInfo data;
  std::optional<std::pair<LeaderEpoch, Offset>> diverging_epoch;  // KIP-595
};

/// In the order asked for.
using FetchResults = std::vector<std::pair<FetchPartitionRequest, FetchPartitionResult>>;
using FetchCallback = std::function<void(FetchResults)>;

}  // namespace kafkascope
