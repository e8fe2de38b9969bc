#include "log/offset_index.h"

#include <fmt/core.h>

#include "common/check.h"

namespace kafkascope {

OffsetPosition OffsetIndex::parse(const uint8_t* at) const {
  return {base_offset() + read_big_endian32(at), read_big_endian32(at + 4)};
}

OffsetPosition OffsetIndex::lookup(Offset offset) const {
  return with_mapping([&] {
    const int slot = last_not_above(
        [&](const uint8_t* at) { return base_offset() + read_big_endian32(at) <= offset; });
    return slot < 0 ? OffsetPosition{base_offset(), 0} : parse(entry(slot));
  });
}

std::optional<Offset> OffsetIndex::upper_bound_of_position(SegmentPosition position) const {
  return with_mapping([&]() -> std::optional<Offset> {
    const int below =
        last_not_above([&](const uint8_t* at) { return read_big_endian32(at + 4) < position; });
    if (below + 1 >= entries()) return std::nullopt;
    return parse(entry(below + 1)).offset;
  });
}

OffsetPosition OffsetIndex::entry_at(int n) const {
  return with_mapping([&] {
    KS_CHECK(n >= 0 && n < entries());
    return parse(entry(n));
  });
}

OffsetPosition OffsetIndex::last_entry() const {
  return with_mapping([&] {
    return entries() == 0 ? OffsetPosition{base_offset(), 0} : parse(entry(entries() - 1));
  });
}

std::vector<OffsetPosition> OffsetIndex::all_entries() const {
  return with_mapping([&] {
    std::vector<OffsetPosition> all;
    for (int i = 0, count = entries(); i < count; ++i) all.push_back(parse(entry(i)));
    return all;
  });
}

void OffsetIndex::append(Offset offset, SegmentPosition position) {
  const int32_t relative = relative_offset(offset);
  KS_CHECK(entries() == 0 || offset > last_entry().offset,
           fmt::format("index entry for offset {} after {}", offset, last_entry().offset));
  uint8_t* at = next_entry().data();
  put_big_endian32(at, relative);
  put_big_endian32(at + 4, position);
  added();
}

void OffsetIndex::truncate_to(Offset offset) {
  WriteLock lock(mapping_mutex_);
  map_if_released();
  const int slot = last_not_above(
      [&](const uint8_t* at) { return base_offset() + read_big_endian32(at) < offset; });
  truncate_to_entries(slot + 1);
}

std::string OffsetIndex::sanity_check() const {
  if (entries() == 0) return {};
  const OffsetPosition first = entry_at(0), last = last_entry();
  // The first batch of a segment has no entry, so that zeros, which a crash may leave, are none.
  const bool grows =
      entries() == 1 || (last.offset > first.offset && last.position > first.position);
  if (last.offset <= base_offset() || last.position <= 0 || !grows) {
    return fmt::format("{}: the last of {} entries is offset {} at {}", path(), entries(),
                       last.offset, last.position);
  }
  return {};
}

}  // namespace kafkascope
