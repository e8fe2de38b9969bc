#include "server/config/kafka_config.h"

#include <fmt/core.h>

#include <charconv>

#include "common/config_tables.h"
#include "common/text.h"
#include "log/cleaner/log_cleaner.h"

namespace kafkascope {
namespace {

constexpr std::string_view kPlaintext = "PLAINTEXT";

/// What each listener speaks, by listener.security.protocol.map.
void check_protocols(const AbstractConfig& values, const std::vector<ListenerConfig>& listeners) {
  std::map<std::string, std::string> protocols;
  for (std::string_view entry : split(values.get_string("listener.security.protocol.map"), ',')) {
    const size_t colon = entry.find(':');
    if (colon != std::string_view::npos) {
      protocols[std::string(trim(entry.substr(0, colon)))] = trim(entry.substr(colon + 1));
    }
  }
  for (const ListenerConfig& listener : listeners) {
    const auto found = protocols.find(listener.name);
    if (found == protocols.end() || found->second != kPlaintext) {
      throw ConfigException(
          fmt::format("listeners: {} speaks {}; only PLAINTEXT is available", listener.name,
                      found == protocols.end() ? "an unknown protocol" : found->second));
    }
  }
}

std::map<std::string, int> parse_overrides(const std::string& text) {
  std::map<std::string, int> overrides;
  for (std::string_view entry : split(text, ',')) {
    const size_t colon = entry.rfind(':');
    if (trim(entry).empty()) continue;
    int count = 0;
    const std::string_view number =
        colon == std::string_view::npos ? "" : trim(entry.substr(colon + 1));
    if (std::from_chars(number.data(), number.data() + number.size(), count).ec != std::errc()) {
      throw ConfigException(
          fmt::format("max.connections.per.ip.overrides: '{}': expected address:count", entry));
    }
    overrides[std::string(trim(entry.substr(0, colon)))] = count;
  }
  return overrides;
}

SocketServerConfig socket_server_config(const AbstractConfig& values) {
  SocketServerConfig config;
  ConfigList entries;
  for (std::string_view entry : split(values.get_string("listeners"), ','))
    entries.emplace_back(trim(entry));
  config.listeners = parse_listeners(entries, "listeners");
  config.num_network_threads = values.get_int("num.network.threads");
  config.queued_max_requests = static_cast<size_t>(values.get_int("queued.max.requests"));
  config.queued_max_request_bytes = values.get_long("queued.max.request.bytes");
  config.socket_request_max_bytes = static_cast<size_t>(values.get_int("socket.request.max.bytes"));
  if (config.queued_max_request_bytes > 0 &&
      static_cast<size_t>(config.queued_max_request_bytes) < config.socket_request_max_bytes) {
    throw ConfigException(
        fmt::format("queued.max.request.bytes={}: expected at least socket.request.max.bytes ({})",
                    config.queued_max_request_bytes, config.socket_request_max_bytes));
  }
  config.connection_limits = {
      values.get_int("max.connections"), values.get_int("max.connections.per.ip"),
      parse_overrides(values.get_string("max.connections.per.ip.overrides"))};
  config.connections_max_idle = milliseconds(values, "connections.max.idle.ms");
  config.socket_receive_buffer_bytes = values.get_int("socket.receive.buffer.bytes");
  config.socket_send_buffer_bytes = values.get_int("socket.send.buffer.bytes");
  return config;
}

CleanerConfig cleaner_config(const AbstractConfig& values) {
  CleanerConfig config;
  config.enable = values.get_boolean("log.cleaner.enable");
  config.num_threads = values.get_int("log.cleaner.threads");
  config.dedupe_buffer_size = values.get_long("log.cleaner.dedupe.buffer.size");
  config.dedupe_buffer_load_factor = values.get_double("log.cleaner.io.buffer.load.factor");
  config.io_buffer_size = values.get_int("log.cleaner.io.buffer.size");
  config.max_io_bytes_per_second = values.get_double("log.cleaner.io.max.bytes.per.second");
  config.backoff = milliseconds(values, "log.cleaner.backoff.ms");
  if (config.enable) LogCleaner::validate(config);
  return config;
}

LogManagerConfig log_manager_config(const AbstractConfig& values, const ConfigMap& given) {
  LogManagerConfig config;
  const std::string dirs = values.find_string("log.dirs").value_or(values.get_string("log.dir"));
  for (std::string_view dir : split(dirs, ',')) config.log_dirs.emplace_back(trim(dir));
  config.broker_config = given;
  config.num_recovery_threads_per_data_dir = values.get_int("num.recovery.threads.per.data.dir");
  config.producer_id_expiration_ms = values.get_int("producer.id.expiration.ms");
  config.broker_id = values.get_int("broker.id");
  config.cleaner = cleaner_config(values);
  return config;
}

/// The other brokers must be able to come in.
void check_inter_broker_listener(const KafkaConfig& config) {
  const auto& listeners =
      config.advertised.empty() ? config.socket_server.listeners : config.advertised;
  for (const ListenerConfig& listener : listeners) {
    if (listener.name == config.replication.inter_broker_listener) return;
  }
  throw ConfigException(fmt::format("inter.broker.listener.name: {} is none of the listeners",
                                    config.replication.inter_broker_listener));
}

}  // namespace

std::vector<ListenerConfig> parse_listeners(const ConfigList& entries, const char* key) {
  std::vector<ListenerConfig> listeners;
  for (const std::string& entry : entries) {
    const size_t scheme = entry.find("://");
    const size_t colon = entry.rfind(':');
    uint16_t port = 0;
    const char* last = entry.data() + entry.size();
    if (scheme == std::string::npos || colon <= scheme ||
        std::from_chars(entry.data() + colon + 1, last, port).ptr != last) {
      throw ConfigException(fmt::format("{}: '{}': expected NAME://host:port", key, entry));
    }
    std::string host = entry.substr(scheme + 3, colon - scheme - 3);
    if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
    listeners.push_back({entry.substr(0, scheme), {host, port}});
  }
  return listeners;
}

KafkaConfig KafkaConfig::parse(const ConfigMap& given) {
  const AbstractConfig values = broker_config_def().parse(given);
  KafkaConfig config;
  config.originals = given;
  config.broker_id =
      values.get_int("broker.id") >= 0 ? values.get_int("broker.id") : values.get_int("node.id");
  if (config.broker_id < 0) config.broker_id = 0;
  config.rack = values.find_string("broker.rack");
  config.socket_server = socket_server_config(values);
  check_protocols(values, config.socket_server.listeners);
  if (const auto advertised = values.find_string("advertised.listeners")) {
    ConfigList entries;
    for (std::string_view entry : split(*advertised, ',')) entries.emplace_back(trim(entry));
    config.advertised = parse_listeners(entries, "advertised.listeners");
  }
  config.replication = replication_config(values, config.broker_id);
  config.zookeeper = zookeeper_config(values);
  config.controlled_shutdown = controlled_shutdown_config(values);
  config.controller = controller_config(values);
  if (config.zookeeper) check_inter_broker_listener(config);
  config.logs = log_manager_config(values, given);
  config.logs.broker_id = config.broker_id;
  config.num_io_threads = values.get_int("num.io.threads");
  config.num_partitions = values.get_int("num.partitions");
  config.default_replication_factor =
      static_cast<int16_t>(values.get_int("default.replication.factor"));
  config.auto_create_topics = values.get_boolean("auto.create.topics.enable");
  config.delete_topics = values.get_boolean("delete.topic.enable");
  config.fetch_session_slots =
      static_cast<size_t>(values.get_int("max.incremental.fetch.session.cache.slots"));
  config.fetch_max_bytes = values.get_int("fetch.max.bytes");
  config.log_cleanup_interval = milliseconds(values, "log.retention.check.interval.ms");
  config.log_flush_interval = milliseconds(values, "log.flush.scheduler.interval.ms");
  config.recovery_checkpoint_interval =
      milliseconds(values, "log.flush.offset.checkpoint.interval.ms");
  config.start_offset_checkpoint_interval =
      milliseconds(values, "log.flush.start.offset.checkpoint.interval.ms");
  config.high_watermark_checkpoint_interval =
      milliseconds(values, "replica.high.watermark.checkpoint.interval.ms");
  config.producer_expiration_interval =
      milliseconds(values, "producer.id.expiration.check.interval.ms");
  return config;
}

}  // namespace kafkascope
