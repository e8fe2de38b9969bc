#include "clients/producer/partitioner.h"

namespace kafkascope {
namespace {

uint32_t little_endian_word(const uint8_t* at) {
  return static_cast<uint32_t>(at[0]) | static_cast<uint32_t>(at[1]) << 8 |
         static_cast<uint32_t>(at[2]) << 16 | static_cast<uint32_t>(at[3]) << 24;
}

}  // namespace

int32_t murmur2(ByteView data) {
  constexpr uint32_t kSeed = 0x9747b28c;
  constexpr uint32_t kMultiplier = 0x5bd1e995;
  constexpr int kShift = 24;
  uint32_t hash = kSeed ^ static_cast<uint32_t>(data.size());
  size_t at = 0;
  for (; at + 4 <= data.size(); at += 4) {
    uint32_t word = little_endian_word(data.data() + at) * kMultiplier;
    word = (word ^ (word >> kShift)) * kMultiplier;
    hash = (hash * kMultiplier) ^ word;
  }
  const size_t rest = data.size() - at;
  if (rest > 0) {
    for (size_t i = 0; i < rest; ++i) hash ^= static_cast<uint32_t>(data[at + i]) << (8 * i);
    hash *= kMultiplier;
  }
  hash = (hash ^ (hash >> 13)) * kMultiplier;
  return static_cast<int32_t>(hash ^ (hash >> 15));
}

void Partitioner::on_new_batch(std::string_view, const Cluster&, PartitionIndex) {}

}  // namespace kafkascope
