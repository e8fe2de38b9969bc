// ApiKey: the requests of Kafka's protocol, with their versions and headers.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "protocol/api_key_table.h"

namespace kafkascope::protocol {

enum class ApiKey : int16_t {
#define KS_API_KEY_ENUM(key, name, ...) name = key,
  KS_API_KEYS(KS_API_KEY_ENUM)
#undef KS_API_KEY_ENUM
};

struct ApiInfo {
  ApiKey key;
  std::string_view name;   // "LIST_OFFSETS"
  std::string_view camel;  // "ListOffsets", as in metric names
  int16_t lowest_version;
  int16_t highest_version;
  int16_t flexible_since;
  bool cluster_action;

  bool supports(int16_t version) const {
    return version >= lowest_version && version <= highest_version;
  }
  /// 0 for ControlledShutdown v0, 2 for flexible versions, else 1.
  int16_t request_header_version(int16_t version) const;
  /// 1 for flexible versions; 0 for the others and always for ApiVersions, whose answer any client
  /// must read.
  int16_t response_header_version(int16_t version) const;
};

/// All keys in ascending order.
std::span<const ApiInfo> all_apis();
/// Nothing for a number that is no key.
const ApiInfo* find_api(int16_t key);
const ApiInfo& api_info(ApiKey key);

}  // namespace kafkascope::protocol
