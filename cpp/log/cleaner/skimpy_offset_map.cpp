#include "log/cleaner/skimpy_offset_map.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>

#include "common/check.h"

namespace kafkascope {

SkimpyOffsetMap::SkimpyOffsetMap(size_t slots, uint64_t seed)
    : seed_(seed), slots_(std::max<size_t>(slots, 1)) {}

SkimpyOffsetMap::Slot SkimpyOffsetMap::hash(ByteView key) const {
  const XXH128_hash_t hash = XXH3_128bits_withSeed(key.data(), key.size(), seed_);
  return {hash.low64 | 1, hash.high64, 0};  // never that of a free slot
}

size_t SkimpyOffsetMap::find(const Slot& key) const {
  ++lookups_;
  // The high word picks the slot: a multiplication instead of a division.
  size_t at = static_cast<size_t>((static_cast<unsigned __int128>(key.high) * slots_.size()) >> 64);
  for (size_t tried = 0; tried < slots_.size(); ++tried) {
    const Slot& slot = slots_[at];
    if ((slot.low == key.low && slot.high == key.high) || slot.low == 0) return at;
    ++probes_;
    if (++at == slots_.size()) at = 0;
  }
  return slots_.size();
}

void SkimpyOffsetMap::put(ByteView key, Offset offset) {
  Slot wanted = hash(key);
  const size_t at = find(wanted);
  KS_CHECK(at < slots_.size(), "the offset map is full");
  if (slots_[at].low == 0) ++entries_;
  wanted.offset = offset;
  slots_[at] = wanted;
  latest_offset_ = offset;
}

Offset SkimpyOffsetMap::get(ByteView key) const {
  const size_t at = find(hash(key));
  return at == slots_.size() || slots_[at].low == 0 ? kNoOffset : slots_[at].offset;
}

double SkimpyOffsetMap::collision_rate() const {
  return lookups_ == 0 ? 0 : static_cast<double>(probes_) / static_cast<double>(lookups_);
}

}  // namespace kafkascope
