// TopicDeletionManager: deletes topics, replica by replica, across dead brokers and restarts.
#pragma once

#include <set>
#include <string>

#include "controller/partition_state_machine.h"
#include "controller/replica_state_machine.h"

namespace kafkascope {

/// What deleting topics needs of the rest of the controller.
class DeletionClient {
 public:
  virtual ~DeletionClient() = default;
  /// The topic's znode, its configs, and the request to delete it.
  virtual void delete_topic(const std::string& topic) = 0;
  virtual void delete_topic_deletions(const std::set<std::string>& topics) = 0;
  virtual void mute_partition_modifications(const std::string& topic) = 0;
  virtual void send_metadata_update(const std::set<TopicPartition>& partitions) = 0;
};

/// Kafka's TopicDeletionManager, on the controller's event thread. A topic whose deletion was asked
/// for is deleted on all its replicas, then in ZooKeeper. It becomes ineligible while a replica is
/// on a dead broker, or a partition is being reassigned; the controller resumes it when that is
/// over.
class TopicDeletionManager {
 public:
  using Topics = std::set<std::string>;
  using Replicas = std::set<PartitionAndReplica>;

  TopicDeletionManager(Node& node, const ControllerConfig& config, ControllerContext& context,
                       ReplicaStateMachine& replicas, PartitionStateMachine& partitions,
                       DeletionClient& client)
      : node_(node),
        config_(config),
        context_(context),
        replicas_(replicas),
        partitions_(partitions),
        client_(client) {}

  /// With what /admin/delete_topics says when a controller is elected.
  void init(const Topics& to_be_deleted, const Topics& ineligible);
  /// Begins with those of which no partition is being reassigned.
  void enqueue_topics_for_deletion(const Topics& topics);
  /// Whatever held these up is over; others may go on, too.
  void resume_deletion_for_topics(const Topics& topics);
  void resume_deletions();
  void mark_topics_ineligible_for_deletion(const Topics& topics, const std::string& reason);
  /// Brokers have deleted these, or could not.
  void complete_replica_deletion(const Replicas& replicas);
  void fail_replica_deletion(const Replicas& replicas);

 private:
  Replicas queued_up(const Replicas& replicas) const;
  bool is_eligible(const std::string& topic) const;
  void on_topic_deletion(const Topics& topics);
  void start_replica_deletion(const Topics& topics);
  void retry_ineligible_replicas(const Topics& topics);
  void complete_delete_topic(const std::string& topic);

  Node& node_;
  const ControllerConfig& config_;
  ControllerContext& context_;
  ReplicaStateMachine& replicas_;
  PartitionStateMachine& partitions_;
  DeletionClient& client_;
};

}  // namespace kafkascope
