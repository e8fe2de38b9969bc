// TimeIndex: from a timestamp to an offset in its segment (docs/formats/segment-files.md).
#pragma once

#include <vector>

#include "log/abstract_index.h"

namespace kafkascope {

struct TimestampOffset {
  TimestampMs timestamp = kNoTimestamp;
  Offset offset = 0;

  auto operator<=>(const TimestampOffset&) const = default;
};

/// Kafka's TimeIndex: entries of 8 bytes timestamp and 4 bytes relative offset. An entry (t, o)
/// says that no record up to offset o has a timestamp above t.
class TimeIndex : public AbstractIndex {
 public:
  static constexpr int kEntrySize = 12;

  TimeIndex(Node& node, std::string path, Offset base_offset, int64_t max_size)
      : AbstractIndex(node, std::move(path), base_offset, max_size, kEntrySize) {}

  /// One entry is kept free for the one that a segment gets when it is rolled.
  bool is_full() const { return entries() >= max_entries() - 1; }
  /// The largest entry <= the timestamp; {-1, base offset} when there is none.
  TimestampOffset lookup(TimestampMs timestamp) const;
  TimestampOffset entry_at(int n) const;
  TimestampOffset last_entry() const;
  std::vector<TimestampOffset> all_entries() const;
  /// Adds the entry if its timestamp is above the last one's. True if it did. Does nothing when
  /// full, except with the last free place: `last` takes that.
  bool maybe_append(TimestampMs timestamp, Offset offset, bool last = false);
  /// Drops entries at or above the offset.
  void truncate_to(Offset offset);
  std::string sanity_check() const;

 private:
  TimestampOffset parse(const uint8_t* at) const;
};

}  // namespace kafkascope
