#include "protocol/api_keys.h"

#include <algorithm>

#include "common/check.h"

namespace kafkascope::protocol {
namespace {

constexpr ApiInfo kApis[] = {
#define KS_API_KEY_ROW(key, id, name, camel, low, high, flexible, action) \
  {ApiKey::id, name, camel, low, high, flexible, action},
    KS_API_KEYS(KS_API_KEY_ROW)
#undef KS_API_KEY_ROW
};

}  // namespace

int16_t ApiInfo::request_header_version(int16_t version) const {
  if (key == ApiKey::kControlledShutdown && version == 0) return 0;
  return version >= flexible_since ? 2 : 1;
}

int16_t ApiInfo::response_header_version(int16_t version) const {
  return key != ApiKey::kApiVersions && version >= flexible_since ? 1 : 0;
}

std::span<const ApiInfo> all_apis() { return kApis; }

const ApiInfo* find_api(int16_t key) {
  const auto* found = std::lower_bound(
      std::begin(kApis), std::end(kApis), key,
      [](const ApiInfo& api, int16_t k) { return static_cast<int16_t>(api.key) < k; });
  return found != std::end(kApis) && static_cast<int16_t>(found->key) == key ? found : nullptr;
}

const ApiInfo& api_info(ApiKey key) {
  const ApiInfo* found = find_api(static_cast<int16_t>(key));
  KS_CHECK(found != nullptr, "an ApiKey without a row");
  return *found;
}

}  // namespace kafkascope::protocol
