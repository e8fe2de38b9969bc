// LeaderEpochFileCache: which leader epoch wrote which offsets, by which replicas find where they
// diverge (KIP-101, KIP-279).
#pragma once

#include <optional>
#include <vector>

#include "log/checkpoint/leader_epoch_checkpoint_file.h"
#include "runtime/threads.h"

namespace kafkascope {

/// Kafka's LeaderEpochFileCache: entries grow in epoch and in start offset; every change is in the
/// checkpoint file, durably, when the call returns. Any thread may call.
class LeaderEpochFileCache {
 public:
  LeaderEpochFileCache(Node& node, const std::string& dir);

  /// The epoch begins at the offset. Entries that contradict it are dropped: same or later epochs,
  /// same or larger offsets.
  void assign(LeaderEpoch epoch, Offset start_offset);
  std::optional<EpochEntry> latest_entry() const;
  std::optional<EpochEntry> earliest_entry() const;
  std::optional<LeaderEpoch> latest_epoch() const;
  std::optional<LeaderEpoch> epoch_for_offset(Offset offset) const;
  std::optional<LeaderEpoch> previous_epoch(LeaderEpoch epoch) const;
  /// The largest known epoch <= the asked one, and where it ends: the start of the next one, or the
  /// log end for the last. Nothing when the asked one is above all.
  std::optional<EpochEntry> end_offset_for(LeaderEpoch epoch, Offset log_end_offset) const;

  /// Puts older entries before those that are known, when the log start went back to its
  /// checkpoint.
  void restore_older(std::vector<EpochEntry> older);
  /// Drops entries at or after the offset.
  void truncate_from_end(Offset end_offset);
  /// Drops entries that are over before the offset; the one that holds it now starts there.
  void truncate_from_start(Offset start_offset);
  void clear_and_flush();
  std::vector<EpochEntry> entries() const;
  /// The partition's directory was renamed.
  void set_dir(const std::string& dir);

 private:
  void flush() KS_REQUIRES(mutex_);

  Node& node_;
  mutable Mutex mutex_;
  std::optional<LeaderEpochCheckpointFile> checkpoint_ KS_GUARDED_BY(mutex_);
  std::vector<EpochEntry> entries_ KS_GUARDED_BY(mutex_);
};

}  // namespace kafkascope
