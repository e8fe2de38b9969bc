// Settings of a broker that no server.properties has: they are only ever set while brokers run.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "common/config_def.h"

namespace kafkascope {

inline constexpr std::string_view kLeaderThrottledRate = "leader.replication.throttled.rate";
inline constexpr std::string_view kFollowerThrottledRate = "follower.replication.throttled.rate";

/// Kafka's DynamicConfig.Broker (KIP-73): bytes per second each.
inline constexpr std::array kDynamicOnlyKeys = {kLeaderThrottledRate, kFollowerThrottledRate};

bool is_dynamic_only(std::string_view key);
/// Nothing: not set. Throws ConfigException for what is no number from 0 on.
std::optional<int64_t> dynamic_only_value(const ConfigMap& configs, std::string_view key);

}  // namespace kafkascope
