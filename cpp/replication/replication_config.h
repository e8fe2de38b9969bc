// ReplicationConfig: what ReplicaManager and the fetchers need of a broker's configuration.
#pragma once

#include <optional>
#include <string>

#include "clients/client_config.h"
#include "metadata/metadata_version.h"
#include "runtime/clock.h"

namespace kafkascope {

/// Defaults are Kafka's.
struct ReplicationConfig {
  BrokerId broker_id = 0;
  std::optional<std::string> rack;
  std::string inter_broker_listener = "PLAINTEXT";
  ProtocolFeatures protocol;
  Duration replica_lag_time_max = std::chrono::seconds(30);
  int num_replica_fetchers = 1;
  Duration replica_fetch_wait_max = std::chrono::milliseconds(500);
  int32_t replica_fetch_min_bytes = 1;
  int32_t replica_fetch_max_bytes = 1 << 20;
  int32_t replica_fetch_response_max_bytes = 10 << 20;
  Duration replica_fetch_backoff = std::chrono::seconds(1);
  Duration replica_socket_timeout = std::chrono::seconds(30);
  bool rack_aware_selector = false;        // replica.selector.class names RackAwareReplicaSelector
  CommonClientConfig inter_broker_client;  // how brokers connect to each other
};

}  // namespace kafkascope
