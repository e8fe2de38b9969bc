// What a broker's configuration says of the cluster that it is part of.
#pragma once

#include "common/abstract_config.h"
#include "controller/controller_config.h"
#include "replication/replication_config.h"
#include "zookeeper/client/zookeeper_client.h"

namespace kafkascope {

/// How a broker hands its partitions over before it stops.
struct ControlledShutdownConfig {
  bool enable = true;
  int max_retries = 3;
  Duration retry_backoff = std::chrono::seconds(5);
};

/// Durations as configurations give them: the largest number means never.
Duration milliseconds(const AbstractConfig& values, const char* key);

/// Throws ConfigException for a version, a listener or a replica selector that is not known.
ReplicationConfig replication_config(const AbstractConfig& values, BrokerId broker);
/// None: zookeeper.connect is not given, and the broker stands alone.
std::optional<ZooKeeperClientConfig> zookeeper_config(const AbstractConfig& values);
ControllerConfig controller_config(const AbstractConfig& values);
ControlledShutdownConfig controlled_shutdown_config(const AbstractConfig& values);

}  // namespace kafkascope
