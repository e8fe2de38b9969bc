// SkimpyOffsetMap: from a key to the last offset that was put under it, 24 bytes a key.
#pragma once

#include <vector>

#include "common/bytes.h"
#include "common/huge_page_allocator.h"
#include "common/types.h"

namespace kafkascope {

/// Kafka's SkimpyOffsetMap: an open table of (hash of the key, offset). The keys themselves are not
/// kept: 128 bits of hash stand for them. Kafka hashes with MD5; here it is XXH3, seeded, so that
/// nobody can choose keys that collide. Not for several threads.
class SkimpyOffsetMap {
 public:
  static constexpr size_t kBytesPerEntry = 24;

  /// Room for `slots` keys; `seed` is drawn by the owner.
  SkimpyOffsetMap(size_t slots, uint64_t seed);

  /// Kafka's memory bound as slots: one entry each.
  static size_t slots_in(int64_t memory_bytes) {
    return static_cast<size_t>(memory_bytes) / kBytesPerEntry;
  }

  /// A key's hash. Its slot is on its way into the processor's cache: look a batch's keys up
  /// together, not one by one, and the memory's latency is paid once.
  struct Key {
    uint64_t low = 0, high = 0;
  };
  Key prepare(ByteView key) const;

  /// Offsets must grow. The map must have a free slot.
  void put(const Key& key, Offset offset);
  void put(ByteView key, Offset offset) { put(prepare(key), offset); }
  /// kNoOffset when the key is not there.
  Offset get(const Key& key) const;
  Offset get(ByteView key) const { return get(prepare(key)); }

  size_t size() const { return entries_; }
  size_t slots() const { return slots_.size(); }
  /// The share of slots in use.
  double utilization() const { return static_cast<double>(size()) / static_cast<double>(slots()); }
  /// Probes beyond the first, a lookup: 0 when no two keys met.
  double collision_rate() const;

  /// The last offset that the map tells of, keyless records included; kNoOffset at first.
  Offset latest_offset() const { return latest_offset_; }
  void update_latest_offset(Offset offset) { latest_offset_ = offset; }

 private:
  struct Slot {
    uint64_t low = 0, high = 0;  // of the hash; both 0: free
    Offset offset = 0;
  };

  size_t home_of(const Key& key) const {
    // The high word picks the slot: a multiplication instead of a division.
    return static_cast<size_t>((static_cast<unsigned __int128>(key.high) * slots_.size()) >> 64);
  }
  /// The key's slot, or the free one where it would go.
  size_t find(const Key& key) const;

  const uint64_t seed_;
  std::vector<Slot, HugePageAllocator<Slot>> slots_;
  size_t entries_ = 0;
  mutable int64_t lookups_ = 0, probes_ = 0;
  Offset latest_offset_ = kNoOffset;
};

}  // namespace kafkascope
