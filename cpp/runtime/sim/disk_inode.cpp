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

ByteBuffer DiskInode::survivor_of(const ByteBuffer& content, const ByteBuffer& durable,
                                  RandomStream& random) {
  const auto [least, most] = std::minmax({durable.size(), content.size()});
  const size_t sizes[] = {durable.size(), content.size(), least + random.below(most - least + 1)};
  ByteBuffer found(sizes[random.below(3)]);
  for (size_t at = 0; at < found.size(); at += kPage) {
    // A page beyond what this copy has reads as zeros.
    copy_range(random.chance(0.5) ? content : durable, found, at, at + kPage);
  }
  return found;
}

std::shared_ptr<DiskInode> DiskInode::survivor(RandomStream& random) const {
  auto found = std::make_shared<DiskInode>(directory);
  found->modified_ms = modified_ms;
  const auto lost = std::find_if(before_truncations_.begin(), before_truncations_.end(),
                                 [&](const State&) { return random.chance(0.5); });
  found->content_ = lost == before_truncations_.end()
                        ? survivor_of(content_, durable_, random)
                        : survivor_of(lost->content, lost->durable, random);
  found->durable_ = found->content_;
  return found;
}

}  // namespace kafkascope::sim
