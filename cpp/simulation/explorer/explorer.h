// Explorer: one seed's run of a broker and its clients under faults, with every invariant watched.
#pragma once

#include <cstdint>
#include <string>

#include "runtime/clock.h"

namespace kafkascope {

struct ExplorerOptions {
  uint64_t seed = 1;
  Duration duration = std::chrono::seconds(60);  // virtual; the last quarter is without faults
  /// Every append is synced before it is acknowledged (flush.messages=1): then nothing acknowledged
  /// may be lost. Else a power loss may take unsynced records, acks or not.
  bool sync_every_append = true;
};

/// What a run did. `failure` says what was violated, with seed and turn; empty: nothing.
struct ExplorerReport {
  uint64_t seed = 0;
  std::string failure;
  uint64_t turns = 0;
  uint64_t digest = 0;
  Duration simulated{};
  int crashes = 0;
  int partitions = 0;  // network partitions
  int resets = 0;
  int disk_faults = 0;
  size_t acknowledged = 0;
  // Only without sync_every_append:
  size_t lost = 0;         // acknowledged and gone
  bool anomalous = false;  // clients saw a duplicate or another anomaly besides
};

/// Two producers and a consumer against one broker of three partitions, while it crashes, the
/// network is cut, reset, slow, and the disk is slow: a mix that the seed draws. At the end all is
/// healed, everything is read, and client histories are checked against a ledger.
ExplorerReport explore(const ExplorerOptions& options);

}  // namespace kafkascope
