// How a broker becomes the controller, and how it ceases to be.
#include "common/logging.h"
#include "controller/broker_ids.h"
#include "controller/kafka_controller.h"

namespace kafkascope {
namespace {

constexpr Duration kFirstRebalance = std::chrono::seconds(5);

}  // namespace

void KafkaController::elect() {
  active_controller_id_ = zk_.get_controller_id().value_or(-1);
  if (active_controller_id_ != -1) return;
  bool moved = false;
  const bool elected = succeeds(
      {"election",
       ControllerState::kControllerChange,
       [this] {
         const ControllerEpoch now = zk_.register_controller_and_increment_epoch(config_.broker_id);
         context_.epoch = now.epoch;
         context_.epoch_zk_version = now.zk_version;
         epoch_ = now.epoch;
         active_controller_id_ = config_.broker_id;
         on_controller_failover();
       },
       {}},
      moved);
  if (moved) {
    maybe_resign();
  } else if (!elected) {
    trigger_controller_move();
  }
}

void KafkaController::maybe_resign() {
  const bool was_active = is_active();
  // Reading a node that is not there sets no watch; asking whether it is there does.
  (void)zk_.path_exists(znode::kController);
  active_controller_id_ = zk_.get_controller_id().value_or(-1);
  if (was_active && !is_active()) on_controller_resignation();
}

void KafkaController::trigger_controller_move() {
  const bool was_elected = epoch_ != 0;
  const int32_t version = context_.epoch_zk_version;
  active_controller_id_ = -1;
  on_controller_resignation();
  if (was_elected) zk_.delete_controller(version);
}

void KafkaController::on_controller_failover() {
  if (!(config_.defects.no_watch_after_session_loss && session_was_lost_)) register_handlers();
  // What they told of is read anew.
  zk_.delete_log_dir_event_notifications(zk_.get_log_dir_event_notifications(), zk_version());
  zk_.delete_isr_change_notifications(zk_.get_isr_change_notifications(), zk_version());
  initialize_controller_context();
  initialize_topic_deletion();
  // Brokers must know who lives before they hear of leaders.
  send_update_metadata_request(context_.live_or_shutting_down_broker_ids(), {});
  replica_state_machine_.startup();
  partition_state_machine_.startup();
  const Partitions resumed = reassign_from_zk();
  maybe_resume_reassignments(
      [&](const TopicPartition& tp, const ReplicaAssignment&) { return resumed.count(tp) == 0; });
  topic_deletion_manager_.resume_deletions();
  process_zk_preferred_replica_election();
  if (config_.auto_leader_rebalance_enable) schedule_auto_leader_rebalance(kFirstRebalance);
}

void KafkaController::on_controller_resignation() {
  ZooKeeperClient& zookeeper = zk_.zookeeper();
  for (const std::string& path : {znode::kBrokerIds, znode::kTopics, znode::kDeleteTopics,
                                  znode::kIsrChangeNotification, znode::kLogDirEventNotification}) {
    zookeeper.unregister_znode_child_change_handler(path);
  }
  for (const std::string& path : handler_paths_) zookeeper.unregister_znode_change_handler(path);
  handler_paths_.clear();
  channels_.shutdown();
  if (epoch_ != 0)
    KS_TRACE(node_, "ControllerResigned", {"broker", config_.broker_id}, {"epoch", epoch_.load()});
  epoch_ = 0;
  context_ = ControllerContext{};
}

void KafkaController::register_handlers() {
  using State = ControllerState;
  ZooKeeperClient& zookeeper = zk_.zookeeper();
  zookeeper.register_znode_child_change_handler(std::make_shared<BrokerChangeHandler>(
      putting("BrokerChange", State::kBrokerChange, &KafkaController::process_broker_change)));
  zookeeper.register_znode_child_change_handler(std::make_shared<TopicChangeHandler>(
      putting("TopicChange", State::kTopicChange, &KafkaController::process_topic_change)));
  zookeeper.register_znode_child_change_handler(std::make_shared<TopicDeletionHandler>(
      putting("TopicDeletion", State::kTopicDeletion, &KafkaController::process_topic_deletion)));
  zookeeper.register_znode_child_change_handler(std::make_shared<LogDirEventNotificationHandler>(
      putting("LogDirEventNotification", State::kLogDirChange,
              &KafkaController::process_log_dir_event_notification)));
  zookeeper.register_znode_child_change_handler(std::make_shared<IsrChangeNotificationHandler>(
      putting("IsrChangeNotification", State::kIsrChange,
              &KafkaController::process_isr_change_notification)));
  watch_node(std::make_shared<PreferredReplicaElectionHandler>(
      putting("ReplicaLeaderElection(Zk)", State::kManualLeaderBalance,
              &KafkaController::process_zk_preferred_replica_election)));
  watch_node(std::make_shared<PartitionReassignmentHandler>(
      putting("ZkPartitionReassignment", State::kAlterPartitionReassignment,
              &KafkaController::process_zk_partition_reassignment)));
}

void KafkaController::watch_node(std::shared_ptr<ZNodeChangeHandler> handler) {
  handler_paths_.insert(handler->path());
  zk_.zookeeper().register_znode_change_handler(std::move(handler));
}

void KafkaController::stop_watching_node(const std::string& path) {
  if (handler_paths_.erase(path) > 0) zk_.zookeeper().unregister_znode_change_handler(path);
}

void KafkaController::watch_broker(BrokerId id) {
  const auto handler = std::make_shared<BrokerModificationsHandler>(id, [this, id] {
    put("BrokerModifications(" + std::to_string(id) + ")", ControllerState::kBrokerChange,
        [this, id] { process_broker_modifications(id); });
  });
  watch_node(handler);
  (void)zk_.path_exists(handler->path());
}

void KafkaController::watch_topics(const std::set<std::string>& topics) {
  for (const std::string& topic : topics) {
    watch_node(std::make_shared<PartitionModificationsHandler>(topic, [this, topic] {
      put("PartitionModifications(" + topic + ")", ControllerState::kTopicChange,
          [this, topic] { process_partition_modifications(topic); });
    }));
  }
}

void KafkaController::initialize_controller_context() {
  context_.set_live_brokers(zk_.get_all_brokers_and_epochs());
  context_.all_topics = zk_.get_all_topics(/*register_watch=*/true);
  watch_topics(context_.all_topics);
  add_topics(zk_.get_topic_assignments(context_.all_topics));
  for (const TopicPartition& tp : context_.all_partitions()) {
    if (context_.partition_full_replica_assignment(tp).is_being_reassigned())
      context_.partitions_being_reassigned.insert(tp);
  }
  update_leader_and_isr_cache(context_.all_partitions());
  for (const auto& [id, broker] : context_.live_or_shutting_down_brokers()) {
    watch_broker(id);
    channels_.add_broker(broker.first);
  }
}

void KafkaController::initialize_topic_deletion() {
  const std::vector<std::string> deletions = zk_.get_topic_deletions();
  std::set<std::string> ineligible;
  for (const TopicPartition& tp : context_.partitions_being_reassigned) ineligible.insert(tp.topic);
  for (const auto& replica : context_.replicas_for_partitions(context_.all_partitions())) {
    if (!context_.is_replica_online(replica.replica, replica.topic_partition))
      ineligible.insert(replica.topic_partition.topic);
  }
  topic_deletion_manager_.init({deletions.begin(), deletions.end()}, ineligible);
}

void KafkaController::add_topics(const std::vector<TopicAssignment>& assignments) {
  for (TopicAssignment topic : assignments) {
    if (!topic.topic_id.has_value() && config_.protocol.topic_ids()) {
      topic.topic_id = Uuid::from_random(topic_ids_.next(), topic_ids_.next());
      zk_.set_topic_assignment(topic, zk_version());
    }
    if (topic.topic_id.has_value()) context_.add_topic_id(topic.topic, *topic.topic_id);
    for (const auto& [index, assignment] : topic.partitions) {
      context_.update_partition_full_replica_assignment({topic.topic, index}, assignment);
    }
  }
}

void KafkaController::update_leader_and_isr_cache(const Partitions& partitions) {
  for (auto& [tp, state] : store_.read({partitions.begin(), partitions.end()})) {
    context_.put_partition_leadership_info(tp, state);
  }
}

void KafkaController::send_update_metadata_request(const std::set<BrokerId>& brokers,
                                                   const Partitions& partitions,
                                                   ControlRequestType type) {
  ControllerBrokerRequestBatch batch(config_, context_, type);
  batch.add_update_metadata_request_for_brokers(brokers, partitions);
  batch.send_requests_to_brokers(channels_);
}

}  // namespace kafkascope
