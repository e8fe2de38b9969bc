#include "controller/topic_deletion_manager.h"

#include "common/logging.h"
#include "runtime/node.h"

namespace kafkascope {

using controller::PartitionState;
using controller::ReplicaState;

void TopicDeletionManager::init(const Topics& to_be_deleted, const Topics& ineligible) {
  if (!config_.delete_topic_enable) {
    if (!to_be_deleted.empty()) client_.delete_topic_deletions(to_be_deleted);
    return;
  }
  context_.queue_topic_deletion(to_be_deleted);
  mark_topics_ineligible_for_deletion(ineligible, "offline replicas or a reassignment");
}

void TopicDeletionManager::enqueue_topics_for_deletion(const Topics& topics) {
  if (!config_.delete_topic_enable) return;
  context_.queue_topic_deletion(topics);
  Topics moving;
  for (const TopicPartition& tp : context_.partitions_being_reassigned) moving.insert(tp.topic);
  mark_topics_ineligible_for_deletion(moving, "a reassignment is under way");
  resume_deletions();
}

void TopicDeletionManager::resume_deletion_for_topics(const Topics& topics) {
  bool any = false;
  for (const std::string& topic : topics) {
    if (!context_.is_topic_queued_up_for_deletion(topic)) continue;
    context_.topics_ineligible_for_deletion.erase(topic);
    any = true;
  }
  if (any) resume_deletions();
}

void TopicDeletionManager::mark_topics_ineligible_for_deletion(const Topics& topics,
                                                               const std::string& reason) {
  for (const std::string& topic : topics) {
    if (!context_.is_topic_queued_up_for_deletion(topic)) continue;
    context_.topics_ineligible_for_deletion.insert(topic);
    KS_TRACE(node_, "TopicDeletionHalted", {"topic", topic}, {"why", reason});
  }
}

TopicDeletionManager::Replicas TopicDeletionManager::queued_up(const Replicas& replicas) const {
  Replicas queued;
  for (const PartitionAndReplica& replica : replicas) {
    if (context_.is_topic_queued_up_for_deletion(replica.topic_partition.topic))
      queued.insert(replica);
  }
  return queued;
}

void TopicDeletionManager::fail_replica_deletion(const Replicas& replicas) {
  const Replicas failed = queued_up(replicas);
  if (failed.empty()) return;
  Topics topics;
  for (const PartitionAndReplica& replica : failed) topics.insert(replica.topic_partition.topic);
  replicas_.handle_state_changes(failed, ReplicaState::kReplicaDeletionIneligible);
  mark_topics_ineligible_for_deletion(topics, "a replica could not be deleted");
  resume_deletions();
}

void TopicDeletionManager::complete_replica_deletion(const Replicas& replicas) {
  replicas_.handle_state_changes(queued_up(replicas), ReplicaState::kReplicaDeletionSuccessful);
  resume_deletions();
}

bool TopicDeletionManager::is_eligible(const std::string& topic) const {
  return context_.is_topic_queued_up_for_deletion(topic) &&
         context_.topics_ineligible_for_deletion.count(topic) == 0 &&
         !context_.is_any_replica_in_state(topic, ReplicaState::kReplicaDeletionStarted);
}

void TopicDeletionManager::resume_deletions() {
  Topics to_retry, to_delete;
  const Topics queued = context_.topics_to_be_deleted();
  for (const std::string& topic : queued) {
    if (context_.are_all_replicas_in_state(topic, ReplicaState::kReplicaDeletionSuccessful)) {
      complete_delete_topic(topic);
    } else if (!context_.is_any_replica_in_state(topic, ReplicaState::kReplicaDeletionStarted) &&
               context_.is_any_replica_in_state(topic, ReplicaState::kReplicaDeletionIneligible)) {
      to_retry.insert(topic);
    }
    if (is_eligible(topic)) to_delete.insert(topic);
  }
  retry_ineligible_replicas(to_retry);
  if (!to_delete.empty()) on_topic_deletion(to_delete);
}

void TopicDeletionManager::retry_ineligible_replicas(const Topics& topics) {
  Replicas failed;
  for (const std::string& topic : topics) {
    failed.merge(context_.replicas_in_state(topic, ReplicaState::kReplicaDeletionIneligible));
  }
  replicas_.handle_state_changes(failed, ReplicaState::kOfflineReplica);
}

void TopicDeletionManager::complete_delete_topic(const std::string& topic) {
  // From here on changes of the topic's znode are our own.
  client_.mute_partition_modifications(topic);
  replicas_.handle_state_changes(
      context_.replicas_in_state(topic, ReplicaState::kReplicaDeletionSuccessful),
      ReplicaState::kNonExistentReplica);
  client_.delete_topic(topic);
  context_.remove_topic(topic);
  KS_TRACE(node_, "TopicDeleted", {"topic", topic});
}

void TopicDeletionManager::on_topic_deletion(const Topics& topics) {
  std::set<TopicPartition> all, fresh;
  for (const std::string& topic : topics) {
    const std::set<TopicPartition> partitions = context_.partitions_for_topic(topic);
    all.insert(partitions.begin(), partitions.end());
    if (context_.topics_with_deletion_started.insert(topic).second) {
      fresh.insert(partitions.begin(), partitions.end());
      KS_TRACE(node_, "TopicDeletionStarted", {"topic", topic});
    }
  }
  partitions_.handle_state_changes(fresh, PartitionState::kOfflinePartition);
  partitions_.handle_state_changes(fresh, PartitionState::kNonExistentPartition);
  // Brokers and clients learn first that nobody leads any more.
  client_.send_metadata_update(all);
  start_replica_deletion(topics);
}

void TopicDeletionManager::start_replica_deletion(const Topics& topics) {
  Replicas dead, to_delete;
  Topics ineligible;
  for (const std::string& topic : topics) {
    for (const PartitionAndReplica& replica : context_.replicas_for_topic(topic)) {
      if (context_.replica_state(replica) == ReplicaState::kReplicaDeletionSuccessful) continue;
      if (context_.is_replica_online(replica.replica, replica.topic_partition)) {
        to_delete.insert(replica);
      } else {
        dead.insert(replica);
        ineligible.insert(topic);
      }
    }
  }
  // A replica on a dead broker was taken offline when the broker died, or is ineligible already.
  Replicas newly_ineligible;
  for (const PartitionAndReplica& replica : dead) {
    if (context_.replica_state(replica) != ReplicaState::kReplicaDeletionIneligible)
      newly_ineligible.insert(replica);
  }
  replicas_.handle_state_changes(newly_ineligible, ReplicaState::kReplicaDeletionIneligible);
  replicas_.handle_state_changes(to_delete, ReplicaState::kOfflineReplica);
  replicas_.handle_state_changes(to_delete, ReplicaState::kReplicaDeletionStarted);
  mark_topics_ineligible_for_deletion(ineligible, "offline replicas");
}

}  // namespace kafkascope
