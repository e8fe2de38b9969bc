#include "clients/client_config.h"

#include <charconv>

#include "common/errors.h"

namespace kafkascope {
namespace {

[[noreturn]] void refuse(const std::string& server, const char* why) {
  throw ConfigException("bootstrap.servers: \"" + server + "\": " + why +
                        "; use host:port, for example localhost:9092");
}

Endpoint parse_endpoint(const std::string& server) {
  const size_t colon = server.rfind(':');
  if (colon == std::string::npos || colon == 0) refuse(server, "no port");
  std::string host = server.substr(0, colon);
  if (host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string::npos)
    refuse(server, "an IPv6 address needs brackets");
  int port = 0;
  const char* end = server.data() + server.size();
  const auto [rest, error] = std::from_chars(server.data() + colon + 1, end, port);
  if (error != std::errc() || rest != end || port < 1 || port > 65535)
    refuse(server, "the port is not in 1..65535");
  return {host, static_cast<uint16_t>(port)};
}

}  // namespace

std::vector<Endpoint> parse_bootstrap_servers(const std::vector<std::string>& servers) {
  std::vector<Endpoint> endpoints;
  for (const std::string& server : servers) {
    if (!server.empty()) endpoints.push_back(parse_endpoint(server));
  }
  if (endpoints.empty())
    throw ConfigException("bootstrap.servers: no address is given; use host:port,host:port");
  return endpoints;
}

CommonClientConfig CommonClientConfig::read(const AbstractConfig& config) {
  if (const std::string& protocol = config.get_string("security.protocol");
      protocol != "PLAINTEXT") {
    throw ConfigException("security.protocol: " + protocol +
                          " is not supported by this client; use PLAINTEXT");
  }
  const auto ms = [&](const char* key) { return Milliseconds(config.get_long(key)); };
  CommonClientConfig common;
  common.bootstrap_servers = parse_bootstrap_servers(config.get_list("bootstrap.servers"));
  common.client_id = config.get_string("client.id");
  common.metadata_max_age = ms("metadata.max.age.ms");
  common.request_timeout = Milliseconds(config.get_int("request.timeout.ms"));
  common.retry_backoff = ms("retry.backoff.ms");
  common.retry_backoff_max = ms("retry.backoff.max.ms");
  common.reconnect_backoff = ms("reconnect.backoff.ms");
  common.reconnect_backoff_max = ms("reconnect.backoff.max.ms");
  common.connections_max_idle = ms("connections.max.idle.ms");
  common.connection_setup_timeout = ms("socket.connection.setup.timeout.ms");
  common.connection_setup_timeout_max = ms("socket.connection.setup.timeout.max.ms");
  return common;
}

}  // namespace kafkascope
