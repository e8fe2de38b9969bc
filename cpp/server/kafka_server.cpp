#include "server/kafka_server.h"

#include "common/logging.h"
#include "common/text.h"
#include "log/cleaner/log_cleaner.h"
#include "log/log_config.h"
#include "log/log_dir_failure_channel.h"
#include "metadata/local_metadata_store.h"
#include "network/socket_server.h"
#include "replication/log_dir_failure_handler.h"
#include "runtime/metrics/metrics_registry.h"
#include "server/cluster_membership.h"
#include "server/config/dynamic_only_keys.h"
#include "server/kafka_request_handler.h"
#include "server/kafka_scheduler.h"
#include "server/producer_id_manager.h"
#include "server/standalone_controller.h"

namespace kafkascope {
namespace {

constexpr Duration kEverySecond = std::chrono::seconds(1);

LogManager::TopicConfigs topic_configs(MetadataStore& store) {
  LogManager::TopicConfigs configs;
  for (const TopicMetadata& topic : store.topics()) configs[topic.name] = topic.configs;
  return configs;
}

std::vector<BrokerListener> as_listeners(const std::vector<ListenerConfig>& endpoints) {
  std::vector<BrokerListener> listeners;
  for (const ListenerConfig& one : endpoints)
    listeners.push_back({one.name, "PLAINTEXT", one.address});
  return listeners;
}

}  // namespace

/// In the order in which they are made; they go in the reverse. A broker of a cluster has a session
/// with ZooKeeper before it has logs: the cluster's id and the topics' configurations are there.
struct KafkaServer::Parts {
  Parts(Node& node, const KafkaConfig& config, MetricsRegistry& metrics,
        std::function<void(const std::string&)> on_log_dir_failure)
      : failures(node),
        metadata(node),
        cluster(config.zookeeper
                    ? std::make_unique<ClusterMembership>(node, config, metadata, metrics)
                    : nullptr),
        logs(node, in_cluster(node, config, cluster.get()), failures),
        local_store(cluster ? nullptr : make_local_store(node)),
        store(cluster ? cluster->store() : *local_store),
        replicas(node, config.replication, logs, metadata, metrics, config.replication_defects),
        standalone(
            cluster ? nullptr
                    : std::make_unique<StandaloneController>(config.broker_id, metadata, replicas)),
        admin(node, config, store, metadata, standalone.get()),
        fetch_sessions(node, config.fetch_session_slots),
        producer_ids(node, store),
        sockets(node, config.socket_server, metrics),
        apis({node, config, sockets.request_channel(), metadata, replicas, admin, fetch_sessions,
              producer_ids, metrics, cluster.get()}),
        handlers(node, sockets.request_channel(), apis, metrics),
        scheduler(node),
        failure_handler(node, failures, std::move(on_log_dir_failure)) {
    if (cluster) cluster->attach(replicas);
  }

  static LogManagerConfig in_cluster(Node& node, const KafkaConfig& config,
                                     ClusterMembership* cluster) {
    LogManagerConfig logs = config.logs;
    if (cluster == nullptr) return logs;
    RandomStream uuids = node.random().stream("cluster id");
    const uint64_t high = uuids.next();
    logs.cluster_id = cluster->connect(Uuid::from_random(high, uuids.next()).to_string());
    return logs;
  }
  std::unique_ptr<LocalMetadataStore> make_local_store(Node& node) {
    return std::make_unique<LocalMetadataStore>(
        node, logs.live_log_dirs(), [this](const std::string& dir, const std::string& reason) {
          failures.maybe_add_offline_log_dir(dir, reason);
        });
  }

  LogDirFailureChannel failures;
  MetadataCache metadata;
  std::unique_ptr<ClusterMembership> cluster;  // null: it stands alone
  LogManager logs;
  std::unique_ptr<LocalMetadataStore> local_store;
  MetadataStore& store;
  ReplicaManager replicas;
  std::unique_ptr<StandaloneController> standalone;  // null in a cluster
  AdminManager admin;
  FetchManager fetch_sessions;
  ProducerIdManager producer_ids;
  SocketServer sockets;
  KafkaApis apis;
  KafkaRequestHandlerPool handlers;
  KafkaScheduler scheduler;
  LogDirFailureHandler failure_handler;
  bool logs_are_loaded = false;
};

KafkaServer::KafkaServer(Node& node, KafkaConfig config)
    : node_(node),
      config_(std::move(config)),
      metrics_(std::make_unique<MetricsRegistry>(node)),
      mutex_(node, "kafka server") {}

KafkaServer::~KafkaServer() = default;

void KafkaServer::start() {
  parts_ = std::make_unique<Parts>(node_, config_, *metrics_, [this](const std::string& log_dir) {
    handle_log_dir_failure(log_dir);
  });
  try {
    start_parts();
  } catch (const std::exception&) {
    stop_parts();
    parts_.reset();
    throw;
  }
}

void KafkaServer::start_parts() {
  parts_->logs.reconfigure_defaults(parts_->admin.effective_broker_config());
  parts_->logs.startup(topic_configs(parts_->store));
  parts_->logs_are_loaded = true;
  if (LogCleaner* cleaner = parts_->logs.cleaner()) {
    cleaner->register_metrics(*metrics_, parts_->logs.log_dirs());
    cleaner->startup();
  }
  parts_->replicas.start();
  parts_->metadata.update(
      [&](ClusterMetadata& metadata) { metadata.cluster_id = parts_->logs.cluster_id(); });
  if (!parts_->cluster) parts_->admin.load();
  schedule_tasks();
  parts_->scheduler.start();
  parts_->sockets.start();
  reconfigure(parts_->admin.effective_broker_config());  // starts the request handlers
  resolve_endpoints();
  if (!parts_->cluster) stand_alone();
  parts_->failure_handler.start();
  KS_TRACE(node_, "BrokerStarted", {"broker", int64_t{config_.broker_id}});
  if (parts_->cluster) join_cluster();
}

/// Now that the ports are known, others may learn them.
void KafkaServer::resolve_endpoints() {
  endpoints_ = config_.advertised.empty() ? parts_->sockets.bound() : config_.advertised;
  for (size_t i = 0; i < endpoints_.size(); ++i) {
    if (endpoints_[i].address.port == 0)
      endpoints_[i].address.port = parts_->sockets.bound()[i].address.port;
    if (endpoints_[i].address.host.empty() || endpoints_[i].address.host == "0.0.0.0") {
      endpoints_[i].address.host = "localhost";
    }
  }
}

void KafkaServer::stand_alone() {
  parts_->admin.set_on_broker_config([this](const ConfigMap& config) { reconfigure(config); });
  const Endpoint& address = endpoints_.front().address;
  parts_->metadata.update([&](ClusterMetadata& metadata) {
    metadata.controller_id = config_.broker_id;
    metadata.brokers[config_.broker_id] = {config_.broker_id, address.host, address.port,
                                           config_.rack, as_listeners(endpoints_)};
  });
}

void KafkaServer::join_cluster() {
  for (const TopicMetadata& topic : parts_->store.topics())
    apply_throttle(topic.name, topic.configs);
  parts_->cluster->join(
      {config_.broker_id, as_listeners(endpoints_), config_.rack},
      [this](const std::string& type, const std::string& name) { apply_config(type, name); });
}

/// A configuration in ZooKeeper has changed.
void KafkaServer::apply_config(const std::string& type, const std::string& name) {
  if (type == "brokers") return reconfigure(parts_->admin.effective_broker_config());
  if (type != "topics") return;
  const ConfigMap configs = parts_->store.topic_config(name);
  parts_->logs.update_topic_config(name, configs);
  apply_throttle(name, configs);
  const auto unclean = configs.find("unclean.leader.election.enable");
  if (unclean != configs.end() && unclean->second == "true")
    parts_->cluster->controller().enable_topic_unclean_leader_election(name);
}

/// Which replicas of the topic are replicated no faster than the throttled rates.
void KafkaServer::apply_throttle(const std::string& topic, const ConfigMap& configs) {
  const auto mark = [&](const char* key, ReplicationQuotaManager& quota) {
    const auto found = configs.find(key);
    std::vector<std::string> replicas;
    if (found != configs.end()) {
      for (std::string_view one : split(found->second, ',')) replicas.emplace_back(trim(one));
    }
    quota.mark_throttled(topic, replicas, config_.broker_id);
  };
  mark("leader.replication.throttled.replicas", parts_->cluster->leader_quota());
  mark("follower.replication.throttled.replicas", parts_->cluster->follower_quota());
}

/// What IncrementalAlterConfigs may change while the broker runs.
void KafkaServer::reconfigure(const ConfigMap& effective) {
  const KafkaConfig config = KafkaConfig::parse(effective);
  parts_->logs.reconfigure_defaults(effective);
  if (LogCleaner* cleaner = parts_->logs.cleaner()) cleaner->reconfigure(config.logs.cleaner);
  parts_->sockets.reconfigure(config.socket_server);
  parts_->handlers.resize(config.num_io_threads);
  if (!parts_->cluster) return;
  parts_->cluster->leader_quota().update_quota(parts_->admin.dynamic_only(kLeaderThrottledRate));
  parts_->cluster->follower_quota().update_quota(
      parts_->admin.dynamic_only(kFollowerThrottledRate));
  parts_->cluster->controller().set_default_unclean_leader_election(
      config.controller.unclean_leader_election_enable);
}

void KafkaServer::schedule_tasks() {
  LogManager& logs = parts_->logs;
  KafkaScheduler& scheduler = parts_->scheduler;
  scheduler.schedule("log-retention", config_.log_cleanup_interval,
                     [&logs] { logs.cleanup_logs(); });
  scheduler.schedule("log-flusher", config_.log_flush_interval,
                     [&logs] { logs.flush_dirty_logs(); });
  scheduler.schedule("rolled-segment-flusher", kEverySecond, [&logs] { logs.flush_rolled_logs(); });
  scheduler.schedule("recovery-point-checkpoint", config_.recovery_checkpoint_interval,
                     [&logs] { logs.checkpoint_log_recovery_offsets(); });
  scheduler.schedule("log-start-offset-checkpoint", config_.start_offset_checkpoint_interval,
                     [&logs] { logs.checkpoint_log_start_offsets(); });
  scheduler.schedule("highwatermark-checkpoint", config_.high_watermark_checkpoint_interval,
                     [&logs] { logs.checkpoint_high_watermarks(); });
  scheduler.schedule("delete-logs", kEverySecond, [&logs] { logs.delete_logs(); });
  scheduler.schedule("producer-id-expiry", config_.producer_expiration_interval,
                     [&logs] { logs.remove_expired_producers(); });
  if (!parts_->cluster) return;
  ReplicaManager& replicas = parts_->replicas;
  scheduler.schedule("isr-expiration", config_.replication.replica_lag_time_max / 2,
                     [&replicas] { replicas.maybe_shrink_isr(); });
  if (ZkAlterPartitionManager* isr = parts_->cluster->zk_alter_partition()) {
    scheduler.schedule("isr-change-propagation", ZkAlterPartitionManager::kCheckInterval,
                       [isr] { isr->maybe_propagate_isr_changes(); });
  }
}

void KafkaServer::handle_log_dir_failure(const std::string& log_dir) {
  const std::vector<TopicPartition> lost = parts_->replicas.handle_log_dir_failure(log_dir);
  parts_->cluster ? parts_->cluster->report_log_dir_failure()
                  : parts_->standalone->take_offline(lost);
  if (!parts_->logs.live_log_dirs().empty()) return;
  KS_LOG(kError, node_.name(), "shutting down: all log directories have failed");
  KS_TRACE(node_, "BrokerFailed", {"broker", int64_t{config_.broker_id}});
  close_doors();
  {
    Lock lock(mutex_);
    failure_ = "all log directories have failed, the last was " + log_dir;
  }
  if (on_failure_) on_failure_();
}

std::string KafkaServer::failure() const {
  Lock lock(mutex_);
  return failure_;
}

void KafkaServer::close_doors() {
  parts_->sockets.stop_accepting();
  parts_->sockets.request_channel().close();
  parts_->handlers.shutdown();
  parts_->sockets.shutdown();
}

void KafkaServer::shutdown() {
  if (parts_ == nullptr) return;
  if (parts_->cluster) (void)parts_->cluster->leave();
  stop_parts();
  parts_.reset();
}

/// Also after a start that failed half way.
void KafkaServer::stop_parts() {
  parts_->failure_handler.shutdown();  // after it nobody else closes the doors
  close_doors();
  parts_->replicas.shutdown();
  parts_->scheduler.shutdown();
  if (parts_->logs_are_loaded) {
    parts_->logs.checkpoint_high_watermarks();
    parts_->logs.shutdown();
  }
  if (parts_->cluster) parts_->cluster->close();
  if (LogCleaner* cleaner = parts_->logs.cleaner()) cleaner->remove_metrics();
  KS_TRACE(node_, "BrokerStopped", {"broker", int64_t{config_.broker_id}});
}

ClusterMembership* KafkaServer::cluster() { return parts_->cluster.get(); }
MetadataCache& KafkaServer::metadata_cache() { return parts_->metadata; }
ReplicaManager& KafkaServer::replica_manager() { return parts_->replicas; }

}  // namespace kafkascope
