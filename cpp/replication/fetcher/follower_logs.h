// FollowerLogs: what a fetcher does to the logs of its own broker. ReplicaManager in a broker.
#pragma once

#include <memory>
#include <vector>

#include "log/log.h"

namespace kafkascope {

/// Called with a fetcher's lock held, but for the last: an implementation must not wait for a lock
/// that somebody holds while he calls the FetcherManager. Throws KafkaException where the
/// partition is not here, KafkaStorageException where its directory is offline.
class FollowerLogs {
 public:
  virtual ~FollowerLogs() = default;
  virtual std::shared_ptr<Log> log(const TopicPartition& partition) = 0;
  virtual LogAppendInfo append_records_to_follower(const TopicPartition& partition,
                                                   const SharedSlice& records) = 0;
  /// Also checkpoints the recovery point, as LogManager's methods of these names.
  virtual void truncate_to(const TopicPartition& partition, Offset offset) = 0;
  virtual void truncate_fully_and_start_at(const TopicPartition& partition, Offset offset) = 0;
  /// Their high watermarks moved: consumers that read from this follower may be waiting for that.
  virtual void complete_delayed_fetch_requests(const std::vector<TopicPartition>& partitions) = 0;
};

}  // namespace kafkascope
