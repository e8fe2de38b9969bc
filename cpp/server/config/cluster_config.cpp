#include "server/config/cluster_config.h"

#include <fmt/core.h>

#include "common/errors.h"

namespace kafkascope {
namespace {

constexpr const char* kRackAwareSelector =
    "org.apache.kafka.common.replica.RackAwareReplicaSelector";

bool is_rack_aware(const AbstractConfig& values) {
  const auto name = values.find_string("replica.selector.class");
  if (!name) return false;
  if (*name == kRackAwareSelector) return true;
  throw ConfigException(
      fmt::format("replica.selector.class={}: expected {}", *name, kRackAwareSelector));
}

std::string inter_broker_listener(const AbstractConfig& values) {
  return values.find_string("inter.broker.listener.name")
      .value_or(values.get_string("security.inter.broker.protocol"));
}

/// Kafka has constants for these: brokers try again fast.
CommonClientConfig inter_broker_client(const AbstractConfig& values, BrokerId broker) {
  CommonClientConfig client;
  client.client_id = std::to_string(broker);
  client.metadata_max_age = Milliseconds(std::chrono::minutes(5));
  client.request_timeout = Milliseconds(values.get_int("request.timeout.ms"));
  client.retry_backoff = client.retry_backoff_max = Milliseconds(50);
  client.reconnect_backoff = client.reconnect_backoff_max = Milliseconds(50);
  client.connections_max_idle = Milliseconds(values.get_long("connections.max.idle.ms"));
  client.connection_setup_timeout =
      Milliseconds(values.get_long("socket.connection.setup.timeout.ms"));
  client.connection_setup_timeout_max =
      Milliseconds(values.get_long("socket.connection.setup.timeout.max.ms"));
  return client;
}

}  // namespace

Duration milliseconds(const AbstractConfig& values, const char* key) {
  constexpr int64_t kLargest =
      std::chrono::duration_cast<std::chrono::milliseconds>(Duration::max()).count();
  const int64_t ms = values.get_long(key);
  return ms >= kLargest ? kForever : std::chrono::milliseconds(ms);
}

ReplicationConfig replication_config(const AbstractConfig& values, BrokerId broker) {
  const auto ms = [&](const char* key) { return std::chrono::milliseconds(values.get_int(key)); };
  ReplicationConfig config;
  config.broker_id = broker;
  config.rack = values.find_string("broker.rack");
  config.inter_broker_listener = inter_broker_listener(values);
  config.protocol.version =
      parse_metadata_version(values.get_string("inter.broker.protocol.version"));
  config.replica_lag_time_max = milliseconds(values, "replica.lag.time.max.ms");
  config.num_replica_fetchers = values.get_int("num.replica.fetchers");
  config.replica_fetch_wait_max = ms("replica.fetch.wait.max.ms");
  config.replica_fetch_min_bytes = values.get_int("replica.fetch.min.bytes");
  config.replica_fetch_max_bytes = values.get_int("replica.fetch.max.bytes");
  config.replica_fetch_response_max_bytes = values.get_int("replica.fetch.response.max.bytes");
  config.replica_fetch_backoff = ms("replica.fetch.backoff.ms");
  config.replica_socket_timeout = ms("replica.socket.timeout.ms");
  config.rack_aware_selector = is_rack_aware(values);
  config.inter_broker_client = inter_broker_client(values, broker);
  if (config.replica_fetch_wait_max > config.replica_lag_time_max) {
    throw ConfigException(
        "replica.fetch.wait.max.ms: expected at most replica.lag.time.max.ms, or followers fall "
        "out "
        "of sync while they wait");
  }
  return config;
}

std::optional<ZooKeeperClientConfig> zookeeper_config(const AbstractConfig& values) {
  const auto connect = values.find_string("zookeeper.connect");
  if (!connect || connect->empty()) return std::nullopt;
  ZooKeeperClientConfig config;
  config.connect = *connect;
  config.session_timeout =
      std::chrono::milliseconds(values.get_int("zookeeper.session.timeout.ms"));
  config.connection_timeout =
      values.is_null("zookeeper.connection.timeout.ms")
          ? config.session_timeout
          : std::chrono::milliseconds(values.get_int("zookeeper.connection.timeout.ms"));
  config.max_in_flight_requests = values.get_int("zookeeper.max.in.flight.requests");
  return config;
}

ControllerConfig controller_config(const AbstractConfig& values) {
  ControllerConfig config;
  config.broker_id = values.get_int("broker.id");
  config.protocol.version =
      parse_metadata_version(values.get_string("inter.broker.protocol.version"));
  config.inter_broker_listener = inter_broker_listener(values);
  config.delete_topic_enable = values.get_boolean("delete.topic.enable");
  config.unclean_leader_election_enable = values.get_boolean("unclean.leader.election.enable");
  config.auto_leader_rebalance_enable = values.get_boolean("auto.leader.rebalance.enable");
  config.leader_imbalance_check_interval =
      std::chrono::seconds(values.get_long("leader.imbalance.check.interval.seconds"));
  config.leader_imbalance_per_broker_percentage =
      values.get_int("leader.imbalance.per.broker.percentage");
  config.controller_socket_timeout =
      std::chrono::milliseconds(values.get_int("controller.socket.timeout.ms"));
  config.inter_broker_client = inter_broker_client(values, config.broker_id);
  return config;
}

ControlledShutdownConfig controlled_shutdown_config(const AbstractConfig& values) {
  return {values.get_boolean("controlled.shutdown.enable"),
          values.get_int("controlled.shutdown.max.retries"),
          milliseconds(values, "controlled.shutdown.retry.backoff.ms")};
}

}  // namespace kafkascope
