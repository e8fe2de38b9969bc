#include "log/cleaner/skimpy_offset_map.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>

#include "common/check.h"

namespace kafkascope {

SkimpyOffsetMap::SkimpyOffsetMap(size_t slots, uint64_t seed)
    : seed_(seed), slots_(std::max<size_t>(slots, 1)) {}

SkimpyOffsetMap::Key SkimpyOffsetMap::prepare(ByteView key) const {
  const XXH128_hash_t hash = XXH3_128bits_withSeed(key.data(), key.size(), seed_);
  const Key prepared{hash.low64 | 1, hash.high64};  // never that of a free slot
  __builtin_prefetch(&slots_[home_of(prepared)]);
  return prepared;
}

size_t SkimpyOffsetMap::find(const Key& key) const {
  ++lookups_;
  size_t at = home_of(key);
  for (size_t tried = 0; tried < slots_.size(); ++tried) {
    const Slot& slot = slots_[at];
    if ((slot.low == key.low && slot.high == key.high) || slot.low == 0) return at;
    ++probes_;
    if (++at == slots_.size()) at = 0;
  }
  return slots_.size();
}

void SkimpyOffsetMap::put(const Key& key, Offset offset) {
  const size_t at = find(key);
  KS_CHECK(at < slots_.size(), "the offset map is full");
  if (slots_[at].low == 0) ++entries_;
  slots_[at] = {key.low, key.high, offset};
  latest_offset_ = offset;
}

Offset SkimpyOffsetMap::get(const Key& key) const {
  const size_t at = find(key);
  return at == slots_.size() || slots_[at].low == 0 ? kNoOffset : slots_[at].offset;
}

double SkimpyOffsetMap::collision_rate() const {
  return lookups_ == 0 ? 0 : static_cast<double>(probes_) / static_cast<double>(lookups_);
}

}  // namespace kafkascope
