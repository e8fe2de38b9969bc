#include "clients/producer/producer_config.h"

#include <fmt/core.h>

#include <algorithm>

#include "common/config_tables.h"
#include "common/errors.h"
#include "record/compression_type.h"

namespace kafkascope {
namespace {

constexpr int32_t kMaxInFlightWithIdempotence =
    5;  // the broker remembers five batches of each producer

int16_t parse_acks(const std::string& acks) {
  return acks == "all" ? int16_t{-1} : static_cast<int16_t>(std::stoi(acks));
}

// Idempotence is on unless the user asked for something that excludes it; asked for both, it is an
// error.
bool decide_idempotence(const AbstractConfig& config, const ProducerConfig& producer) {
  if (!config.get_boolean("enable.idempotence")) return false;
  const bool asked = config.is_given("enable.idempotence") || !config.is_null("transactional.id");
  const auto excludes = [&](bool conflict, const char* key, const char* needed) {
    if (conflict && asked) {
      throw ConfigException(fmt::format(
          "{}: enable.idempotence needs {}; change it or turn idempotence off", key, needed));
    }
    return conflict;
  };
  bool possible = true;
  possible &= !excludes(producer.acks != -1, "acks", "acks=all");
  possible &= !excludes(producer.retries == 0, "retries", "retries above 0");
  possible &= !excludes(producer.max_in_flight > kMaxInFlightWithIdempotence,
                        "max.in.flight.requests.per.connection", "at most 5");
  return possible;
}

std::optional<int> level_of(const AbstractConfig& config, CompressionType type) {
  switch (type) {
    case CompressionType::kLz4:
      return config.get_int("compression.lz4.level");
    case CompressionType::kZstd:
      return config.get_int("compression.zstd.level");
    case CompressionType::kGzip:
      if (const int level = config.get_int("compression.gzip.level"); level != -1) return level;
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

// The user's own delivery.timeout.ms must leave room for one attempt; the default grows as needed.
Milliseconds checked_delivery_timeout(const AbstractConfig& config,
                                      const ProducerConfig& producer) {
  const Milliseconds asked(config.get_int("delivery.timeout.ms"));
  const Milliseconds least = producer.linger + producer.request_timeout;
  if (asked >= least) return asked;
  if (!config.is_given("delivery.timeout.ms")) return least;
  throw ConfigException(
      fmt::format("delivery.timeout.ms: {} must be at least linger.ms + request.timeout.ms = {}",
                  asked.count(), least.count()));
}

// "org.apache.kafka.clients.producer.RoundRobinPartitioner" and "RoundRobinPartitioner" alike.
std::string partitioner_named(const std::string& name) {
  const std::string simple = name.substr(name.find_last_of('.') + 1);
  if (simple.empty() || simple == "DefaultPartitioner" || simple == "UniformStickyPartitioner")
    return "";
  if (simple == "RoundRobinPartitioner") return simple;
  throw ConfigException("partitioner.class: " + name +
                        " is not known; use RoundRobinPartitioner, or give an object");
}

}  // namespace

ConfigDef ProducerConfig::definition() { return producer_config_def(); }

ProducerConfig ProducerConfig::parse(const ConfigMap& given) {
  ConfigMap with_serializers = given;  // bytes need none; the keys are Kafka's required ones
  with_serializers.try_emplace("key.serializer", "bytes");
  with_serializers.try_emplace("value.serializer", "bytes");
  const AbstractConfig config = definition().parse(with_serializers);

  ProducerConfig producer;
  static_cast<CommonClientConfig&>(producer) = CommonClientConfig::read(config);
  producer.acks = parse_acks(config.get_string("acks"));
  producer.batch_size = std::max(1, config.get_int("batch.size"));
  producer.buffer_memory = config.get_long("buffer.memory");
  producer.linger = Milliseconds(config.get_long("linger.ms"));
  producer.max_block = Milliseconds(config.get_long("max.block.ms"));
  producer.metadata_max_idle = Milliseconds(config.get_long("metadata.max.idle.ms"));
  producer.max_in_flight = config.get_int("max.in.flight.requests.per.connection");
  producer.max_request_size = config.get_int("max.request.size");
  producer.retries = config.get_int("retries");
  producer.compression_type = *parse_compression(config.get_string("compression.type"));
  producer.compression_level = level_of(config, producer.compression_type);
  producer.partitioner_ignore_keys = config.get_boolean("partitioner.ignore.keys");
  producer.partitioner_adaptive = config.get_boolean("partitioner.adaptive.partitioning.enable");
  producer.partitioner_availability_timeout =
      Milliseconds(config.get_long("partitioner.availability.timeout.ms"));
  producer.transaction_timeout = Milliseconds(config.get_int("transaction.timeout.ms"));
  producer.partitioner_class =
      partitioner_named(config.find_string("partitioner.class").value_or(""));
  producer.delivery_timeout = checked_delivery_timeout(config, producer);
  producer.enable_idempotence = decide_idempotence(config, producer);
  if (!config.is_null("transactional.id")) {
    throw ConfigException("transactional.id: transactions are not supported by this client yet");
  }
  return producer;
}

}  // namespace kafkascope
