// Sets of broker ids that are vectors, because their order says who comes first.
#pragma once

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "common/types.h"

namespace kafkascope {

using BrokerIds = std::vector<BrokerId>;

inline bool contains(const BrokerIds& ids, BrokerId id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

/// Those of `ids` that the condition holds for, in their order.
template <typename Condition>
BrokerIds filter(const BrokerIds& ids, Condition condition) {
  BrokerIds kept;
  std::copy_if(ids.begin(), ids.end(), std::back_inserter(kept), condition);
  return kept;
}

/// Those of `ids` that are not in `others`.
inline BrokerIds without(const BrokerIds& ids, const BrokerIds& others) {
  return filter(ids, [&](BrokerId id) { return !contains(others, id); });
}

/// "1,2,3"
template <typename Ids>
std::string join(const Ids& ids) {
  std::string text;
  for (BrokerId id : ids) {
    if (!text.empty()) text += ",";
    text += std::to_string(id);
  }
  return text;
}

}  // namespace kafkascope
