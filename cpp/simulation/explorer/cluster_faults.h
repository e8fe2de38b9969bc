// ClusterFaults: what goes wrong in an explored cluster, drawn by its seed.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "runtime/random.h"
#include "simulation/explorer/cluster_state.h"
#include "simulation/explorer/coverage_marks.h"
#include "simulation/simulation.h"

namespace kafkascope {

/// Mixes of faults. What ISRs promise bounds them: without synced appends one broker at a time may
/// lose its newest records, only while all replicas are in sync, and until it is in sync again
/// nobody else goes down. It comes back when the ISRs are without it: a controller that was elected
/// meanwhile would take it for one that was there all the time. A disk is replaced under the same
/// rules.
class ClusterFaults {
 public:
  ClusterFaults(Simulation& simulation, RandomStream& random, int partitions, bool synced)
      : simulation_(simulation),
        random_(random),
        cluster_(simulation, partitions),
        synced_(synced) {}

  /// A subset of the faults, each with a rate of its own; a quarter of the mixes are empty.
  void draw_mix();
  /// Once a round.
  void maybe_inject();
  /// Takes down who fell, starts again who is due. Throws InvariantViolated when a broker that
  /// stopped holds connections still.
  void look_after_nodes();
  /// A disk's crash is due, or a broker ended.
  bool somebody_fell() const;
  /// Ends every fault. look_after_nodes() then starts who is down.
  void heal();

  const ClusterState& cluster() const { return cluster_; }
  const Marks& injected() const { return injected_; }

 private:
  struct Kind {
    const char* name;
    void (ClusterFaults::*inject)();
  };
  static const std::vector<Kind>& kinds();

  // Nodes: faults_of_nodes.cpp
  void crash();
  void crash_before_disk_change();
  void crash_controller();
  void lose_disk();
  void shut_down();
  void pause();
  void crash_zookeeper();
  void expire_session();
  // What lies between them, and in them: faults_of_surroundings.cpp
  void partition_one_way();
  void partition_both_ways();
  void isolate();
  void heal_network();
  void slow_link();
  void bad_weather();
  void reset();
  void slow_disk();
  void fail_disk();
  void skew_clock();
  void delay_watches();
  void elect_preferred();
  void reassign();

  std::string some_broker();
  std::string some_node();
  Duration some(Duration longest);
  /// May this broker stop serving now?
  bool may_fall(const std::string& broker) const;
  /// Is this broker the only one in trouble, so that its newest records may be lost?
  bool may_lose_records(const std::string& broker) const;
  void take_down(const std::string& broker, bool power_loss);
  void start_later(const std::string& node, Duration longest);
  void end_mix();

  Simulation& simulation_;
  RandomStream& random_;
  const ClusterState cluster_;
  const bool synced_;
  std::map<std::string, double> chances_;  // of the mix's faults, in a round
  std::map<std::string, Instant> due_;     // nodes that are down, and when they start
  std::map<std::string, Instant> paused_;  // until when
  std::set<std::string> armed_;            // they crash before some change of their disk
  bool disturbed_ = false;                 // something is cut, or a disk will fail
  std::string weak_;                       // it may have lost records; empty: none
  Marks injected_;
};

}  // namespace kafkascope
