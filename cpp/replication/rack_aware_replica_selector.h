// RackAwareReplicaSelector: which replica a consumer had better read from (KIP-392).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/types.h"
#include "runtime/clock.h"

namespace kafkascope {

/// A replica that has what the consumer asks for.
struct ReplicaView {
  BrokerId broker = -1;
  std::optional<std::string> rack{};
  Offset log_end_offset = -1;
  Duration since_caught_up{};
};

/// One in the consumer's rack: the leader if it is there, else the one that is furthest. Nothing
/// when that is the leader, or nobody is in the rack. `replicas`: the leader first.
std::optional<BrokerId> select_rack_aware(const std::string& client_rack,
                                          const std::vector<ReplicaView>& replicas);

}  // namespace kafkascope
