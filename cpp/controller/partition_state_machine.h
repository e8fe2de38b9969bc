// PartitionStateMachine: takes partitions from state to state, and elects their leaders.
#pragma once

#include <map>
#include <set>
#include <string>

#include "common/errors.h"
#include "controller/controller_broker_request_batch.h"
#include "controller/partition_leader_selector.h"
#include "controller/partition_state_store.h"

namespace kafkascope {

class Meter;

/// Kafka's PartitionStateMachine, on the controller's event thread. Each call is one batch: the
/// states are read together, written together, and each broker gets one request of each kind. What
/// may not follow the present state is refused: logged, traced as TransitionRefused, and left as it
/// is. Throws what the store throws.
class PartitionStateMachine {
 public:
  using Partitions = std::set<TopicPartition>;
  /// Of elections only: the new leader, or why there is none.
  using Elections = std::map<TopicPartition, Result<LeaderAndIsr>>;

  PartitionStateMachine(Node& node, const ControllerConfig& config, ControllerContext& context,
                        PartitionStateStore& store, ControlRequestSender& sender,
                        LeaderSelectors selectors, Meter& unclean_elections);

  const LeaderSelectors& selectors() const { return selectors_; }

  /// Gives each partition the state that the context speaks of, then elects what has no leader.
  void startup();
  /// Elects leaders for the new and offline partitions, of one topic or all.
  Elections trigger_online_partition_state_change(const std::string* topic = nullptr);
  /// To NewPartition, OfflinePartition or NonExistentPartition.
  void handle_state_changes(const Partitions& partitions, controller::PartitionState target);
  /// To OnlinePartition: a new partition gets its first live replica as leader, any other the one
  /// that the selector says. `allow_unclean` stands above what the topics say.
  Elections elect_leaders(const Partitions& partitions, const PartitionLeaderSelector& selector,
                          bool allow_unclean = false);

 private:
  Partitions valid_transitions(const Partitions& partitions, controller::PartitionState target);
  void set_state(const TopicPartition& partition, controller::PartitionState state);
  PartitionStateStore::States read_where_they_exist(
      const std::map<TopicPartition, zk::ZkError>& results);
  void initialize_leaders(const Partitions& partitions, ControllerBrokerRequestBatch& batch);
  Partitions try_to_elect(const Partitions& partitions, const PartitionLeaderSelector& selector,
                          bool allow_unclean, ControllerBrokerRequestBatch& batch,
                          Elections& elections);
  std::map<TopicPartition, PartitionElection> elections_of(const Partitions& partitions,
                                                           bool allow_unclean,
                                                           Elections& elections);
  void on_leader_elected(const PartitionElection& election, const SelectedLeader& selected,
                         const LeaderAndIsr& written, const PartitionLeaderSelector& selector,
                         ControllerBrokerRequestBatch& batch);
  void refuse(Elections& elections, const TopicPartition& partition, const std::string& why);
  void trace_leader(const TopicPartition& partition, const LeaderAndIsr& state, const char* why);

  Node& node_;
  const ControllerConfig& config_;
  ControllerContext& context_;
  PartitionStateStore& store_;
  ControlRequestSender& sender_;
  const LeaderSelectors selectors_;
  Meter& unclean_elections_;
};

}  // namespace kafkascope
