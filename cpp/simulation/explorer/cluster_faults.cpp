#include "simulation/explorer/cluster_faults.h"

#include <fmt/core.h>

#include <algorithm>

#include "zookeeper/server/zookeeper_server.h"

namespace kafkascope {

using namespace std::chrono_literals;

const std::vector<ClusterFaults::Kind>& ClusterFaults::kinds() {
  using F = ClusterFaults;
  static const std::vector<Kind> all{{"crash", &F::crash},
                                     {"crash before a disk change", &F::crash_before_disk_change},
                                     {"controller crash", &F::crash_controller},
                                     {"lost disk", &F::lose_disk},
                                     {"controlled shutdown", &F::shut_down},
                                     {"pause", &F::pause},
                                     {"ZooKeeper crash", &F::crash_zookeeper},
                                     {"session expiry", &F::expire_session},
                                     {"one-way partition", &F::partition_one_way},
                                     {"two-way partition", &F::partition_both_ways},
                                     {"isolated broker", &F::isolate},
                                     {"healed network", &F::heal_network},
                                     {"slow link", &F::slow_link},
                                     {"bad weather", &F::bad_weather},
                                     {"reset", &F::reset},
                                     {"slow disk", &F::slow_disk},
                                     {"disk error", &F::fail_disk},
                                     {"clock skew", &F::skew_clock},
                                     {"late watches", &F::delay_watches},
                                     {"preferred election", &F::elect_preferred},
                                     {"reassignment", &F::reassign}};
  return all;
}

void ClusterFaults::draw_mix() {
  end_mix();
  chances_.clear();
  if (random_.chance(0.25)) return;
  for (const Kind& kind : kinds()) {
    if (random_.chance(0.4))
      chances_[kind.name] = 0.002 + static_cast<double>(random_.below(200)) / 10'000;
  }
}

void ClusterFaults::maybe_inject() {
  for (const Kind& kind : kinds()) {
    const auto chance = chances_.find(kind.name);
    if (chance == chances_.end() || !random_.chance(chance->second)) continue;
    (this->*kind.inject)();
  }
}

bool ClusterFaults::somebody_fell() const {
  for (const std::string& broker : cluster_.brokers()) {
    if (simulation_.has_ended(broker)) return true;
  }
  return std::any_of(armed_.begin(), armed_.end(), [this](const std::string& broker) {
    return simulation_.crash_is_due(broker);
  });
}

void ClusterFaults::look_after_nodes() {
  const Instant now = simulation_.position().time;
  std::erase_if(paused_, [&](const auto& entry) {
    if (entry.second > now) return false;
    simulation_.runtime().resume(entry.first);
    return true;
  });
  const std::set<std::string> armed = armed_;
  for (const std::string& broker : armed) {
    if (simulation_.is_running(broker) && simulation_.crash_is_due(broker))
      take_down(broker, random_.chance(0.7));
  }
  for (const std::string& broker : cluster_.brokers()) {
    if (!simulation_.has_ended(broker)) continue;
    armed_.erase(broker);
    const std::string died_of = simulation_.bury(broker);
    const size_t held = simulation_.runtime().network().connections_of(broker);
    if (died_of.empty() && held > 0)
      throw InvariantViolated(fmt::format("{} stopped and holds {} connections", broker, held));
    start_later(broker, 5s);
  }
  std::erase_if(due_, [&](const auto& entry) {
    if (entry.second > now || (entry.first == weak_ && cluster_.in_an_isr(weak_))) return false;
    simulation_.runtime().disk(entry.first).clear_faults();
    simulation_.start_boot(entry.first);
    return true;
  });
  // It came back when no ISR held it: now it is in all of them by its own doing.
  if (!weak_.empty() && !armed_.contains(weak_) && cluster_.is_up(weak_) && cluster_.all_in_sync())
    weak_.clear();
}

void ClusterFaults::end_mix() {
  sim::NetworkFabric& network = simulation_.runtime().network();
  network.faults = {};
  network.reset_links();
  network.heal();
  disturbed_ = false;
  for (const auto& [node, until] : paused_) simulation_.runtime().resume(node);
  paused_.clear();
  for (const std::string& broker : armed_) {
    if (simulation_.is_running(broker) && !simulation_.crash_is_due(broker))
      simulation_.arm_crash(broker, -1);
  }
  std::erase_if(armed_, [this](const auto& broker) { return !simulation_.crash_is_due(broker); });
  for (const std::string& broker : cluster_.brokers()) {
    simulation_.runtime().disk(broker).speed = {};
    simulation_.runtime().disk(broker).clear_faults();
  }
  if (cluster_.is_up(kZooKeeperNode))
    simulation_.process(kZooKeeperNode).zookeeper->delay_notifications(Duration::zero());
}

void ClusterFaults::heal() {
  chances_.clear();
  end_mix();
  for (const std::string& broker : cluster_.brokers()) {
    simulation_.runtime().clock(broker).skew_ms = 0;
    simulation_.runtime().clock(broker).set_rate(1);
  }
  for (auto& [node, when] : due_) when = simulation_.position().time;
  look_after_nodes();
}

std::string ClusterFaults::some_broker() {
  const std::vector<std::string> all = cluster_.brokers();
  return all[random_.below(all.size())];
}

std::string ClusterFaults::some_node() {
  const std::vector<std::string> all = simulation_.nodes();
  return all[random_.below(all.size())];
}

Duration ClusterFaults::some(Duration longest) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(longest).count();
  return std::chrono::milliseconds(random_.below(static_cast<uint64_t>(ms) + 1));
}

bool ClusterFaults::may_fall(const std::string& broker) const {
  return weak_.empty() && cluster_.is_up(broker) && !paused_.contains(broker) &&
         !armed_.contains(broker);
}

bool ClusterFaults::may_lose_records(const std::string& broker) const {
  return may_fall(broker) && due_.empty() && paused_.empty() && armed_.empty() && !disturbed_ &&
         cluster_.all_run() && cluster_.all_in_sync();
}

void ClusterFaults::take_down(const std::string& broker, bool power_loss) {
  armed_.erase(broker);
  if (power_loss && !synced_) weak_ = broker;
  simulation_.crash(broker, {.power_loss = power_loss, .silent = random_.chance(0.2)});
  start_later(broker, 15s);
}

void ClusterFaults::start_later(const std::string& node, Duration longest) {
  due_[node] = simulation_.position().time + some(longest);
}

}  // namespace kafkascope
