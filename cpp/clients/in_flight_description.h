// What an inspection of a client's connections shows.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/types.h"
#include "runtime/clock.h"

namespace kafkascope {

/// One request that was sent and not answered yet.
struct InFlightRequestDescription {
  BrokerId destination = -1;
  std::string api;  // "Produce"
  int16_t version = 0;
  int32_t correlation_id = 0;
  Duration age{};
  size_t size_bytes = 0;
};

}  // namespace kafkascope
