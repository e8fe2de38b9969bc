// KafkaController: the one broker that decides for all who leads, who follows, what is deleted.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "controller/alter_partition.h"
#include "controller/cluster_changes.h"
#include "controller/controller_channel_manager.h"
#include "controller/controller_event_manager.h"
#include "controller/controller_stats.h"
#include "controller/listeners.h"
#include "controller/reassignment.h"
#include "controller/topic_deletion_manager.h"
#include "protocol/messages/leader_and_isr_response.h"

namespace kafkascope {

/// Who asked for an election.
enum class ElectionTrigger { kZkTriggered, kAdminClientTriggered, kAutoTriggered };

/// What a picture of a controller shows.
struct ControllerDescription {
  bool active = false;
  BrokerId active_controller_id = -1;
  ControllerState state = ControllerState::kIdle;
  ControllerContext context;
  std::vector<std::string> queued_events;
  std::map<BrokerId, size_t> queued_requests;
};

/// Kafka's KafkaController. Every broker has one; the one that holds /controller is active, the
/// others wait for it to go. Any thread may call; what is asked becomes an event, and the callback
/// runs on the event thread (or, when the controller shuts down or loses its session, on the thread
/// that found out) with NOT_CONTROLLER where this one is not active.
class KafkaController : private DeletionClient {
 public:
  template <typename T>
  using Callback = std::function<void(T)>;
  using Partitions = std::set<TopicPartition>;
  using Targets = std::map<TopicPartition, std::optional<std::vector<BrokerId>>>;
  static constexpr int64_t kProducerIdBlockSize = 1000;

  /// `register_broker` makes this broker's znode, again after its session was lost; it runs on the
  /// event thread.
  KafkaController(Node& node, ControllerConfig config, KafkaZkClient& zk, MetricsRegistry& metrics,
                  std::function<void()> register_broker, LeaderSelectors selectors = {});
  ~KafkaController() override;

  /// The broker is registered. Tries to become the controller.
  void startup();
  /// Waits for the event under way, which may wait for ZooKeeper. Leaves /controller as it is: it
  /// goes with the session.
  void shutdown();

  bool is_active() const { return active_controller_id_ == config_.broker_id; }
  BrokerId active_controller_id() const { return active_controller_id_; }
  /// Of this controller's own election; 0 when not active.
  int32_t epoch() const { return epoch_; }

  void alter_partition(protocol::AlterPartitionRequest request, int16_t version,
                       Callback<protocol::AlterPartitionResponse> callback);
  /// The partitions that the broker still leads: it may go when there are none. kNoBrokerEpoch is
  /// taken (older brokers do not say).
  void controlled_shutdown(BrokerId id, BrokerEpoch broker_epoch,
                           Callback<Result<Partitions>> callback);
  /// The new leader of each, or why there is none.
  void elect_leaders(Partitions partitions, ElectionType type,
                     Callback<std::map<TopicPartition, Result<BrokerId>>> callback);
  /// To these replicas each; no replicas: cancels what is under way.
  void alter_partition_reassignments(Targets targets,
                                     Callback<Result<std::map<TopicPartition, Error>>> callback);
  /// Those under way among `partitions`, or all.
  void list_partition_reassignments(
      std::optional<Partitions> partitions,
      Callback<Result<std::map<TopicPartition, ReplicaAssignment>>> callback);
  void allocate_producer_ids(BrokerId id, BrokerEpoch broker_epoch,
                             Callback<Result<ProducerIdBlock>> callback);
  /// The broker's default changed; when it is now allowed, offline partitions get leaders.
  void set_default_unclean_leader_election(bool enabled);
  void enable_topic_unclean_leader_election(const std::string& topic);

  /// A copy, between two events.
  ControllerDescription describe();

 private:
  // kafka_controller.cpp: events, sessions.
  /// `on_failure` answers a request that was not processed, or not to its end.
  void put(std::string name, ControllerState state, std::function<void()> process,
           std::function<void()> on_failure = {});
  PutEvent putting(std::string name, ControllerState state, void (KafkaController::*process)());
  void process(const ControllerEvent& event);
  /// False when it threw. Sets `moved` when another controller was elected.
  bool succeeds(const ControllerEvent& event, bool& moved);
  void process_expire();
  void process_register_broker_and_reelect();
  void process_reelect();
  int32_t zk_version() const { return store_.epoch_zk_version(); }

  // controller_failover.cpp: becoming the controller, and ceasing to be.
  void elect();
  void maybe_resign();
  void trigger_controller_move();
  void on_controller_failover();
  void on_controller_resignation();
  void register_handlers();
  void initialize_controller_context();
  void initialize_topic_deletion();
  void update_leader_and_isr_cache(const Partitions& partitions);
  void watch_node(std::shared_ptr<ZNodeChangeHandler> handler);
  void stop_watching_node(const std::string& path);
  void watch_broker(BrokerId id);
  void watch_topics(const std::set<std::string>& topics);
  void send_update_metadata_request(const std::set<BrokerId>& brokers, const Partitions& partitions,
                                    ControlRequestType type = ControlRequestType::kIncremental);
  void add_topics(const std::vector<TopicAssignment>& assignments);

  // controller_brokers.cpp: brokers come, go, lose disks, answer.
  void process_broker_change();
  void process_broker_modifications(BrokerId id);
  void process_log_dir_event_notification();
  void on_broker_startup(const std::set<BrokerId>& ids);
  void on_broker_failure(const std::set<BrokerId>& ids);
  void on_replicas_become_offline(const std::set<PartitionAndReplica>& replicas);
  Result<Partitions> do_controlled_shutdown(BrokerId id, BrokerEpoch broker_epoch);
  bool is_stale(BrokerId id, BrokerEpoch broker_epoch) const;
  void on_response(const ControlRequest& request, const ClientResponse& response);
  void process_leader_and_isr_response(BrokerId id, const protocol::LeaderAndIsrResponse& response);
  void process_stop_replica_response(BrokerId id,
                                     const std::map<TopicPartition, ErrorCode>& deletions);

  // controller_topics.cpp: topics come, grow, go.
  void process_topic_change();
  void process_partition_modifications(const std::string& topic);
  void process_topic_deletion();
  void on_new_partition_creation(const Partitions& partitions);
  void restore_topic_assignment(const TopicAssignment& changed);
  void delete_topic(const std::string& topic) override;
  void delete_topic_deletions(const std::set<std::string>& topics) override;
  void mute_partition_modifications(const std::string& topic) override;
  void send_metadata_update(const std::set<TopicPartition>& partitions) override;

  // controller_reassignment.cpp: partitions move.
  void process_zk_partition_reassignment();
  Partitions reassign_from_zk();
  void process_partition_reassignment_isr_change(const TopicPartition& partition);
  Result<std::map<TopicPartition, Error>> reassign_on_request(const Targets& targets);
  std::map<TopicPartition, Error> reassign(const Targets& targets);
  void maybe_resume_reassignments(
      const std::function<bool(const TopicPartition&, const ReplicaAssignment&)>& should_resume);
  void maybe_complete_reassignment(const TopicPartition& partition);
  void on_partition_reassignment(const TopicPartition& partition,
                                 const ReplicaAssignment& assignment);
  void update_current_reassignment(const TopicPartition& partition,
                                   const ReplicaAssignment& assignment);
  void complete_reassignment(const TopicPartition& partition, const ReplicaAssignment& assignment);
  bool is_complete(const TopicPartition& partition, const ReplicaAssignment& assignment);
  void stop_removed_replicas(const TopicPartition& partition, const std::vector<BrokerId>& removed);
  void write_assignment(const TopicPartition& partition, const ReplicaAssignment& assignment);
  void remove_from_zk_reassignment(
      const std::function<bool(const TopicPartition&, const std::vector<BrokerId>&)>& done);

  // controller_elections.cpp: leaders that somebody asks for.
  void process_zk_preferred_replica_election();
  void process_auto_preferred_replica_leader_election();
  void schedule_auto_leader_rebalance(Duration delay);
  std::map<TopicPartition, Result<BrokerId>> elect_on_request(const Partitions& partitions,
                                                              ElectionType type);
  PartitionStateMachine::Elections on_replica_election(const Partitions& partitions,
                                                       ElectionType type, ElectionTrigger trigger);

  // controller_isr.cpp: leaders change their ISR.
  void process_isr_change_notification();
  void process_alter_partition(const protocol::AlterPartitionRequest& request, int16_t version,
                               const Callback<protocol::AlterPartitionResponse>& callback);

  Node& node_;
  const ControllerConfig config_;
  KafkaZkClient& zk_;
  const std::function<void()> register_broker_;
  std::atomic<BrokerId> active_controller_id_{-1};
  std::atomic<int32_t> epoch_{0};

  // The event thread holds it while it processes an event, whoever looks on while it copies.
  Mutex mutex_;
  ControllerContext context_;
  bool session_was_lost_ = false;
  RandomStream topic_ids_;
  std::set<std::string> handler_paths_;  // of the ZNodeChangeHandlers of brokers and topics

  ControllerEventManager events_;
  ControllerChannelManager channels_;
  ZkPartitionStateStore store_;
  ReplicaStateMachine replica_state_machine_;
  PartitionStateMachine partition_state_machine_;
  TopicDeletionManager topic_deletion_manager_;
  ControllerStats stats_;
};

}  // namespace kafkascope
