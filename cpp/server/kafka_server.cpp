#include "server/kafka_server.h"

#include "common/logging.h"
#include "log/cleaner/log_cleaner.h"
#include "log/log_dir_failure_channel.h"
#include "metadata/local_metadata_store.h"
#include "network/socket_server.h"
#include "replication/log_dir_failure_handler.h"
#include "runtime/metrics/metrics_registry.h"
#include "server/kafka_request_handler.h"
#include "server/kafka_scheduler.h"
#include "server/producer_id_manager.h"

namespace kafkascope {
namespace {

constexpr Duration kEverySecond = std::chrono::seconds(1);

LogManager::TopicConfigs topic_configs(MetadataStore& store) {
  LogManager::TopicConfigs configs;
  for (const TopicMetadata& topic : store.topics()) configs[topic.name] = topic.configs;
  return configs;
}

}  // namespace

/// In the order in which they are made; they go in the reverse.
struct KafkaServer::Parts {
  Parts(Node& node, const KafkaConfig& config, MetricsRegistry& metrics,
        std::function<void(const std::string&)> on_log_dir_failure)
      : failures(node),
        logs(node, config.logs, failures),
        store(node, logs.live_log_dirs(),
              [this](const std::string& dir, const std::string& reason) {
                failures.maybe_add_offline_log_dir(dir, reason);
              }),
        metadata(node),
        replicas(node, config.broker_id, logs, metrics),
        admin(node, config, store, metadata, replicas),
        fetch_sessions(node, config.fetch_session_slots),
        producer_ids(node, store),
        sockets(node, config.socket_server, metrics),
        apis({node, config, sockets.request_channel(), metadata, replicas, admin, fetch_sessions,
              producer_ids, metrics}),
        handlers(node, sockets.request_channel(), apis, metrics),
        scheduler(node),
        failure_handler(node, failures, std::move(on_log_dir_failure)) {}

  LogDirFailureChannel failures;
  LogManager logs;
  LocalMetadataStore store;
  MetadataCache metadata;
  ReplicaManager replicas;
  AdminManager admin;
  FetchManager fetch_sessions;
  ProducerIdManager producer_ids;
  SocketServer sockets;
  KafkaApis apis;
  KafkaRequestHandlerPool handlers;
  KafkaScheduler scheduler;
  LogDirFailureHandler failure_handler;
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
  parts_->logs.reconfigure_defaults(parts_->admin.effective_broker_config());
  parts_->logs.startup(topic_configs(parts_->store));
  if (LogCleaner* cleaner = parts_->logs.cleaner()) {
    cleaner->register_metrics(*metrics_, parts_->logs.log_dirs());
    cleaner->startup();
  }
  parts_->replicas.start();
  parts_->metadata.update([&](ClusterMetadata& metadata) {
    metadata.cluster_id = parts_->logs.cluster_id();
    metadata.controller_id = config_.broker_id;
    metadata.brokers[config_.broker_id] = {config_.broker_id, "", 0, config_.rack};
  });
  parts_->admin.load();
  schedule_tasks();
  parts_->scheduler.start();
  parts_->sockets.start();
  reconfigure(parts_->admin.effective_broker_config());  // starts the request handlers
  parts_->admin.set_on_broker_config([this](const ConfigMap& config) { reconfigure(config); });
  register_broker();
  parts_->failure_handler.start();
  KS_TRACE(node_, "BrokerStarted", {"broker", int64_t{config_.broker_id}});
}

/// Now that the ports are known, clients may learn them.
void KafkaServer::register_broker() {
  endpoints_ = config_.advertised.empty() ? parts_->sockets.bound() : config_.advertised;
  for (size_t i = 0; i < endpoints_.size(); ++i) {
    if (endpoints_[i].address.port == 0)
      endpoints_[i].address.port = parts_->sockets.bound()[i].address.port;
    if (endpoints_[i].address.host.empty() || endpoints_[i].address.host == "0.0.0.0") {
      endpoints_[i].address.host = "localhost";
    }
  }
  const Endpoint& address = endpoints_.front().address;
  parts_->metadata.update([&](ClusterMetadata& metadata) {
    metadata.brokers[config_.broker_id] = {config_.broker_id, address.host, address.port,
                                           config_.rack};
  });
}

/// What IncrementalAlterConfigs may change while the broker runs.
void KafkaServer::reconfigure(const ConfigMap& effective) {
  const KafkaConfig config = KafkaConfig::parse(effective);
  parts_->logs.reconfigure_defaults(effective);
  if (LogCleaner* cleaner = parts_->logs.cleaner()) cleaner->reconfigure(config.logs.cleaner);
  parts_->sockets.reconfigure(config.socket_server);
  parts_->handlers.resize(config.num_io_threads);
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
}

void KafkaServer::handle_log_dir_failure(const std::string& log_dir) {
  parts_->admin.take_offline(parts_->replicas.handle_log_dir_failure(log_dir));
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
  parts_->failure_handler.shutdown();  // after it nobody else closes the doors
  close_doors();
  parts_->replicas.shutdown();
  parts_->scheduler.shutdown();
  parts_->logs.checkpoint_high_watermarks();
  parts_->logs.shutdown();
  if (LogCleaner* cleaner = parts_->logs.cleaner()) cleaner->remove_metrics();
  KS_TRACE(node_, "BrokerStopped", {"broker", int64_t{config_.broker_id}});
  parts_.reset();
}

MetadataCache& KafkaServer::metadata_cache() { return parts_->metadata; }
ReplicaManager& KafkaServer::replica_manager() { return parts_->replicas; }

}  // namespace kafkascope
