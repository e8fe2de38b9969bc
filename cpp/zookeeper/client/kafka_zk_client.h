// KafkaZkClient: Kafka's znodes as calls.
#pragma once

#include <atomic>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "zookeeper/client/zk_json.h"
#include "zookeeper/client/zookeeper_client.h"

namespace kafkascope {

/// What became of a batch of conditional changes of partition states.
struct UpdateLeaderAndIsrResult {
  std::map<TopicPartition, LeaderAndIsr> finished;  // with their new partition_epoch
  std::map<TopicPartition, zk::ZkError> failed;     // NoNode and the like
  std::vector<TopicPartition> to_retry;             // BadVersion: read them anew
};

struct ControllerEpoch {
  int32_t epoch = 0;
  int32_t zk_version = 0;
};

/// Another controller was elected meanwhile: nothing was changed. Kafka's ControllerMovedException.
class ControllerMovedException : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Kafka's KafkaZkClient. Any thread may call; each call retries while the connection is lost,
/// until the session has expired (ZkException) or it has waited for a connection longer than
/// `patience` (KafkaException(REQUEST_TIMED_OUT)). Calls that take `controller_epoch_zk_version`
/// change something only while /controller_epoch still has this version (a multi with a check), and
/// throw ControllerMovedException otherwise; zk::kAnyVersion skips the check. JSON as in Kafka 3.9,
/// byte for byte; reading takes all older versions too.
class KafkaZkClient {
 public:
  KafkaZkClient(Node& node, ZooKeeperClient& zookeeper, Duration patience = kForever)
      : node_(node), zookeeper_(zookeeper), patience_(patience) {}
  ZooKeeperClient& zookeeper() { return zookeeper_; }

  /// Makes the chroot and Kafka's persistent paths where they are missing.
  void create_top_level_paths();
  std::optional<std::string> get_cluster_id();
  /// The one that is there, or `proposed`.
  std::string create_or_get_cluster_id(const std::string& proposed);

  // Brokers.
  /// An ephemeral node; waits for an earlier life's node of the same session to go. Returns the
  /// czxid: the broker's epoch. Throws ZkException(kNodeExists) when another session holds it.
  BrokerEpoch register_broker(const Broker& broker);
  std::optional<Broker> get_broker(BrokerId id);
  std::map<BrokerId, std::pair<Broker, BrokerEpoch>> get_all_brokers_and_epochs();
  std::vector<BrokerId> get_sorted_broker_list();

  // The controller.
  /// Makes /controller for this broker and raises /controller_epoch in one step. Throws
  /// ControllerMovedException when somebody else was faster.
  ControllerEpoch register_controller_and_increment_epoch(BrokerId id);
  /// Also registers interest: the handlers' watch on /controller is set by this read.
  std::optional<BrokerId> get_controller_id();
  std::optional<ControllerEpoch> get_controller_epoch();
  /// Gives the office up, if the epoch is still this one.
  void delete_controller(int32_t controller_epoch_zk_version);

  // Topics.
  std::set<std::string> get_all_topics(bool register_watch = false);
  bool topic_exists(const std::string& topic);
  /// Those that exist.
  std::vector<TopicAssignment> get_topic_assignments(const std::set<std::string>& topics);
  /// Throws ZkException(kNodeExists).
  void create_topic_assignment(const TopicAssignment& assignment);
  void set_topic_assignment(const TopicAssignment& assignment, int32_t controller_epoch_zk_version);
  /// Makes /brokers/topics/<topic>/partitions and those below it.
  void create_partition_paths(const std::set<TopicPartition>& partitions,
                              int32_t controller_epoch_zk_version);
  std::map<TopicPartition, LeaderIsrAndControllerEpoch> get_topic_partition_states(
      const std::vector<TopicPartition>& partitions);
  /// Each partition's own error; kOk: made (with its parents).
  std::map<TopicPartition, zk::ZkError> create_topic_partition_states(
      const std::map<TopicPartition, LeaderIsrAndControllerEpoch>& states,
      int32_t controller_epoch_zk_version);
  /// Conditional on each partition_epoch.
  UpdateLeaderAndIsrResult update_leader_and_isr(
      const std::map<TopicPartition, LeaderAndIsr>& changes, int32_t controller_epoch,
      int32_t controller_epoch_zk_version);

  // Deletion of topics.
  std::vector<std::string> get_topic_deletions();
  void create_delete_topic_path(const std::string& topic);
  void delete_topic_deletions(const std::vector<std::string>& topics,
                              int32_t controller_epoch_zk_version);
  /// /brokers/topics/<topic> with all below.
  void delete_topic_znode(const std::string& topic, int32_t controller_epoch_zk_version);
  void delete_topic_configs(const std::string& topic, int32_t controller_epoch_zk_version);

  // Notifications (sequential nodes).
  void propagate_isr_changes(const std::set<TopicPartition>& partitions);
  /// Their sequence numbers, in order.
  std::vector<std::string> get_isr_change_notifications();
  std::set<TopicPartition> get_partitions_from_isr_change_notifications(
      const std::vector<std::string>& sequence_numbers);
  void delete_isr_change_notifications(const std::vector<std::string>& sequence_numbers,
                                       int32_t controller_epoch_zk_version);
  void propagate_log_dir_event(BrokerId broker);
  std::vector<std::string> get_log_dir_event_notifications();
  std::vector<BrokerId> get_brokers_from_log_dir_events(
      const std::vector<std::string>& sequence_numbers);
  void delete_log_dir_event_notifications(const std::vector<std::string>& sequence_numbers,
                                          int32_t controller_epoch_zk_version);

  // /admin: what the older tools write.
  /// Empty, too, when what stands there is no JSON: people write it.
  std::map<TopicPartition, std::vector<BrokerId>> get_partition_reassignment();
  /// Removes the node when nothing is left.
  void set_or_create_partition_reassignment(
      const std::map<TopicPartition, std::vector<BrokerId>>& reassignment,
      int32_t controller_epoch_zk_version);
  std::set<TopicPartition> get_preferred_replica_election();
  void create_preferred_replica_election(const std::set<TopicPartition>& partitions);
  void delete_preferred_replica_election(int32_t controller_epoch_zk_version);

  // Configuration. Types: "topics", "brokers", "clients", "users", "ips".
  ConfigMap get_entity_configs(const std::string& type, const std::string& name);
  std::map<std::string, ConfigMap> get_all_entity_configs(const std::string& type);
  void set_or_create_entity_configs(const std::string& type, const std::string& name,
                                    const ConfigMap& configs);
  /// "topics/orders", "brokers/<default>"
  void create_config_change_notification(const std::string& entity_path);
  /// The nodes' names, in order.
  std::vector<std::string> get_config_changes();
  /// "topics/orders"; none when it is gone.
  std::optional<std::string> get_config_change(const std::string& sequence_node);
  void delete_config_changes(const std::vector<std::string>& sequence_nodes);

  // Ids.
  /// The first of a block that nobody else gets (/latest_producer_id_block).
  ProducerId allocate_producer_id_block(BrokerId broker, int64_t size);
  BrokerId generate_broker_sequence_id();

  // Any node.
  /// Null data and an empty Stat where there is no node.
  std::pair<zk::Data, zk::Stat> get_data_and_stat(const std::string& path);
  bool path_exists(const std::string& path);
  /// NodeExists is fine.
  void make_sure_persistent_path_exists(const std::string& path);
  std::vector<std::string> get_children(const std::string& path);
  void delete_recursive(const std::string& path);

 private:
  // Requests, sent again as long as the connection goes while they are under way.
  std::vector<ZkResponse> retry(std::vector<ZkRequest> requests);
  ZkResponse retry(ZkRequest request);
  /// Each in a multi with a check of the controller's epoch.
  std::vector<ZkResponse> retry_as_controller(std::vector<ZkRequest> requests,
                                              int32_t controller_epoch_zk_version);
  ZkResponse retry_as_controller(ZkRequest request, int32_t controller_epoch_zk_version);
  void find_own_writes(const std::map<TopicPartition, LeaderAndIsr>& changes,
                       int32_t controller_epoch, UpdateLeaderAndIsrResult& result);
  /// The data of those paths that exist.
  std::map<std::string, ZkResponse> get_existing(const std::vector<std::string>& paths);

  zk::Stat create_ephemeral(const std::string& path, const std::string& data);
  ControllerEpoch controller_epoch_or_first();
  ControllerEpoch check_elected(BrokerId id, int32_t epoch);
  /// With the parents that are missing; theirs are without data.
  zk::ZkError create_recursive(const std::string& path, zk::Data data);
  std::string create_sequential(const std::string& path, const std::string& data);
  void delete_recursive(const std::string& path, int32_t controller_epoch_zk_version);
  void delete_all(const std::vector<std::string>& paths, int32_t controller_epoch_zk_version);
  /// The children that begin so, in order, without the prefix.
  std::vector<std::string> get_sequence_numbers(const std::string& path, const std::string& prefix);

  Node& node_;
  ZooKeeperClient& zookeeper_;
  const Duration patience_;
  std::atomic<zk::SessionId> registered_session_{0};  // that made this broker's node last
};

}  // namespace kafkascope
