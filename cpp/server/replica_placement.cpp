#include "server/replica_placement.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

namespace kafkascope {
namespace {

/// The n-th other broker, seen from the first, when the second one is `shift` further on.
size_t replica_index(size_t first, size_t shift, size_t n, size_t brokers) {
  return (first + 1 + (shift + n) % (brokers - 1)) % brokers;
}

/// One broker of each rack in turn, racks and brokers in order.
std::vector<BrokerRack> alternate_racks(const std::vector<BrokerRack>& brokers) {
  std::map<std::string, std::vector<BrokerRack>> by_rack;
  for (const BrokerRack& broker : brokers) by_rack[*broker.rack].push_back(broker);
  std::vector<BrokerRack> arranged;
  for (size_t turn = 0; arranged.size() < brokers.size(); ++turn) {
    for (const auto& [rack, members] : by_rack) {
      if (turn < members.size()) arranged.push_back(members[turn]);
    }
  }
  return arranged;
}

/// A partition's replicas over as many racks as possible.
std::vector<BrokerId> spread_over_racks(const std::vector<BrokerRack>& arranged, size_t racks,
                                        size_t first, size_t shift, int16_t factor) {
  std::vector<BrokerId> replicas{arranged[first].id};
  std::set<std::string> used_racks{*arranged[first].rack};
  for (size_t n = 0; replicas.size() < static_cast<size_t>(factor); ++n) {
    const BrokerRack& next = arranged[replica_index(first, shift * racks, n, arranged.size())];
    const bool taken = std::find(replicas.begin(), replicas.end(), next.id) != replicas.end();
    if (taken || (used_racks.contains(*next.rack) && used_racks.size() < racks)) continue;
    replicas.push_back(next.id);
    used_racks.insert(*next.rack);
  }
  return replicas;
}

}  // namespace

Result<Assignment> assign_replicas_to_brokers(const std::vector<BrokerRack>& brokers,
                                              PartitionIndex first, int32_t count, int16_t factor,
                                              PlacementStart start) {
  const size_t size = brokers.size();
  if (static_cast<size_t>(factor) > size) {
    return {ErrorCode::kInvalidReplicationFactor,
            fmt::format("Unable to replicate the partition {} time(s): The target replication "
                        "factor of {} cannot be reached because only {} broker(s) are registered.",
                        factor, factor, size)};
  }
  std::set<std::string> racks;
  size_t with_rack = 0;
  for (const BrokerRack& broker : brokers) {
    if (broker.rack) racks.insert(*broker.rack), ++with_rack;
  }
  if (with_rack != 0 && with_rack != size) {
    return {ErrorCode::kInvalidRequest,
            "Not all brokers have rack information for replica rack aware assignment."};
  }
  const std::vector<BrokerRack> arranged = with_rack == 0 ? brokers : alternate_racks(brokers);
  Assignment assignment;
  size_t shift = start.shift;
  for (PartitionIndex index = first; index < first + count; ++index) {
    if (index > 0 && static_cast<size_t>(index) % size == 0) ++shift;
    const size_t leader = (static_cast<size_t>(index) + start.leader) % size;
    std::vector<BrokerId>& replicas = assignment[index];
    if (with_rack != 0) {
      replicas = spread_over_racks(arranged, racks.size(), leader, shift, factor);
      continue;
    }
    replicas = {arranged[leader].id};
    for (size_t n = 0; n + 1 < static_cast<size_t>(factor); ++n)
      replicas.push_back(arranged[replica_index(leader, shift, n, size)].id);
  }
  return assignment;
}

}  // namespace kafkascope
