// Configurations, their notifications, and ids.
#include "zookeeper/client/zk_json.h"
#include "zookeeper/client/zk_json_support.h"

namespace kafkascope::zk_json {
namespace {

constexpr int kConfigVersion = 1;
constexpr int kConfigChangeVersion = 2;
constexpr int kProducerIdBlockVersion = 1;

}  // namespace

std::string write_configs(const ConfigMap& configs) {
  Json values = Json::object();
  for (const auto& [key, value] : configs) values[key] = value;
  Json json;
  json["version"] = kConfigVersion;
  json["config"] = std::move(values);
  return json.dump();
}

ConfigMap read_configs(const zk::Data& data) {
  if (text_of(data).empty()) return {};  // a parent made on the way, such as /config/users/alice
  return parsed("configuration", data, [](const Json& json) {
    ConfigMap configs;
    for (const auto& [key, value] : json.at("config").items()) {
      configs[key] = value.get<std::string>();
    }
    return configs;
  });
}

std::string write_config_change(const std::string& entity_path) {
  Json json;
  json["version"] = kConfigChangeVersion;
  json["entity_path"] = entity_path;
  return json.dump();
}

std::string read_config_change(const zk::Data& data) {
  return parsed("configuration change", data, [](const Json& json) {
    if (json.at("version").get<int>() >= 2) return json.at("entity_path").get<std::string>();
    return json.at("entity_type").get<std::string>() + "/" +
           json.at("entity_name").get<std::string>();
  });
}

std::string write_cluster_id(const std::string& id) {
  Json json;
  json["version"] = "1";
  json["id"] = id;
  return json.dump();
}

std::string read_cluster_id(const zk::Data& data) {
  return parsed("cluster id", data,
                [](const Json& json) { return json.at("id").get<std::string>(); });
}

std::string write_producer_id_block(const ProducerIdBlock& block) {
  Json json;
  json["version"] = kProducerIdBlockVersion;
  json["broker"] = block.broker;
  json["block_start"] = std::to_string(block.start);
  json["block_end"] = std::to_string(block.end);
  return json.dump();
}

ProducerIdBlock read_producer_id_block(const zk::Data& data) {
  return parsed("producer id block", data, [](const Json& json) {
    return ProducerIdBlock{
        json.at("broker").get<BrokerId>(),
        number_of<ProducerId>("block_start", json.at("block_start").get<std::string>()),
        number_of<ProducerId>("block_end", json.at("block_end").get<std::string>())};
  });
}

}  // namespace kafkascope::zk_json
