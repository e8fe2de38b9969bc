// ConfigTarget: the topic or broker whose settings are read or changed.
#pragma once

#include "server/kafka_apis.h"

namespace kafkascope {

struct ConfigTarget {
  static constexpr int8_t kTopic = 2;
  static constexpr int8_t kBroker = 4;
  static constexpr int8_t kBrokerLogger = 8;

  int8_t type = 0;
  std::string name;
};

/// Whether there is such a topic or broker here.
Error check_resource(ApiContext& context, const ConfigTarget& resource);

}  // namespace kafkascope
