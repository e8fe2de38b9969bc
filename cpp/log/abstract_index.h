// AbstractIndex: a mapped file of entries of one size, searched by halving (Kafka's AbstractIndex).
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "common/types.h"
#include "runtime/file_system.h"
#include "runtime/threads.h"

namespace kafkascope {

/// Entries grow in their key. While it is written the file has its full size, zeros at the end;
/// trim_to_valid_size() cuts them off. One thread may append or resize while others look up. Looks
/// first among the last 8 KiB of entries, which followers and most consumers want: those pages stay
/// warm, while a plain search from the middle would touch cold ones.
class AbstractIndex {
 public:
  virtual ~AbstractIndex() = default;
  AbstractIndex(const AbstractIndex&) = delete;
  AbstractIndex& operator=(const AbstractIndex&) = delete;

  int entries() const { return entries_.load(std::memory_order_acquire); }
  int max_entries() const { return max_entries_.load(std::memory_order_relaxed); }
  bool is_full() const { return entries() >= max_entries(); }
  int64_t size_in_bytes() const { return int64_t{entries()} * entry_size_; }
  Offset base_offset() const { return base_offset_; }
  const std::string& path() const { return path_; }

  /// Room for new entries: the segment is written from now on.
  void resize(int64_t max_size);
  void trim_to_valid_size() { resize(size_in_bytes()); }
  /// Forgets all entries, and has room for max_size bytes again.
  void reset(int64_t max_size);
  /// Makes the entries durable.
  void flush();
  /// Trims and unmaps; lookups find nothing afterwards.
  void close();
  /// Unmaps it until somebody looks: a broker may have more segments than the kernel gives
  /// mappings, and most are never asked (Kafka's LazyIndex).
  void release();
  bool is_released() const { return released_; }
  /// Maps it, if it is not: before its file goes, for those that still look.
  void use() const;
  /// The file lies elsewhere now: it was renamed.
  void set_path(std::string path);
  /// False when the offset is so far from the base that 31 bits cannot hold the distance.
  bool can_append_offset(Offset offset) const;

 protected:
  static constexpr size_t kWarmBytes = 8192;

  /// Maps what is there; a new file gets max_size bytes.
  AbstractIndex(Node& node, std::string path, Offset base_offset, int64_t max_size, int entry_size);

  /// Bytes of one entry. Under the lock, n < entries().
  const uint8_t* entry(int n) const { return bytes_.data() + static_cast<size_t>(n) * entry_size_; }
  /// Room for the next entry: write it, then call added().
  MutableByteView next_entry();
  void added() { entries_.store(entries() + 1, std::memory_order_release); }
  /// fn() with the entries in memory.
  template <typename Function>
  auto with_mapping(Function fn) const {
    while (true) {
      use();
      ReadLock lock(mapping_mutex_);
      if (!released_) return fn();  // else it was released just now
    }
  }
  /// Under the lock for writing.
  void map_if_released() const {
    if (released_) map(int64_t{max_entries()} * entry_size_);
  }
  void truncate_to_entries(int count) { entries_.store(count, std::memory_order_release); }
  int32_t relative_offset(Offset offset) const;
  /// The last entry for which not_above(entry bytes) holds, or -1; it must hold for a prefix.
  template <typename NotAbove>
  int last_not_above(NotAbove not_above) const;

  mutable SharedMutex mapping_mutex_;  // writers change the mapping, readers use it

 private:
  void map(int64_t size) const;

  Node& node_;
  std::string path_;
  const Offset base_offset_;
  const int entry_size_;
  std::atomic<int> entries_{0};
  mutable std::atomic<int> max_entries_{0};
  mutable std::atomic<bool> released_{false};
  mutable std::unique_ptr<MappedFile> mapping_;
  mutable MutableByteView bytes_;
};

template <typename NotAbove>
int AbstractIndex::last_not_above(NotAbove not_above) const {
  const int count = entries();
  if (count == 0 || bytes_.empty() || !not_above(entry(0))) return -1;
  const int warm = static_cast<int>(kWarmBytes) / entry_size_;
  const int first_hot = count - 1 > warm ? count - 1 - warm : 0;
  int low = 0, high = count - 1;
  (not_above(entry(first_hot)) ? low : high) = first_hot;
  // not_above holds at low; halve until it is the last one.
  while (low < high) {
    const int middle = low + (high - low + 1) / 2;
    if (not_above(entry(middle))) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

inline int64_t read_big_endian64(const uint8_t* at) {
  uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | at[i];
  return static_cast<int64_t>(value);
}
inline int32_t read_big_endian32(const uint8_t* at) {
  return static_cast<int32_t>(uint32_t{at[0]} << 24 | uint32_t{at[1]} << 16 | uint32_t{at[2]} << 8 |
                              uint32_t{at[3]});
}
inline void put_big_endian32(uint8_t* at, int32_t value) {
  for (int i = 0; i < 4; ++i)
    at[i] = static_cast<uint8_t>(static_cast<uint32_t>(value) >> (24 - 8 * i));
}
inline void put_big_endian64(uint8_t* at, int64_t value) {
  for (int i = 0; i < 8; ++i)
    at[i] = static_cast<uint8_t>(static_cast<uint64_t>(value) >> (56 - 8 * i));
}

}  // namespace kafkascope
