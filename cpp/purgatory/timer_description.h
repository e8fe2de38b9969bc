// What a picture of a timer shows.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kafkascope {

struct BucketDescription {
  int index = 0;
  int64_t expiration_ms = 0;
  std::vector<std::string> tasks;
};

struct WheelDescription {
  int64_t tick_ms = 0;
  int wheel_size = 0;
  int64_t current_time_ms = 0;
  std::vector<BucketDescription> buckets;  // those with tasks
};

struct TimerDescription {
  std::string name;
  int64_t now_ms = 0;
  int64_t size = 0;  // tasks that wait
  std::vector<WheelDescription> levels;
};

}  // namespace kafkascope
