// NodeApiVersions: which versions of which requests one broker speaks.
#pragma once

#include <map>
#include <string>

#include "protocol/api_keys.h"
#include "protocol/messages/api_versions_response.h"

namespace kafkascope {

/// From a broker's ApiVersions answer.
class NodeApiVersions {
 public:
  explicit NodeApiVersions(const protocol::ApiVersionsResponse& response);

  /// The highest version that both sides have within [lowest, highest]. Throws
  /// KafkaException(kUnsupportedVersion) that names the request and both ranges.
  int16_t latest_usable_version(protocol::ApiKey api, int16_t lowest, int16_t highest) const;
  bool supports(protocol::ApiKey api, int16_t version) const;
  std::string to_string() const;

 private:
  struct Range {
    int16_t lowest;
    int16_t highest;
  };
  std::map<int16_t, Range> ranges_;
};

}  // namespace kafkascope
