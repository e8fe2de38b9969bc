// FileSlice: a range of an open file that a response carries without reading it.
#pragma once

#include "common/external_bytes.h"
#include "runtime/file_system.h"

namespace kafkascope {

class FileSlice : public ExternalBytes {
 public:
  FileSlice(std::shared_ptr<File> file, uint64_t offset, size_t size)
      : file_(std::move(file)), offset_(offset), size_(size) {}

  File& file() const { return *file_; }
  uint64_t offset() const { return offset_; }
  size_t size() const override { return size_; }
  ByteBuffer load() const override {
    ByteBuffer bytes(size_);
    bytes.resize(file_->pread(bytes, offset_));
    return bytes;
  }

 private:
  std::shared_ptr<File> file_;
  uint64_t offset_;
  size_t size_;
};

}  // namespace kafkascope
