#include "runtime/sim/disk_inode.h"

#include <algorithm>

#include "common/check.h"

namespace kafkascope::sim {
namespace {

/// Bytes [begin, end) of one buffer into another, as far as both have them.
void copy_range(const ByteBuffer& from, ByteBuffer& to, size_t begin, size_t end) {
  end = std::min({end, from.size(), to.size()});
  if (begin >= end) return;
  std::copy(from.begin() + static_cast<ptrdiff_t>(begin),
            from.begin() + static_cast<ptrdiff_t>(end), to.begin() + static_cast<ptrdiff_t>(begin));
}

}  // namespace

void DiskInode::touch(size_t begin, size_t end) {
  for (size_t page = begin / kPage; page * kPage < end; ++page) dirty_.insert(page);
}

void DiskInode::resize(size_t size) {
  KS_CHECK(mappings_ == 0 || size <= content_.capacity(), "a mapped file grows");
  if (size < std::min(content_.size(), durable_.size())) {
    before_truncations_.push_back({content_, durable_});
    durable_.resize(size);
  }
  touch(std::min(size, content_.size()), std::max(size, content_.size()));
  content_.resize(size);
}

void DiskInode::write(ByteView bytes, uint64_t offset) {
  if (bytes.empty()) return;
  if (content_.size() < offset + bytes.size()) resize(offset + bytes.size());
  std::copy(bytes.begin(), bytes.end(), content_.begin() + static_cast<ptrdiff_t>(offset));
  touch(offset, offset + bytes.size());
}

void DiskInode::sync() {
  if (changed_by_mapping_) {
    durable_ = content_;
    changed_by_mapping_ = mappings_ > 0;
  } else {
    durable_.resize(content_.size());
    for (const size_t page : dirty_)
      copy_range(content_, durable_, page * kPage, (page + 1) * kPage);
  }
  dirty_.clear();
  before_truncations_.clear();
}

MutableByteView DiskInode::map(size_t size) {
  if (content_.size() < size) resize(size);
  ++mappings_;
  changed_by_mapping_ = true;
  return MutableByteView(content_).first(size);
}

void DiskInode::flip_bit(uint64_t offset) {
  KS_CHECK(offset < content_.size(), "no byte to rot at this offset");
  content_[offset] ^= 1;
  if (offset < durable_.size()) durable_[offset] ^= 1;
}

ByteBuffer DiskInode::survivor_of(const State& state, RandomStream& random,
                                  const Survival& survival) {
  const auto& [content, durable] = state;
  const auto [least, most] = std::minmax({durable.size(), content.size()});
  const size_t sizes[] = {durable.size(), content.size(), least + random.below(most - least + 1)};
  const uint64_t drawn = random.below(3);
  const bool certain = survival.pages <= 0 || survival.pages >= 1;
  ByteBuffer found(sizes[certain ? survival.pages >= 1 : drawn]);
  for (size_t at = 0; at < found.size(); at += survival.piece) {
    // A page beyond what this copy has reads as zeros.
    const bool written = random.chance(survival.pages);
    copy_range(written ? content : durable, found, at, at + survival.piece);
  }
  return found;
}

std::shared_ptr<DiskInode> DiskInode::survivor(RandomStream& random,
                                               const Survival& survival) const {
  auto found = std::make_shared<DiskInode>(directory);
  found->modified_ms = modified_ms;
  const auto lost = std::find_if(before_truncations_.begin(), before_truncations_.end(),
                                 [&](const State&) { return random.chance(1 - survival.pages); });
  const bool none_lost = lost == before_truncations_.end();
  found->content_ = survivor_of(none_lost ? State{content_, durable_} : *lost, random, survival);
  found->durable_ = found->content_;
  return found;
}

}  // namespace kafkascope::sim
