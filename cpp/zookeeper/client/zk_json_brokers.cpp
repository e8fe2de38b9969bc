// Brokers, the controller and its epoch.
#include "zookeeper/client/zk_json.h"
#include "zookeeper/client/zk_json_support.h"

namespace kafkascope::zk_json {
namespace {

constexpr int kBrokerVersion = 5;
constexpr int kControllerVersion = 2;
constexpr int kNoKraftController = -1;
constexpr int kNoJmxPort = -1;

std::string connection_string(const BrokerListener& listener) {
  const bool ipv6 = listener.endpoint.host.find(':') != std::string::npos;
  const std::string host = ipv6 ? "[" + listener.endpoint.host + "]" : listener.endpoint.host;
  return listener.name + "://" + host + ":" + std::to_string(listener.endpoint.port);
}

/// "REPLICATION://host:9093". A listener without an entry in the map is named like its protocol.
BrokerListener parse_endpoint(const std::string& text, const Json& protocols) {
  const size_t scheme = text.find("://");
  const size_t colon = text.rfind(':');
  if (scheme == std::string::npos || colon <= scheme) {
    throw SerializationException("broker: endpoint \"" + text + "\", expected NAME://host:port");
  }
  BrokerListener listener;
  listener.name = text.substr(0, scheme);
  listener.security_protocol = protocols.value(listener.name, listener.name);
  std::string host = text.substr(scheme + 3, colon - scheme - 3);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  listener.endpoint = {host, number_of<uint16_t>("broker: port", text.substr(colon + 1))};
  return listener;
}

}  // namespace

std::string write_broker(const Broker& broker, TimestampMs now) {
  Json protocols = Json::object();
  Json endpoints = Json::array();
  const BrokerListener* plaintext = nullptr;  // what a Kafka before 0.9 connects to
  for (const BrokerListener& listener : broker.listeners) {
    protocols[listener.name] = listener.security_protocol;
    endpoints.push_back(connection_string(listener));
    if (plaintext == nullptr && listener.security_protocol == "PLAINTEXT") plaintext = &listener;
  }
  Json json;
  json["features"] = Json::object();
  json["listener_security_protocol_map"] = protocols;
  json["endpoints"] = endpoints;
  if (broker.rack) json["rack"] = *broker.rack;
  json["jmx_port"] = kNoJmxPort;
  json["port"] = plaintext != nullptr ? int{plaintext->endpoint.port} : -1;
  json["host"] = plaintext != nullptr ? Json(plaintext->endpoint.host) : Json();
  json["version"] = kBrokerVersion;
  json["timestamp"] = std::to_string(now);
  return json.dump();
}

Broker read_broker(BrokerId id, const zk::Data& data) {
  return parsed("broker", data, [&](const Json& json) {
    Broker broker{id, {}, std::nullopt};
    if (json.at("version").get<int>() < 2) {
      broker.listeners.push_back(
          {"PLAINTEXT",
           "PLAINTEXT",
           {json.at("host").get<std::string>(), json.at("port").get<uint16_t>()}});
      return broker;
    }
    const Json protocols = json.value("listener_security_protocol_map", Json::object());
    for (const Json& endpoint : json.at("endpoints")) {
      broker.listeners.push_back(parse_endpoint(endpoint.get<std::string>(), protocols));
    }
    if (const auto rack = json.find("rack"); rack != json.end() && !rack->is_null()) {
      broker.rack = rack->get<std::string>();
    }
    return broker;
  });
}

std::string write_controller(BrokerId id, TimestampMs now) {
  Json json;
  json["version"] = kControllerVersion;
  json["brokerid"] = id;
  json["timestamp"] = std::to_string(now);
  json["kraftControllerEpoch"] = kNoKraftController;
  return json.dump();
}

BrokerId read_controller(const zk::Data& data) {
  return parsed("controller", data,
                [](const Json& json) { return json.at("brokerid").get<BrokerId>(); });
}

int32_t read_controller_epoch(const zk::Data& data) {
  return number_of<int32_t>("controller epoch", text_of(data));
}

}  // namespace kafkascope::zk_json
