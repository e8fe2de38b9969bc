// EpochEntry: the first offset that a leader wrote in its epoch.
#pragma once

#include "common/types.h"

namespace kafkascope {

struct EpochEntry {
  LeaderEpoch epoch = kNoLeaderEpoch;
  Offset start_offset = kNoOffset;

  auto operator<=>(const EpochEntry&) const = default;
};

}  // namespace kafkascope
