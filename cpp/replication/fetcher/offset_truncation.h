// Where a follower cuts its log: pure decisions on what the leader answered.
#pragma once

#include <optional>

#include "log/epoch/epoch_entry.h"
#include "replication/fetcher/leader_end_point.h"

namespace kafkascope {

/// Kafka's OffsetTruncationState.
struct OffsetTruncation {
  Offset offset = 0;
  bool completed = true;  // false: the leader has to be asked once more
  const char* why = "";

  bool operator==(const OffsetTruncation& other) const {
    return offset == other.offset && completed == other.completed;
  }
};

/// What the follower has itself.
struct FollowerOffsets {
  Offset high_watermark = 0;
  Offset log_end = 0;
  /// The largest epoch up to the one that the leader answered, and its end offset.
  std::optional<EpochEntry> epoch_end;
};

/// By the end of an epoch in the leader's log (KIP-101). Where the follower never had the epoch of
/// the answer, it cuts what is newer than that, and asks again for what is then its last
/// (KIP-279).
OffsetTruncation truncation_to_epoch_end(const EpochEndOffset& leader,
                                         const FollowerOffsets& follower);

/// What to do when the leader has nothing at the follower's log end.
struct OffsetReset {
  enum Action { kTruncate, kTruncateFully, kKeep } action = kKeep;
  Offset fetch_offset = 0;

  bool operator==(const OffsetReset&) const = default;
};

/// Beyond the leader's end after an unclean election: cut to it. Below its start: nothing here is
/// of use, start there. Otherwise the leader moved meanwhile: try again.
OffsetReset reset_of_offset(Offset log_end, Offset leader_start, Offset leader_end);

}  // namespace kafkascope
