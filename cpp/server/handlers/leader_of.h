// leader_of: the partition that a request asks this broker about.
#pragma once

#include "server/kafka_apis.h"

namespace kafkascope {

/// The partition that a client may ask about, or why it may not.
inline Result<std::shared_ptr<Partition>> leader_of(ApiContext& context, const TopicPartition& name,
                                                    LeaderEpoch epoch = kNoLeaderEpoch) {
  Result<std::shared_ptr<Partition>> partition = context.replicas.get_partition_or_error(name);
  if (!partition.ok()) return partition;
  if (const ErrorCode error = (*partition)->check_leader(epoch); error != ErrorCode::kNone)
    return {error, {}};
  return partition;
}

}  // namespace kafkascope
