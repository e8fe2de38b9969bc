// SocketServerConfig: what the network layer needs of a broker's configuration.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "runtime/network.h"

namespace kafkascope {

/// One entry of `listeners`: "PLAINTEXT://127.0.0.1:9092".
struct ListenerConfig {
  std::string name;
  Endpoint address;  // port 0 picks a free one
};

struct ConnectionLimits {
  int total = INT32_MAX;                        // max.connections
  int per_ip = INT32_MAX;                       // max.connections.per.ip
  std::map<std::string, int> per_ip_overrides;  // by address
};

struct SocketServerConfig {
  std::vector<ListenerConfig> listeners;
  int num_network_threads = 3;  // a listener
  size_t queued_max_requests = 500;
  int64_t queued_max_request_bytes = -1;  // of all requests in memory; -1: no bound
  size_t socket_request_max_bytes = 100 * 1024 * 1024;
  ConnectionLimits connection_limits;
  Duration connections_max_idle = std::chrono::minutes(10);
  int socket_send_buffer_bytes = 100 * 1024;  // -1: the system's choice
  int socket_receive_buffer_bytes = 100 * 1024;
};

}  // namespace kafkascope
