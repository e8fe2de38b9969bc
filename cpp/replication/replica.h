// Replica: what a leader knows of one follower.
#pragma once

#include <optional>

#include "log/log_offset_metadata.h"
#include "metadata/broker.h"
#include "runtime/clock.h"

namespace kafkascope {

/// One fetch of a follower, as the leader's log answered it.
struct FollowerFetch {
  LogOffsetMetadata fetch_offset;    // where the follower's log ends
  Offset log_start_offset = -1;      // the follower's
  Offset leader_log_end_offset = 0;  // when it was read
  BrokerEpoch broker_epoch = kNoBrokerEpoch;
  Instant time{};
};

/// Kafka's Replica with its ReplicaState, of a follower. A plain value.
struct Replica {
  LogOffsetMetadata log_end_offset;
  Offset log_start_offset = -1;
  /// Where the leader's log ended at the follower's last fetch, and when that was.
  Offset last_fetch_leader_log_end_offset = -1;
  std::optional<Instant> last_fetch_time;
  /// The latest time at which the follower was known to have all that the leader had.
  std::optional<Instant> last_caught_up_time;
  BrokerEpoch broker_epoch = kNoBrokerEpoch;

  /// A follower that asks for what was the leader's end at its previous fetch has caught up to that
  /// fetch: so one that always lags by what is just being written stays in sync. False, and nothing
  /// is changed, when the fetch is of an earlier life of the broker.
  bool update_fetch_state(const FollowerFetch& fetch);
  /// The leader starts an epoch. A follower in the ISR counts as caught up now, any other as never,
  /// so that nobody waits for it. A new leader knows of no fetch.
  void reset(Instant now, Offset leader_log_end_offset, bool is_new_leader, bool is_in_sync);
  bool is_caught_up(Offset leader_log_end_offset, Instant now, Duration max_lag) const;
};

}  // namespace kafkascope
