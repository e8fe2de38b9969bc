#include "network/network_send.h"

#include "common/byte_writer.h"
#include "runtime/file_slice.h"

namespace kafkascope {
namespace {

constexpr size_t kMaxSlices = 32;

}  // namespace

NetworkSend::NetworkSend(std::string destination, std::vector<Payload> parts)
    : destination_(std::move(destination)), parts_(std::move(parts)) {
  for (const Payload& part : parts_) size_ += part.size();
  ByteWriter length(4);
  length.write_int32(static_cast<int32_t>(size_));
  parts_.insert(parts_.begin(), SharedSlice::of(length.take()));
  size_ += 4;
}

IoResult NetworkSend::write_to(Connection& connection) {
  while (!completed()) {
    const bool external = parts_[part_].external != nullptr;
    IoResult result = external ? write_external(connection) : write_memory(connection);
    if (result.status != IoStatus::kOk) return result;
    advance(result.bytes);
  }
  return {};
}

IoResult NetworkSend::write_memory(Connection& connection) {
  ByteView slices[kMaxSlices];
  size_t count = 0;
  for (size_t i = part_; i < parts_.size() && count < kMaxSlices && parts_[i].external == nullptr;
       ++i) {
    slices[count++] = parts_[i].slice.view().subspan(i == part_ ? part_offset_ : 0);
  }
  return connection.write({slices, count});
}

IoResult NetworkSend::write_external(Connection& connection) {
  const auto* file = dynamic_cast<const FileSlice*>(parts_[part_].external.get());
  if (file == nullptr) {
    parts_[part_] = parts_[part_].to_slice();
    return write_memory(connection);
  }
  return connection.send_file(file->file(), file->offset() + part_offset_,
                              file->size() - part_offset_);
}

void NetworkSend::advance(size_t bytes) {
  written_ += bytes;
  part_offset_ += bytes;
  while (part_ < parts_.size() && part_offset_ >= parts_[part_].size()) {
    part_offset_ -= parts_[part_].size();
    parts_[part_++] = Payload();  // lets go of the memory or file as soon as it is sent
  }
}

}  // namespace kafkascope
