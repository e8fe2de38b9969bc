// FetchSessionHandler: one broker's incremental fetch session (KIP-227): only what changed goes
// into a request.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "clients/consumer/consumer_descriptions.h"
#include "common/error_code.h"
#include "common/types.h"
#include "common/uuid.h"

namespace kafkascope {

/// What a fetch request says of one partition.
struct FetchPartitionData {
  Uuid topic_id;
  Offset fetch_offset = 0;
  Offset log_start_offset = -1;
  int32_t max_bytes = 0;
  LeaderEpoch current_leader_epoch = kNoLeaderEpoch;
  LeaderEpoch last_fetched_epoch = kNoLeaderEpoch;

  bool operator==(const FetchPartitionData&) const = default;
};

using FetchPartitions = std::map<TopicPartition, FetchPartitionData>;

inline constexpr int32_t kInvalidSessionId = 0;
inline constexpr int32_t kInitialSessionEpoch = 0;
inline constexpr int32_t kFinalSessionEpoch = -1;

/// A decided request: what to send and to forget, and all that the session then holds.
struct FetchSessionRequest {
  int32_t session_id = kInvalidSessionId;
  int32_t session_epoch = kInitialSessionEpoch;
  FetchPartitions to_send;
  std::map<TopicPartition, Uuid> to_forget;
  FetchPartitions session_partitions;
  bool uses_topic_ids = false;

  bool is_full() const {
    return session_epoch == kInitialSessionEpoch || session_epoch == kFinalSessionEpoch;
  }
};

/// Kafka's FetchSessionHandler: pure decisions. One per broker, owned by the fetching thread.
class FetchSessionHandler {
 public:
  explicit FetchSessionHandler(BrokerId broker) : broker_(broker) {}

  /// `wanted`: all partitions to fetch from this broker now.
  FetchSessionRequest build(FetchPartitions wanted);
  /// The partitions of the response, each with its topic id. False: not a valid answer in this
  /// session; its data must be dropped, and the next request opens a new session.
  bool handle_response(ErrorCode error, int32_t session_id,
                       const std::set<TopicPartition>& partitions);
  /// The request got no answer: the next one opens a new session.
  void handle_error();
  /// The next request closes the session.
  FetchSessionRequest close();

  int32_t session_id() const { return session_id_; }
  FetchSessionDescription describe() const;

 private:
  void reset_to(int32_t session_id, int32_t epoch);

  const BrokerId broker_;
  int32_t session_id_ = kInvalidSessionId;
  int32_t next_epoch_ = kInitialSessionEpoch;
  FetchPartitions session_partitions_;
  bool uses_topic_ids_ = false;
};

}  // namespace kafkascope
