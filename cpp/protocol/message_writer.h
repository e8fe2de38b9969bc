// MessageWriter: a message under construction, as bytes and the payloads between them.
#pragma once

#include <vector>

#include "common/byte_writer.h"
#include "common/external_bytes.h"

namespace kafkascope::protocol {

/// Collects what a NetworkSend carries: runs of bytes that the writer owns, and payloads (records
/// in memory or in a file) that are sent from where they are.
class MessageWriter {
 public:
  ByteWriter& bytes() { return bytes_; }
  void append(Payload payload) {
    if (payload.empty()) return;
    seal();
    size_ += payload.size();
    parts_.push_back(std::move(payload));
  }
  /// All bytes so far, those of payloads included.
  size_t size() const { return size_ + bytes_.size(); }
  /// The parts in order; the writer is empty afterwards.
  std::vector<Payload> take() {
    seal();
    size_ = 0;
    return std::move(parts_);
  }
  /// Everything in one buffer: tests, and messages without records.
  ByteBuffer take_bytes() {
    ByteBuffer all;
    for (const Payload& part : take()) {
      const SharedSlice slice = part.to_slice();
      all.insert(all.end(), slice.view().begin(), slice.view().end());
    }
    return all;
  }

 private:
  void seal() {
    if (bytes_.size() == 0) return;
    size_ += bytes_.size();
    parts_.push_back(SharedSlice::of(bytes_.take()));
    bytes_ = ByteWriter();
  }

  ByteWriter bytes_;
  std::vector<Payload> parts_;
  size_t size_ = 0;
};

}  // namespace kafkascope::protocol
