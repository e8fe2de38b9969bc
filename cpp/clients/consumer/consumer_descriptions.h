// What an inspection of a consumer shows: plain values.
#pragma once

#include <optional>

#include "clients/in_flight_description.h"
#include "common/types.h"

namespace kafkascope {

struct PartitionStateDescription {
  TopicPartition topic_partition;
  std::string state;  // "INITIALIZING", "FETCHING", "AWAIT_RESET", "AWAIT_VALIDATION"
  std::optional<Offset> position;
  LeaderEpoch offset_epoch = kNoLeaderEpoch;
  bool paused = false;
  Offset high_watermark = -1;
  Offset last_stable_offset = -1;
  Offset log_start_offset = -1;
};

struct CompletedFetchDescription {
  TopicPartition topic_partition;
  Offset next_offset = 0;
  size_t remaining_bytes = 0;
  bool started = false;  // its first records were returned
};

struct FetchSessionDescription {
  BrokerId broker = -1;
  int32_t session_id = 0;
  int32_t epoch = 0;
  std::vector<TopicPartition> partitions;
  bool fetch_pending = false;
};

struct ConsumerDescription {
  std::string subscription;  // "NONE", "USER_ASSIGNED", "TOPICS"
  std::vector<std::string> topics;
  std::vector<PartitionStateDescription> partitions;
  std::vector<CompletedFetchDescription> fetch_buffer;  // in the order of arrival
  std::vector<FetchSessionDescription> sessions;
  std::vector<InFlightRequestDescription> in_flight_requests;
};

}  // namespace kafkascope
