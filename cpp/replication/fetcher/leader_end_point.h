// LeaderEndPoint: what a follower asks its leader.
#pragma once

#include <map>
#include <optional>

#include "clients/cluster.h"
#include "clients/consumer/fetch_session_handler.h"
#include "common/bytes.h"
#include "common/errors.h"

namespace kafkascope {

/// Where an epoch ends in the leader's log: the largest one that it knows up to the asked one.
struct EpochEndOffset {
  ErrorCode error = ErrorCode::kNone;
  LeaderEpoch leader_epoch = kNoLeaderEpoch;  // -1: the leader does not say (before KIP-279)
  Offset end_offset = kNoOffset;              // -1: it knows no such epoch

  bool operator==(const EpochEndOffset&) const = default;
};

struct EpochQuery {
  LeaderEpoch current_leader_epoch = kNoLeaderEpoch;
  LeaderEpoch leader_epoch = kNoLeaderEpoch;  // of the last record in the follower's log
};

/// A leader's answer for one partition.
struct FetchedPartition {
  ErrorCode error = ErrorCode::kNone;
  Offset high_watermark = kNoOffset;
  Offset log_start_offset = kNoOffset;
  std::optional<EpochEndOffset> diverging_epoch;  // the follower's log must be cut first
  SharedSlice records;
};

/// For one fetcher thread; initiate_close() may come from any. Calls block until the leader has
/// answered, or not in time: then they give kNetworkException.
class LeaderEndPoint {
 public:
  virtual ~LeaderEndPoint() = default;
  virtual const BrokerNode& broker() const = 0;
  /// `wanted`: all partitions to fetch now. The answer may leave out those without news; it is
  /// empty when the session has to start anew.
  virtual Result<std::map<TopicPartition, FetchedPartition>> fetch(FetchPartitions wanted) = 0;
  /// Has an entry for every query.
  virtual std::map<TopicPartition, EpochEndOffset> fetch_epoch_end_offsets(
      const std::map<TopicPartition, EpochQuery>& queries) = 0;
  virtual Result<Offset> fetch_earliest_offset(const TopicPartition& partition,
                                               LeaderEpoch current_leader_epoch) = 0;
  virtual Result<Offset> fetch_latest_offset(const TopicPartition& partition,
                                             LeaderEpoch current_leader_epoch) = 0;
  /// Ends a call that waits; those that follow fail at once.
  virtual void initiate_close() = 0;
  virtual void close() = 0;
};

}  // namespace kafkascope
