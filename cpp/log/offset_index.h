// OffsetIndex: from an offset to a byte position in its segment (docs/formats/segment-files.md).
#pragma once

#include <optional>
#include <vector>

#include "log/abstract_index.h"

namespace kafkascope {

struct OffsetPosition {
  Offset offset = 0;
  SegmentPosition position = 0;

  auto operator<=>(const OffsetPosition&) const = default;
};

/// Kafka's OffsetIndex: entries of 4 bytes relative offset and 4 bytes position, one every
/// index.interval.bytes.
class OffsetIndex : public AbstractIndex {
 public:
  static constexpr int kEntrySize = 8;

  OffsetIndex(Node& node, std::string path, Offset base_offset, int64_t max_size)
      : AbstractIndex(node, std::move(path), base_offset, max_size, kEntrySize) {}

  /// The largest entry <= the offset; {base offset, 0} when there is none: where a scan starts.
  OffsetPosition lookup(Offset offset) const;
  /// The offset of the first entry at or beyond the position: no batch before the position starts
  /// above it. Nothing when the position is beyond the last entry.
  std::optional<Offset> upper_bound_of_position(SegmentPosition position) const;
  /// n < entries()
  OffsetPosition entry_at(int n) const;
  /// {base offset, 0} when empty.
  OffsetPosition last_entry() const;
  std::vector<OffsetPosition> all_entries() const;
  /// Offsets and positions must grow.
  void append(Offset offset, SegmentPosition position);
  /// Drops entries at or above the offset.
  void truncate_to(Offset offset);
  /// Empty when the entries may be trusted, else what is wrong.
  std::string sanity_check() const;

 private:
  OffsetPosition parse(const uint8_t* at) const;
};

}  // namespace kafkascope
