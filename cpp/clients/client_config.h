// What every client's configuration shares (Kafka's CommonClientConfigs).
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "common/abstract_config.h"
#include "runtime/network.h"

namespace kafkascope {

using Milliseconds = std::chrono::milliseconds;

struct CommonClientConfig {
  std::vector<Endpoint> bootstrap_servers;
  std::string client_id;
  Milliseconds metadata_max_age;
  Milliseconds request_timeout;
  Milliseconds retry_backoff;
  Milliseconds retry_backoff_max;
  Milliseconds reconnect_backoff;
  Milliseconds reconnect_backoff_max;
  Milliseconds connections_max_idle;
  Milliseconds connection_setup_timeout;
  Milliseconds connection_setup_timeout_max;

  /// Throws ConfigException, also for a protocol that this client does not speak.
  static CommonClientConfig read(const AbstractConfig& config);
};

/// "host:port" or "[::1]:port" each. Throws ConfigException naming the entry; also when there is
/// none.
std::vector<Endpoint> parse_bootstrap_servers(const std::vector<std::string>& servers);

}  // namespace kafkascope
