// How the controller deals with topics that come, grow and go.
#include "common/logging.h"
#include "controller/kafka_controller.h"

namespace kafkascope {

using controller::PartitionState;
using controller::ReplicaState;

void KafkaController::process_topic_change() {
  if (!is_active()) return;
  const std::set<std::string> topics = zk_.get_all_topics(/*register_watch=*/true);
  std::set<std::string> fresh, gone;
  std::set_difference(topics.begin(), topics.end(), context_.all_topics.begin(),
                      context_.all_topics.end(), std::inserter(fresh, fresh.end()));
  std::set_difference(context_.all_topics.begin(), context_.all_topics.end(), topics.begin(),
                      topics.end(), std::inserter(gone, gone.end()));
  for (const std::string& topic : gone) {
    stop_watching_node(znode::topic(topic));
    context_.remove_topic(topic);
  }
  context_.all_topics = topics;
  watch_topics(fresh);
  const std::vector<TopicAssignment> assignments = zk_.get_topic_assignments(fresh);
  add_topics(assignments);
  Partitions created;
  for (const TopicAssignment& topic : assignments) {
    created.merge(context_.partitions_for_topic(topic.topic));
  }
  on_new_partition_creation(created);
}

void KafkaController::on_new_partition_creation(const Partitions& partitions) {
  const std::set<PartitionAndReplica> replicas = context_.replicas_for_partitions(partitions);
  partition_state_machine_.handle_state_changes(partitions, PartitionState::kNewPartition);
  replica_state_machine_.handle_state_changes(replicas, ReplicaState::kNewReplica);
  partition_state_machine_.elect_leaders(partitions, *partition_state_machine_.selectors().offline);
  replica_state_machine_.handle_state_changes(replicas, ReplicaState::kOnlineReplica);
}

void KafkaController::process_partition_modifications(const std::string& topic) {
  if (!is_active()) return;
  for (const TopicAssignment& now : zk_.get_topic_assignments({topic})) {
    std::map<TopicPartition, ReplicaAssignment> added;
    for (const auto& [index, assignment] : now.partitions) {
      const TopicPartition tp{topic, index};
      if (context_.partition_replica_assignment(tp).empty()) added[tp] = assignment;
    }
    if (added.empty()) continue;
    if (context_.is_topic_queued_up_for_deletion(topic)) {
      restore_topic_assignment(now);
      continue;
    }
    Partitions created;
    for (const auto& [tp, assignment] : added) {
      context_.update_partition_full_replica_assignment(tp, assignment);
      created.insert(tp);
    }
    on_new_partition_creation(created);
  }
}

void KafkaController::restore_topic_assignment(const TopicAssignment& changed) {
  KS_LOG(kWarn, node_.name(), "topic {} is being deleted and gets no partitions", changed.topic);
  TopicAssignment before{changed.topic, changed.topic_id, {}};
  before.partitions = context_.assignment_of_topic(changed.topic);
  zk_.set_topic_assignment(before, zk_version());
}

void KafkaController::process_topic_deletion() {
  if (!is_active()) return;
  std::set<std::string> wanted, unknown;
  for (const std::string& topic : zk_.get_topic_deletions()) {
    (context_.all_topics.count(topic) > 0 ? wanted : unknown).insert(topic);
  }
  if (!config_.delete_topic_enable) unknown.merge(wanted);
  if (!unknown.empty()) delete_topic_deletions(unknown);
  if (!config_.delete_topic_enable || wanted.empty()) return;
  topic_deletion_manager_.enqueue_topics_for_deletion(wanted);
}

void KafkaController::delete_topic(const std::string& topic) {
  zk_.delete_topic_znode(topic, zk_version());
  zk_.delete_topic_configs(topic, zk_version());
  delete_topic_deletions({topic});
}

void KafkaController::delete_topic_deletions(const std::set<std::string>& topics) {
  zk_.delete_topic_deletions({topics.begin(), topics.end()}, zk_version());
}

void KafkaController::mute_partition_modifications(const std::string& topic) {
  stop_watching_node(znode::topic(topic));
}

void KafkaController::send_metadata_update(const std::set<TopicPartition>& partitions) {
  send_update_metadata_request(context_.live_or_shutting_down_broker_ids(), partitions);
}

}  // namespace kafkascope
