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

size_t DiskInode::surviving_size(RandomStream& random) const {
  const auto [least, most] = std::minmax({durable_.size(), content_.size()});
  switch (random.below(3)) {
    case 0:
      return durable_.size();
    case 1:
      return content_.size();
    default:
      return least + random.below(most - least + 1);
  }
}

std::shared_ptr<DiskInode> DiskInode::survivor(RandomStream& random) const {
  auto found = std::make_shared<DiskInode>(directory);
  found->modified_ms = modified_ms;
  ByteBuffer& content = found->content_;
  content.resize(surviving_size(random));
  for (size_t at = 0; at < content.size(); at += kPage) {
    // A page beyond what this copy has reads as zeros.
    copy_range(random.chance(0.5) ? content_ : durable_, content, at, at + kPage);
  }
  found->durable_ = content;
  return found;
}

}  // namespace kafkascope::sim
