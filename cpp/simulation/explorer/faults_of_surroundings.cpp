// ClusterFaults' disturbances of networks, disks and clocks, and what an administrator asks for.
#include <algorithm>

#include "server/cluster_membership.h"
#include "server/kafka_server.h"
#include "simulation/explorer/cluster_faults.h"
#include "zookeeper/server/zookeeper_server.h"

namespace kafkascope {

using namespace std::chrono_literals;

void ClusterFaults::partition_one_way() {
  const std::string from = some_node();
  const std::string to = some_node();
  if (!weak_.empty() || from == to) return;
  ++injected_["one-way partition"];
  disturbed_ = true;
  simulation_.runtime().network().cut(from, to);
}

void ClusterFaults::partition_both_ways() {
  const std::string one = some_node();
  const std::string other = some_node();
  if (!weak_.empty() || one == other) return;
  ++injected_["two-way partition"];
  disturbed_ = true;
  simulation_.runtime().network().cut(one, other);
  simulation_.runtime().network().cut(other, one);
}

void ClusterFaults::isolate() {
  const std::string broker = some_broker();
  if (!weak_.empty()) return;
  ++injected_["isolated broker"];
  disturbed_ = true;
  for (const std::string& node : simulation_.nodes()) {
    if (node == broker) continue;
    simulation_.runtime().network().cut(node, broker);
    simulation_.runtime().network().cut(broker, node);
  }
}

void ClusterFaults::heal_network() {
  ++injected_["healed network"];
  simulation_.runtime().network().heal();
}

void ClusterFaults::slow_link() {
  ++injected_["slow link"];
  const std::string from = some_node();
  sim::Link link{.latency_max = 1ms + some(200ms)};
  if (random_.chance(0.5)) link.bytes_per_second = 8'000 + random_.below(1'000'000);
  simulation_.runtime().network().set_link(from, some_node(), link);
}

void ClusterFaults::bad_weather() {
  ++injected_["bad weather"];
  sim::NetworkFaults& faults = simulation_.runtime().network().faults;
  faults.reset_chance = random_.chance(0.5) ? 0 : 0.005;
  faults.partial_chance = random_.chance(0.5) ? 0 : 0.3;
  faults.link.latency_max = 1ms + some(50ms);
}

void ClusterFaults::reset() {
  ++injected_["reset"];
  const std::string node = some_node();
  simulation_.runtime().network().reset_between(node, some_node());
}

void ClusterFaults::slow_disk() {
  ++injected_["slow disk"];
  simulation_.runtime().disk(some_broker()).speed.sync = some(300ms);
}

/// One call fails. With its only directory gone the broker ends.
void ClusterFaults::fail_disk() {
  const std::string broker = some_broker();
  if (!may_fall(broker)) return;
  ++injected_["disk error"];
  disturbed_ = true;
  constexpr sim::DiskOperation kOperations[] = {sim::DiskOperation::kWrite,
                                                sim::DiskOperation::kSync};
  simulation_.runtime().disk(broker).add_fault({.operation = kOperations[random_.below(2)],
                                                .path_prefix = "/data",
                                                .skip = static_cast<int>(random_.below(30)),
                                                .count = 1});
}

void ClusterFaults::skew_clock() {
  ++injected_["clock skew"];
  sim::SimClock& clock = simulation_.runtime().clock(some_broker());
  clock.skew_ms = static_cast<int64_t>(random_.below(600'000)) - 300'000;
  constexpr double kRates[] = {0.99, 1, 1.01, 0};
  clock.set_rate(kRates[random_.below(4)]);
}

void ClusterFaults::delay_watches() {
  if (!cluster_.is_up(kZooKeeperNode)) return;
  ++injected_["late watches"];
  simulation_.process(kZooKeeperNode).zookeeper->delay_notifications(some(2s));
}

void ClusterFaults::elect_preferred() {
  const std::string node = cluster_.controller();
  if (!cluster_.is_up(node)) return;
  ++injected_["preferred election"];
  std::set<TopicPartition> all;
  for (int partition = 0; partition < cluster_.partitions(); ++partition)
    all.insert({"t", partition});
  simulation_.start(node, "elect", [all](Simulation&, Process& p) -> std::any {
    p.server->cluster()->controller().elect_leaders(all, ElectionType::kPreferred, [](auto) {});
    return {};
  });
}

/// To three brokers in some order.
void ClusterFaults::reassign() {
  const std::string node = cluster_.controller();
  if (!cluster_.is_up(node)) return;
  ++injected_["reassignment"];
  std::vector<BrokerId> ids;
  for (BrokerId id = 1; id <= simulation_.options().brokers; ++id)
    ids.insert(ids.begin() + static_cast<ptrdiff_t>(random_.below(ids.size() + 1)), id);
  ids.resize(3);
  const auto partition =
      static_cast<PartitionIndex>(random_.below(static_cast<uint64_t>(cluster_.partitions())));
  simulation_.start(node, "reassign", [ids, partition](Simulation&, Process& p) -> std::any {
    p.server->cluster()->controller().alter_partition_reassignments({{{"t", partition}, ids}},
                                                                    [](auto) {});
    return {};
  });
}

}  // namespace kafkascope
