// SkimpyOffsetMap: from a key to the last offset that was put under it, 24 bytes a key.
#pragma once

#include <vector>

#include "common/bytes.h"
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

  /// Offsets must grow. The map must have a free slot.
  void put(ByteView key, Offset offset);
  /// kNoOffset when the key is not there.
  Offset get(ByteView key) const;

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

  Slot hash(ByteView key) const;
  /// The key's slot, or the free one where it would go.
  size_t find(const Slot& key) const;

  const uint64_t seed_;
  std::vector<Slot> slots_;
  size_t entries_ = 0;
  mutable int64_t lookups_ = 0, probes_ = 0;
  Offset latest_offset_ = kNoOffset;
};

}  // namespace kafkascope
