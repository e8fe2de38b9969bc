// PartitionFetchState: how far a follower has come with one partition.
#pragma once

#include <optional>

#include "common/types.h"
#include "common/uuid.h"
#include "runtime/clock.h"

namespace kafkascope {

/// A follower first drops what its new leader does not have, then fetches what it lacks.
enum class ReplicaState { kTruncating, kFetching };

struct PartitionFetchState {
  std::optional<Uuid> topic_id;
  Offset fetch_offset = 0;
  /// Records behind the leader's high watermark at the last answer; nothing before the first.
  std::optional<int64_t> lag;
  LeaderEpoch current_leader_epoch = 0;
  ReplicaState state = ReplicaState::kTruncating;
  /// Epoch of the last record in the log: by it the leader sees a log that diverges (KIP-595).
  std::optional<LeaderEpoch> last_fetched_epoch;
  Instant delayed_until{};  // after an error
  int failures = 0;         // one after the other

  bool is_delayed(Instant now) const { return now < delayed_until; }
  bool is_truncating(Instant now) const {
    return state == ReplicaState::kTruncating && !is_delayed(now);
  }
  bool is_ready_for_fetch(Instant now) const {
    return state == ReplicaState::kFetching && !is_delayed(now);
  }
  bool is_replica_in_sync() const { return lag.has_value() && *lag <= 0; }
};

}  // namespace kafkascope
