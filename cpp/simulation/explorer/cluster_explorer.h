// Cluster explorer: one seed's run of several brokers and ZooKeeper under faults, with every
// invariant watched.
#pragma once

#include <optional>

#include "simulation/explorer/coverage_marks.h"
#include "simulation/simulation.h"

namespace kafkascope {

struct ClusterExplorerOptions {
  uint64_t seed = 1;
  int brokers = 0;                               // 0: the seed decides, three mostly
  Duration duration = std::chrono::seconds(90);  // of faults, virtual; then all is healed
  bool faults = true;
  // For tests of the invariants.
  ReplicationDefects replication_defects{};
  FetcherDefects fetcher_defects{};
  ControllerDefects controller_defects{};
};

/// What a run did. `failure` says what was violated, with seed and turn; empty: nothing.
struct ClusterExplorerReport {
  uint64_t seed = 0;
  std::string failure;
  int brokers = 0;
  uint64_t turns = 0;
  uint64_t digest = 0;
  Duration simulated{};
  size_t acknowledged = 0;
  size_t polled = 0;
  Marks faults;  // injected, by name
  Marks marks;   // reached
};

/// Two idempotent producers with acks=all and a polling consumer against a topic of three replicas
/// and min.insync.replicas=2. Mixes of faults take turns every 30 simulated seconds, a quarter of
/// them empty. At the end all is healed: every partition gets a leader and its full ISR, all sends
/// end, and what was acknowledged is read once, in order.
ClusterExplorerReport explore_cluster(const ClusterExplorerOptions& options);

}  // namespace kafkascope
