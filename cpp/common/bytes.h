// Views, buffers and reference-counted slices of raw bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kafkascope {

using ByteView = std::span<const uint8_t>;
using MutableByteView = std::span<uint8_t>;
using ByteBuffer = std::vector<uint8_t>;

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline std::string to_string(ByteView bytes) { return std::string(as_text(bytes)); }

/// A view that keeps its memory alive: the records of a produce request stay a slice of the frame
/// they came in, from the socket to the log. Copying a slice copies no bytes.
class SharedSlice {
 public:
  SharedSlice() = default;
  SharedSlice(std::shared_ptr<const void> owner, ByteView view)
      : owner_(std::move(owner)), view_(view) {}

  static SharedSlice of(ByteBuffer buffer) {
    auto owned = std::make_shared<const ByteBuffer>(std::move(buffer));
    ByteView view(*owned);
    return {std::move(owned), view};
  }

  ByteView view() const { return view_; }
  const uint8_t* data() const { return view_.data(); }
  size_t size() const { return view_.size(); }
  bool empty() const { return view_.empty(); }
  SharedSlice subslice(size_t offset, size_t count) const {
    return {owner_, view_.subspan(offset, count)};
  }
  /// What keeps the bytes alive; null for a slice of memory that its user owns.
  const std::shared_ptr<const void>& owner() const { return owner_; }

 private:
  std::shared_ptr<const void> owner_;
  ByteView view_;
};

}  // namespace kafkascope
