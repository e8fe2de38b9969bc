#include "replication/rack_aware_replica_selector.h"

#include <algorithm>
#include <tuple>

namespace kafkascope {

std::optional<BrokerId> select_rack_aware(const std::string& client_rack,
                                          const std::vector<ReplicaView>& replicas) {
  if (client_rack.empty() || replicas.empty()) return std::nullopt;
  const ReplicaView& leader = replicas.front();
  if (leader.rack == client_rack) return std::nullopt;
  const ReplicaView* best = nullptr;
  const auto rank = [](const ReplicaView& view) {
    return std::tuple(view.log_end_offset, -view.since_caught_up, view.broker);
  };
  for (const ReplicaView& view : replicas) {
    if (view.rack == client_rack && (best == nullptr || rank(*best) < rank(view))) best = &view;
  }
  return best == nullptr ? std::nullopt : std::optional(best->broker);
}

}  // namespace kafkascope
