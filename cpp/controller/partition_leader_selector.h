// PartitionLeaderSelector: who leads a partition next.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "metadata/leader_and_isr.h"

namespace kafkascope {

class ControllerContext;

/// What a selector is told of one partition.
struct PartitionElection {
  TopicPartition partition;
  LeaderAndIsr current;
  ReplicaAssignment assignment;
  std::set<BrokerId> online;                   // replicas on live brokers and working disks
  std::set<BrokerId> online_or_shutting_down;  // and on brokers that are about to leave
  std::set<BrokerId> shutting_down;            // brokers
  bool unclean_leader_election_enabled = false;

  static PartitionElection of(const ControllerContext& context, const TopicPartition& partition,
                              const LeaderAndIsr& current);
};

/// What a selector decided. Leader epoch and partition epoch are the state machine's to raise.
struct SelectedLeader {
  BrokerId leader = kNoLeader;
  std::vector<BrokerId> isr;
  std::vector<BrokerId> recipients;      // of LeaderAndIsr
  std::vector<BrokerId> new_recipients;  // the same, told that the replica is new there
};

/// Kafka's PartitionLeaderSelector. Called on the controller's event thread; must neither block nor
/// throw. Nothing: no replica may lead, and the partition stays as it is.
class PartitionLeaderSelector {
 public:
  virtual ~PartitionLeaderSelector() = default;
  /// "OfflinePartitionLeaderSelector"
  virtual const char* name() const = 0;
  virtual std::optional<SelectedLeader> select_leader(const PartitionElection& election) const = 0;
};

/// Leader and ISR stay; only the leader epoch grows, so that all hear of new replicas.
class NoOpLeaderSelector : public PartitionLeaderSelector {
 public:
  const char* name() const override { return "NoOpLeaderSelector"; }
  std::optional<SelectedLeader> select_leader(const PartitionElection& election) const override;
};

/// The leader died: the first replica that is online and in sync; without one, where the topic
/// allows unclean elections, the first that is online, which may lose records.
class OfflinePartitionLeaderSelector : public PartitionLeaderSelector {
 public:
  const char* name() const override { return "OfflinePartitionLeaderSelector"; }
  std::optional<SelectedLeader> select_leader(const PartitionElection& election) const override;
};

/// The leader is not among the replicas that a reassignment ends with: the first of those that is
/// online and in sync.
class ReassignedPartitionLeaderSelector : public PartitionLeaderSelector {
 public:
  const char* name() const override { return "ReassignedPartitionLeaderSelector"; }
  std::optional<SelectedLeader> select_leader(const PartitionElection& election) const override;
};

/// The first replica of the assignment, if it is online and in sync.
class PreferredReplicaPartitionLeaderSelector : public PartitionLeaderSelector {
 public:
  const char* name() const override { return "PreferredReplicaPartitionLeaderSelector"; }
  std::optional<SelectedLeader> select_leader(const PartitionElection& election) const override;
};

/// The leader's broker is about to leave: the first replica in sync whose broker stays. Those that
/// leave go out of the ISR.
class ControlledShutdownLeaderSelector : public PartitionLeaderSelector {
 public:
  const char* name() const override { return "ControlledShutdownLeaderSelector"; }
  std::optional<SelectedLeader> select_leader(const PartitionElection& election) const override;
};

/// The five that a controller works with. Each can be another object.
struct LeaderSelectors {
  std::shared_ptr<const PartitionLeaderSelector> no_op = std::make_shared<NoOpLeaderSelector>();
  std::shared_ptr<const PartitionLeaderSelector> offline =
      std::make_shared<OfflinePartitionLeaderSelector>();
  std::shared_ptr<const PartitionLeaderSelector> reassigned =
      std::make_shared<ReassignedPartitionLeaderSelector>();
  std::shared_ptr<const PartitionLeaderSelector> preferred =
      std::make_shared<PreferredReplicaPartitionLeaderSelector>();
  std::shared_ptr<const PartitionLeaderSelector> controlled_shutdown =
      std::make_shared<ControlledShutdownLeaderSelector>();
};

}  // namespace kafkascope
