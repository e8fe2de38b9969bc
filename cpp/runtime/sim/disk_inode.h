// DiskInode: one file of a simulated disk: what programs see, and what a crash cannot take.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <vector>

#include "common/bytes.h"
#include "runtime/random.h"

namespace kafkascope::sim {

/// What a power loss leaves of that which was not synced.
struct Survival {
  double names = 0.5;   // the chance of each creation, rename and removal
  double pages = 0.5;   // the chance of each piece of a file
  size_t piece = 4096;  // bytes: where a write tears
};

/// Lives as long as a name or an open handle refers to it.
class DiskInode {
 public:
  static constexpr size_t kPage = 4096;

  explicit DiskInode(bool is_directory) : directory(is_directory) {}

  const ByteBuffer& content() const { return content_; }
  void write(ByteView bytes, uint64_t offset);
  void resize(size_t size);
  /// What is in it now survives a crash from here on.
  void sync();
  /// The first `size` bytes, which change without our knowledge until unmap(). The file may not
  /// grow meanwhile.
  MutableByteView map(size_t size);
  void unmap() { --mappings_; }
  void flip_bit(uint64_t offset);
  /// What is found after a crash: each page as synced or as written, any size in between.
  std::shared_ptr<DiskInode> survivor(RandomStream& random, const Survival& survival) const;

  const bool directory;
  bool locked = false;
  int64_t modified_ms = 0;

 private:
  void touch(size_t begin, size_t end);

  /// What programs see, and what the disk has for sure.
  struct State {
    ByteBuffer content;
    ByteBuffer durable;
  };
  static ByteBuffer survivor_of(const State& state, RandomStream& random, const Survival& survival);

  ByteBuffer content_;
  ByteBuffer durable_;
  /// Before each truncation since the last sync: a file system orders what is written into freed
  /// blocks behind the truncation, so old bytes never come back among newer ones.
  std::vector<State> before_truncations_;
  std::set<size_t> dirty_;  // pages written and not synced
  int mappings_ = 0;
  bool changed_by_mapping_ = false;  // then any page may be dirty
};

}  // namespace kafkascope::sim
