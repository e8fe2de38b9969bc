// ClusterMembership: what a broker of a cluster has, and one that stands alone has not.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "controller/kafka_controller.h"
#include "purgatory/delayed_operation_purgatory.h"
#include "replication/default_alter_partition_manager.h"
#include "replication/fetcher/replica_fetcher_manager.h"
#include "replication/replica_manager.h"
#include "replication/replication_quota_manager.h"
#include "replication/zk_alter_partition_manager.h"
#include "server/broker_to_controller_channel_manager.h"
#include "server/config/kafka_config.h"
#include "server/dynamic_config_manager.h"
#include "server/zk_metadata_store.h"

namespace kafkascope {

/// The session with ZooKeeper, the broker's registration there (KafkaHealthcheck in 0.8), its
/// controller, which decides for all when it is elected, the fetchers that follow other brokers,
/// and the way to the controller of now. connect(), attach(), join(), leave() and close() from one
/// thread, in this order.
class ClusterMembership {
 public:
  ClusterMembership(Node& node, const KafkaConfig& config, MetadataCache& metadata,
                    MetricsRegistry& metrics);
  ~ClusterMembership();

  /// Begins the session and makes Kafka's paths. The cluster's id: `proposed` if it had none.
  /// Throws KafkaException when no ZooKeeper answers.
  std::string connect(const std::string& proposed_cluster_id);
  /// Gives the ReplicaManager its fetchers and its way to change an ISR.
  void attach(ReplicaManager& replicas);
  /// Registers the broker, now that others can reach it, and begins to take part. `apply_config`
  /// is told of configurations that changed: "topics" or "brokers", and the name.
  void join(const Broker& self,
            std::function<void(const std::string&, const std::string&)> apply_config);
  /// A controlled shutdown: asks the controller to move this broker's leaders away, as often as
  /// controlled.shutdown.max.retries says. False: it goes with partitions that it leads.
  bool leave();
  /// Takes no part any more; the session, and with it the registration, ends.
  void close();

  /// A log directory failed: the controller finds others to lead.
  void report_log_dir_failure();
  /// An UpdateMetadata request of the controller.
  ErrorCode update_metadata(const protocol::UpdateMetadataRequest& request);

  KafkaController& controller() { return controller_; }
  MetadataStore& store() { return store_; }
  KafkaZkClient& zk() { return zk_; }
  BrokerEpoch broker_epoch() const { return broker_epoch_; }
  DelayedOperationPurgatory<std::string>& topic_purgatory() { return topic_purgatory_; }
  ReplicationQuotaManager& leader_quota() { return leader_quota_; }
  ReplicationQuotaManager& follower_quota() { return follower_quota_; }
  ReplicaFetcherManager& fetchers() { return *fetchers_; }
  /// Below inter.broker.protocol.version 2.7-IV2 only; else null.
  ZkAlterPartitionManager* zk_alter_partition() { return zk_alter_partition_.get(); }

 private:
  class LocalLogs;
  void register_self();
  std::optional<Broker> find_controller();
  bool ask_to_leave(BlockingSender& controller);

  Node& node_;
  const KafkaConfig& config_;
  MetadataCache& metadata_;
  MetricsRegistry& metrics_;
  ZooKeeperClient zookeeper_;
  KafkaZkClient zk_;
  KafkaZkClient request_zk_;  // whose callers have others waiting: it gives up after a while
  ZkMetadataStore store_;
  Broker self_;
  std::atomic<BrokerEpoch> broker_epoch_{kNoBrokerEpoch};
  DelayedOperationPurgatory<std::string> topic_purgatory_;
  ReplicationQuotaManager leader_quota_;
  ReplicationQuotaManager follower_quota_;
  BrokerToControllerChannelManager channel_;
  std::unique_ptr<ZkAlterPartitionManager> zk_alter_partition_;
  std::unique_ptr<DefaultAlterPartitionManager> alter_partition_;
  KafkaController controller_;
  std::unique_ptr<DynamicConfigManager> dynamic_configs_;
  ReplicaManager* replicas_ = nullptr;  // from attach() on
  std::unique_ptr<LocalLogs> local_logs_;
  std::unique_ptr<ReplicaFetcherManager> fetchers_;
};

}  // namespace kafkascope
