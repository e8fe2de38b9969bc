// What ReplicaManager takes and gives for Produce, Fetch and DeleteRecords: one entry a partition.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "log/fetch_data_info.h"
#include "log/log_append_info.h"
#include "metadata/broker.h"
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
  Offset log_start_offset = -1;  // a follower's own
};

/// Of a consumer that may be sent to a nearer replica (Fetch v11 on).
struct ClientMetadata {
  std::string rack_id;
  std::string listener_name;  // at which it came
};

struct FetchParams {
  Duration max_wait{};
  int32_t min_bytes = 0;
  int32_t max_bytes = 0;
  FetchIsolation isolation = FetchIsolation::kHighWatermark;  // kLogEnd for a follower
  BrokerId replica_id = -1;                                   // the follower that fetches
  BrokerEpoch replica_epoch = kNoBrokerEpoch;
  std::optional<ClientMetadata> client;

  bool is_from_follower() const { return replica_id >= 0; }
  /// Followers, and consumers that know of no others, are served by the leader only.
  bool fetch_only_leader() const { return is_from_follower() || !client; }
};

struct FetchPartitionResult {
  ErrorCode error = ErrorCode::kNone;
  Offset high_watermark = -1;
  Offset last_stable_offset = -1;
  Offset log_start_offset = -1;
  FetchDataInfo data;
  std::optional<std::pair<LeaderEpoch, Offset>> diverging_epoch;  // KIP-595
  std::optional<BrokerId> preferred_read_replica;                 // KIP-392
};

/// In the order asked for.
using FetchResults = std::vector<std::pair<FetchPartitionRequest, FetchPartitionResult>>;
using FetchCallback = std::function<void(FetchResults)>;

struct DeleteRecordsResult {
  ErrorCode error = ErrorCode::kNone;
  Offset requested = -1;
  Offset low_watermark = -1;  // the smallest log start of all live replicas
};
using DeleteRecordsResults = std::map<TopicPartition, DeleteRecordsResult>;
using DeleteRecordsCallback = std::function<void(DeleteRecordsResults)>;

}  // namespace kafkascope
