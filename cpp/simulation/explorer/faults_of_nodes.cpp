// ClusterFaults' ways to take a node down, for a while or for good.
#include <algorithm>

#include "simulation/explorer/cluster_faults.h"
#include "zookeeper/client/zk_paths.h"
#include "zookeeper/server/zookeeper_server.h"

namespace kafkascope {

using namespace std::chrono_literals;

void ClusterFaults::crash() {
  const std::string broker = some_broker();
  if (!may_fall(broker)) return;
  const bool may_lose = synced_ || may_lose_records(broker);
  ++injected_["crash"];
  take_down(broker, may_lose && random_.chance(0.7));
}

void ClusterFaults::crash_before_disk_change() {
  const std::string broker = some_broker();
  if (!(synced_ ? may_fall(broker) : may_lose_records(broker))) return;
  ++injected_["crash before a disk change"];
  simulation_.arm_crash(broker, static_cast<int>(random_.below(30)));
  armed_.insert(broker);
  if (!synced_) weak_ = broker;
}

void ClusterFaults::crash_controller() {
  const std::string broker = cluster_.controller();
  if (broker.empty() || !may_fall(broker)) return;
  ++injected_["controller crash"];
  take_down(broker, synced_ && random_.chance(0.5));
}

void ClusterFaults::lose_disk() {
  const std::string broker = some_broker();
  if (!may_lose_records(broker)) return;
  ++injected_["lost disk"];
  take_down(broker, true);
  weak_ = broker;
  simulation_.replace_disk(broker);
}

void ClusterFaults::shut_down() {
  const std::string broker = some_broker();
  if (!may_fall(broker)) return;
  ++injected_["controlled shutdown"];
  simulation_.start_stop(broker);
}

/// Often longer than the session with ZooKeeper lasts.
void ClusterFaults::pause() {
  const std::string broker = some_broker();
  if (!may_fall(broker)) return;
  ++injected_["pause"];
  simulation_.runtime().pause(broker);
  paused_[broker] = simulation_.position().time + some(15s);
}

void ClusterFaults::crash_zookeeper() {
  if (!weak_.empty() || !cluster_.is_up(kZooKeeperNode)) return;
  ++injected_["ZooKeeper crash"];
  simulation_.crash(kZooKeeperNode, {.power_loss = random_.chance(0.5)});
  start_later(kZooKeeperNode, 8s);
}

void ClusterFaults::expire_session() {
  const std::string broker = some_broker();
  if (!may_fall(broker) || !cluster_.is_up(kZooKeeperNode)) return;
  zk::ZooKeeperServer& zookeeper = *simulation_.process(kZooKeeperNode).zookeeper;
  const std::string id = broker.substr(broker.find('-') + 1);
  for (const auto& session : zookeeper.sessions()) {
    if (!session.ephemerals.contains(znode::kBrokerIds + "/" + id)) continue;
    ++injected_["session expiry"];
    zookeeper.expire_session(session.id);
  }
}

}  // namespace kafkascope
