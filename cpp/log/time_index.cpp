#include "log/time_index.h"

#include <fmt/core.h>

#include "common/check.h"

namespace kafkascope {

TimestampOffset TimeIndex::parse(const uint8_t* at) const {
  return {read_big_endian64(at), base_offset() + read_big_endian32(at + 8)};
}

TimestampOffset TimeIndex::lookup(TimestampMs timestamp) const {
  return with_mapping([&] {
    const int slot =
        last_not_above([&](const uint8_t* at) { return read_big_endian64(at) <= timestamp; });
    return slot < 0 ? TimestampOffset{kNoTimestamp, base_offset()} : parse(entry(slot));
  });
}

TimestampOffset TimeIndex::entry_at(int n) const {
  return with_mapping([&] {
    KS_CHECK(n >= 0 && n < entries());
    return parse(entry(n));
  });
}

TimestampOffset TimeIndex::last_entry() const {
  return with_mapping([&] {
    return entries() == 0 ? TimestampOffset{kNoTimestamp, base_offset()}
                          : parse(entry(entries() - 1));
  });
}

std::vector<TimestampOffset> TimeIndex::all_entries() const {
  return with_mapping([&] {
    std::vector<TimestampOffset> all;
    for (int i = 0, count = entries(); i < count; ++i) all.push_back(parse(entry(i)));
    return all;
  });
}

bool TimeIndex::maybe_append(TimestampMs timestamp, Offset offset, bool last) {
  if (last ? AbstractIndex::is_full() : is_full()) return false;
  const TimestampOffset before = last_entry();
  if (timestamp <= before.timestamp || (entries() > 0 && offset < before.offset)) return false;
  const int32_t relative = relative_offset(offset);
  uint8_t* at = next_entry().data();
  put_big_endian64(at, timestamp);
  put_big_endian32(at + 8, relative);
  added();
  return true;
}

void TimeIndex::truncate_to(Offset offset) {
  WriteLock lock(mapping_mutex_);
  map_if_released();
  const int slot = last_not_above(
      [&](const uint8_t* at) { return base_offset() + read_big_endian32(at + 8) < offset; });
  truncate_to_entries(slot + 1);
}

std::string TimeIndex::sanity_check() const {
  if (entries() == 0) return {};
  const TimestampOffset first = entry_at(0), last = last_entry();
  const bool grows = entries() == 1 || last.timestamp > first.timestamp;
  if (!grows || last.offset < base_offset()) {
    return fmt::format("{}: the last of {} entries is timestamp {} at offset {}", path(), entries(),
                       last.timestamp, last.offset);
  }
  return {};
}

}  // namespace kafkascope
