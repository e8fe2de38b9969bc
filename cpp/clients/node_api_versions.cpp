#include "clients/node_api_versions.h"

#include <fmt/core.h>

#include <algorithm>

#include "common/errors.h"

namespace kafkascope {

NodeApiVersions::NodeApiVersions(const protocol::ApiVersionsResponse& response) {
  for (const auto& api : response.api_keys)
    ranges_[api.api_key] = {api.min_version, api.max_version};
}

int16_t NodeApiVersions::latest_usable_version(protocol::ApiKey api, int16_t lowest,
                                               int16_t highest) const {
  const auto found = ranges_.find(static_cast<int16_t>(api));
  const std::string_view name = protocol::api_info(api).name;
  if (found == ranges_.end()) {
    throw KafkaException(ErrorCode::kUnsupportedVersion,
                         fmt::format("the broker does not support {} requests", name));
  }
  const Range& broker = found->second;
  const int16_t usable = std::min(highest, broker.highest);
  if (usable < std::max(lowest, broker.lowest)) {
    throw KafkaException(
        ErrorCode::kUnsupportedVersion,
        fmt::format("the broker speaks {} versions {} to {}, this request needs {} to {}", name,
                    broker.lowest, broker.highest, lowest, highest));
  }
  return usable;
}

bool NodeApiVersions::supports(protocol::ApiKey api, int16_t version) const {
  const auto found = ranges_.find(static_cast<int16_t>(api));
  return found != ranges_.end() && version >= found->second.lowest &&
         version <= found->second.highest;
}

std::string NodeApiVersions::to_string() const {
  std::string text;
  for (const auto& [key, range] : ranges_) {
    const protocol::ApiInfo* info = protocol::find_api(key);
    text += fmt::format("{}{}({}): {} to {}", text.empty() ? "" : ", ",
                        info == nullptr ? "?" : info->name, key, range.lowest, range.highest);
  }
  return text;
}

}  // namespace kafkascope
