#include "log/abstract_index.h"

#include "common/check.h"

namespace kafkascope {

AbstractIndex::AbstractIndex(Node& node, std::string path, Offset base_offset, int64_t max_size,
                             int entry_size)
    : mapping_mutex_(node, "index-mapping"),
      node_(node),
      path_(std::move(path)),
      base_offset_(base_offset),
      entry_size_(entry_size) {
  if (node.files().exists(path_)) {
    map(static_cast<int64_t>(node.files().open(path_, OpenMode::kRead)->size()));
    entries_ = max_entries();
  } else {
    map(max_size);
  }
}

void AbstractIndex::map(int64_t size) const {
  const int64_t rounded = size / entry_size_ * entry_size_;
  bytes_ = {};
  mapping_.reset();
  const std::unique_ptr<File> file = node_.files().open(path_, OpenMode::kCreate);
  if (static_cast<int64_t>(file->size()) != rounded) {
    file->truncate(static_cast<uint64_t>(rounded));
  }
  max_entries_ = static_cast<int>(rounded / entry_size_);
  released_ = false;
  if (rounded == 0) return;
  mapping_ = node_.files().map(path_, static_cast<uint64_t>(rounded));
  bytes_ = mapping_->bytes();
}

void AbstractIndex::release() {
  WriteLock lock(mapping_mutex_);
  if (!mapping_) return;
  bytes_ = {};
  mapping_.reset();
  released_ = true;
}

void AbstractIndex::use() const {
  if (!released_.load(std::memory_order_acquire)) return;
  WriteLock lock(mapping_mutex_);
  map_if_released();
}

void AbstractIndex::set_path(std::string path) {
  WriteLock lock(mapping_mutex_);
  path_ = std::move(path);
}

void AbstractIndex::resize(int64_t max_size) {
  WriteLock lock(mapping_mutex_);
  KS_CHECK(max_size / entry_size_ >= entries(), "an index is not cut below its entries");
  if (released_ || max_size / entry_size_ != max_entries()) map(max_size);
}

void AbstractIndex::reset(int64_t max_size) {
  WriteLock lock(mapping_mutex_);
  entries_ = 0;
  // Through size 0: what is mapped next is zeros.
  map(0);
  map(max_size);
}

void AbstractIndex::flush() {
  ReadLock lock(mapping_mutex_);
  if (mapping_) mapping_->sync();
}

void AbstractIndex::close() {
  if (!released_) trim_to_valid_size();
  WriteLock lock(mapping_mutex_);
  entries_ = 0;
  max_entries_ = 0;
  bytes_ = {};
  mapping_.reset();
  released_ = false;
}

bool AbstractIndex::can_append_offset(Offset offset) const {
  return offset >= base_offset_ && offset - base_offset_ <= INT32_MAX;
}

int32_t AbstractIndex::relative_offset(Offset offset) const {
  KS_CHECK(can_append_offset(offset),
           "offset " + std::to_string(offset) + " in the index of " + std::to_string(base_offset_));
  return static_cast<int32_t>(offset - base_offset_);
}

MutableByteView AbstractIndex::next_entry() {
  KS_CHECK(!is_full(), path_ + " is full: the segment should have been rolled");
  return bytes_.subspan(static_cast<size_t>(entries()) * entry_size_,
                        static_cast<size_t>(entry_size_));
}

}  // namespace kafkascope
