#include "server/cluster_membership.h"

#include "common/logging.h"
#include "protocol/messages/controlled_shutdown_request.h"
#include "protocol/messages/controlled_shutdown_response.h"

namespace kafkascope {
namespace {

/// How long a request waits for a connection with ZooKeeper: its handler thread is one of few.
constexpr Duration kPatience = std::chrono::seconds(3);

}  // namespace

/// The fetchers' view of this broker's logs.
class ClusterMembership::LocalLogs : public FollowerLogs {
 public:
  explicit LocalLogs(ReplicaManager& replicas) : replicas_(replicas) {}

  std::shared_ptr<Log> log(const TopicPartition& partition) override {
    return find(partition)->log();
  }
  LogAppendInfo append_records_to_follower(const TopicPartition& partition,
                                           const SharedSlice& records) override {
    return find(partition)->append_records_to_follower(records);
  }
  void truncate_to(const TopicPartition& partition, Offset offset) override {
    find(partition)->truncate_to(offset);
  }
  void truncate_fully_and_start_at(const TopicPartition& partition, Offset offset) override {
    find(partition)->truncate_fully_and_start_at(offset);
  }
  void complete_delayed_fetch_requests(const std::vector<TopicPartition>& partitions) override {
    replicas_.complete_delayed_fetch_requests(partitions);
  }

 private:
  std::shared_ptr<Partition> find(const TopicPartition& name) {
    auto partition = replicas_.get_partition_or_error(name);
    if (partition.ok()) return *partition;
    throw KafkaException(partition.code(), name.to_string() + " is not here");
  }

  ReplicaManager& replicas_;
};

ClusterMembership::ClusterMembership(Node& node, const KafkaConfig& config, MetadataCache& metadata,
                                     MetricsRegistry& metrics)
    : node_(node),
      config_(config),
      metadata_(metadata),
      metrics_(metrics),
      zookeeper_(node, *config.zookeeper, "Kafka server", &metrics),
      zk_(node, zookeeper_),
      request_zk_(node, zookeeper_, kPatience),
      store_(request_zk_, config.broker_id),
      topic_purgatory_(node, "topic", &metrics),
      leader_quota_(node, metrics, ReplicationSide::kLeader),
      follower_quota_(node, metrics, ReplicationSide::kFollower),
      channel_(node, config.replication, metadata),
      controller_(
          node, config.controller, zk_, metrics, [this] { register_self(); },
          config.leader_selectors) {
  if (config.replication.protocol.alter_partition()) {
    alter_partition_ = std::make_unique<DefaultAlterPartitionManager>(
        node,
        DefaultAlterPartitionManager::Identity{config.broker_id,
                                               [this]() -> BrokerEpoch { return broker_epoch_; },
                                               config.replication.protocol},
        channel_);
  } else {
    zk_alter_partition_ = std::make_unique<ZkAlterPartitionManager>(node, zk_);
  }
}

ClusterMembership::~ClusterMembership() = default;

std::string ClusterMembership::connect(const std::string& proposed_cluster_id) {
  try {
    zookeeper_.start();
    zk_.create_top_level_paths();
    return zk_.create_or_get_cluster_id(proposed_cluster_id);
  } catch (const std::exception&) {
    zookeeper_.close();
    throw;
  }
}

void ClusterMembership::attach(ReplicaManager& replicas) {
  replicas_ = &replicas;
  local_logs_ = std::make_unique<LocalLogs>(replicas);
  fetchers_ = std::make_unique<ReplicaFetcherManager>(
      node_, config_.replication, *local_logs_, follower_quota_, metrics_,
      remote_leader_end_points(node_, config_.replication,
                               [this]() -> int64_t { return broker_epoch_; }),
      config_.fetcher_defects);
  AlterPartitionManager& alter_partition =
      alter_partition_ ? static_cast<AlterPartitionManager&>(*alter_partition_)
                       : *zk_alter_partition_;
  replicas.join_cluster({alter_partition, *fetchers_,
                         [this](const std::string& topic) { return store_.topic_config(topic); },
                         &leader_quota_});
}

void ClusterMembership::register_self() { broker_epoch_ = zk_.register_broker(self_); }

void ClusterMembership::join(
    const Broker& self, std::function<void(const std::string&, const std::string&)> apply_config) {
  self_ = self;
  topic_purgatory_.start();
  channel_.start();
  if (alter_partition_) alter_partition_->start();
  register_self();
  controller_.startup();
  dynamic_configs_ = std::make_unique<DynamicConfigManager>(node_, zk_, std::move(apply_config));
  dynamic_configs_->startup();
}

void ClusterMembership::report_log_dir_failure() {
  try {
    zk_.propagate_log_dir_event(config_.broker_id);
  } catch (const zk::ZkException& e) {
    KS_LOG(kError, node_.name(), "the controller was not told of a failed directory: {}", e.what());
  }
}

ErrorCode ClusterMembership::update_metadata(const protocol::UpdateMetadataRequest& request) {
  const auto deleted = replicas_->maybe_update_metadata_cache(request);
  if (!deleted.ok()) return deleted.code();
  for (const auto& topic : request.topic_states)
    topic_purgatory_.check_and_complete(topic.topic_name);
  for (const auto& partition : request.ungrouped_partition_states)
    topic_purgatory_.check_and_complete(partition.topic_name);
  return ErrorCode::kNone;
}

/// By ZooKeeper, which knows of a new controller before the metadata do.
std::optional<Broker> ClusterMembership::find_controller() {
  try {
    const std::optional<BrokerId> id = request_zk_.get_controller_id();
    return id ? request_zk_.get_broker(*id) : std::nullopt;
  } catch (const std::exception& e) {
    KS_LOG(kWarn, node_.name(), "looking for the controller: {}", e.what());
    return std::nullopt;
  }
}

bool ClusterMembership::leave() {
  if (zookeeper_.connection_state() != zk::KeeperState::kSyncConnected) {
    // Nobody would ever answer whoever still waits for it, and the shutdown would wait for them.
    KS_LOG(kWarn, node_.name(), "leaving without ZooKeeper, which does not answer");
    zookeeper_.close();
    return false;
  }
  const ControlledShutdownConfig& config = config_.controlled_shutdown;
  if (!config.enable) return true;
  for (int attempt = 0; attempt < config.max_retries; ++attempt) {
    if (attempt > 0) node_.sleep(config.retry_backoff);
    const std::optional<Broker> found = find_controller();
    const BrokerListener* listener =
        found ? found->find_listener(config_.replication.inter_broker_listener) : nullptr;
    if (listener == nullptr) continue;
    BlockingSender controller(node_, config_.replication.inter_broker_client,
                              {found->id, listener->endpoint, found->rack});
    const bool done = ask_to_leave(controller);
    controller.close();
    if (done) return true;
  }
  KS_LOG(kWarn, node_.name(), "leaving without the controller's leave");
  return false;
}

bool ClusterMembership::ask_to_leave(BlockingSender& controller) {
  using protocol::ControlledShutdownRequest, protocol::ControlledShutdownResponse;
  const int16_t highest = config_.replication.protocol.broker_epochs() ? INT16_MAX : 1;
  const ClientResponse response = controller.send(
      make_request(ControlledShutdownRequest{config_.broker_id, broker_epoch_}, {}, 0, highest),
      config_.replication.inter_broker_client.request_timeout);
  const Result<ControlledShutdownResponse> answer = response.decode<ControlledShutdownResponse>();
  if (answer.ok() && answer->error_code == 0 && answer->remaining_partitions.empty()) return true;
  KS_LOG(kInfo, node_.name(), "controlled shutdown: {}",
         !answer.ok()              ? answer.error().message
         : answer->error_code != 0 ? "error " + std::to_string(answer->error_code)
                                   : std::to_string(answer->remaining_partitions.size()) +
                                         " partitions have no other leader");
  return false;
}

void ClusterMembership::close() {
  if (dynamic_configs_) dynamic_configs_->close();
  controller_.shutdown();
  if (alter_partition_) alter_partition_->shutdown();
  channel_.shutdown();
  topic_purgatory_.shutdown();
  zookeeper_.close();
}

}  // namespace kafkascope
