// KafkaConfig: a broker's configuration, checked and typed, composed of what each library needs.
#pragma once

#include "common/abstract_config.h"
#include "controller/controller_config.h"
#include "controller/partition_leader_selector.h"
#include "log/log_manager.h"
#include "network/socket_server_config.h"
#include "replication/fetcher/fetcher_defects.h"
#include "replication/replication_defects.h"
#include "server/config/cluster_config.h"

namespace kafkascope {

/// Kafka's KafkaConfig, from the keys of server.properties.
struct KafkaConfig {
  ConfigMap originals;
  BrokerId broker_id = 0;
  std::optional<std::string> rack;
  SocketServerConfig socket_server;
  std::vector<ListenerConfig> advertised;  // empty: as bound
  LogManagerConfig logs;
  ReplicationConfig replication;
  std::optional<ZooKeeperClientConfig> zookeeper;  // none: this broker stands alone
  ControlledShutdownConfig controlled_shutdown;
  ControllerConfig controller;
  LeaderSelectors leader_selectors;  // others may stand in for Kafka's
  // No keys: tests plant them. The controller's are in `controller`.
  ReplicationDefects replication_defects;
  FetcherDefects fetcher_defects;
  int num_io_threads = 8;
  int32_t num_partitions = 1;
  int16_t default_replication_factor = 1;
  bool auto_create_topics = true;
  bool delete_topics = true;
  size_t fetch_session_slots = 1000;
  int32_t fetch_max_bytes = 55 * 1024 * 1024;
  Duration log_cleanup_interval{};
  Duration log_flush_interval{};
  Duration recovery_checkpoint_interval{};
  Duration start_offset_checkpoint_interval{};
  Duration high_watermark_checkpoint_interval{};
  Duration producer_expiration_interval{};

  /// Throws ConfigException for an unknown key, a value that is not accepted, or a combination that
  /// is not: a listener protocol other than PLAINTEXT.
  static KafkaConfig parse(const ConfigMap& given);
};

/// "PLAINTEXT://127.0.0.1:9092,..." Throws ConfigException naming the entry.
std::vector<ListenerConfig> parse_listeners(const ConfigList& entries, const char* key);

}  // namespace kafkascope
