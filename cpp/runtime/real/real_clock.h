// The operating system's clocks.
#pragma once

#include "runtime/clock.h"

namespace kafkascope::real {

class RealClock : public Clock {
 public:
  int64_t wall_ms() override {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
  Instant monotonic() override { return std::chrono::steady_clock::now().time_since_epoch(); }
};

}  // namespace kafkascope::real
