// AdminClientConfig: an admin client's configuration, checked and typed, under Kafka's keys.
#pragma once

#include "clients/client_config.h"

namespace kafkascope {

struct AdminClientConfig : CommonClientConfig {
  Milliseconds default_api_timeout;
  int32_t retries;

  static AdminClientConfig parse(const ConfigMap& given);
  static ConfigDef definition();
};

}  // namespace kafkascope
