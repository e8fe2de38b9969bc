#include "clients/consumer/consumer_config.h"

#include "common/config_tables.h"
#include "common/errors.h"

namespace kafkascope {
namespace {

OffsetResetStrategy parse_reset(const std::string& word) {
  if (word == "earliest") return OffsetResetStrategy::kEarliest;
  return word == "latest" ? OffsetResetStrategy::kLatest : OffsetResetStrategy::kNone;
}

}  // namespace

ConfigDef ConsumerConfig::definition() { return consumer_config_def(); }

ConsumerConfig ConsumerConfig::parse(const ConfigMap& given) {
  ConfigMap with_deserializers = given;  // bytes need none; the keys are Kafka's required ones
  with_deserializers.try_emplace("key.deserializer", "bytes");
  with_deserializers.try_emplace("value.deserializer", "bytes");
  const AbstractConfig config = definition().parse(with_deserializers);

  ConsumerConfig consumer;
  static_cast<CommonClientConfig&>(consumer) = CommonClientConfig::read(config);
  consumer.group_id = config.find_string("group.id");
  consumer.auto_offset_reset = parse_reset(config.get_string("auto.offset.reset"));
  consumer.isolation_level = config.get_string("isolation.level") == "read_committed"
                                 ? IsolationLevel::kReadCommitted
                                 : IsolationLevel::kReadUncommitted;
  consumer.check_crcs = config.get_boolean("check.crcs");
  consumer.allow_auto_create_topics = config.get_boolean("allow.auto.create.topics");
  consumer.fetch_min_bytes = config.get_int("fetch.min.bytes");
  consumer.fetch_max_bytes = config.get_int("fetch.max.bytes");
  consumer.max_partition_fetch_bytes = config.get_int("max.partition.fetch.bytes");
  consumer.max_poll_records = config.get_int("max.poll.records");
  consumer.fetch_max_wait = Milliseconds(config.get_int("fetch.max.wait.ms"));
  consumer.default_api_timeout = Milliseconds(config.get_int("default.api.timeout.ms"));
  consumer.client_rack = config.get_string("client.rack");
  return consumer;
}

}  // namespace kafkascope
