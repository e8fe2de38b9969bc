// Broker: a broker as it registers itself, with an address for each of its listeners.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/types.h"
#include "runtime/network.h"

namespace kafkascope {

/// Grows each time a broker registers (the czxid of its znode): tells one life of a broker from
/// another (KIP-380).
using BrokerEpoch = int64_t;
inline constexpr BrokerEpoch kNoBrokerEpoch = -1;

struct BrokerListener {
  std::string name;               // "PLAINTEXT", "REPLICATION"
  std::string security_protocol;  // "PLAINTEXT"
  Endpoint endpoint;
  bool operator==(const BrokerListener&) const = default;
};

/// Kafka's Broker, as in /brokers/ids/<id>.
struct Broker {
  BrokerId id = -1;
  std::vector<BrokerListener> listeners;
  std::optional<std::string> rack;
  bool operator==(const Broker&) const = default;

  /// Null when the broker has no such listener.
  const BrokerListener* find_listener(const std::string& name) const {
    for (const BrokerListener& listener : listeners) {
      if (listener.name == name) return &listener;
    }
    return nullptr;
  }
};

}  // namespace kafkascope
