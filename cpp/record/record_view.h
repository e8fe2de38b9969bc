// RecordView: one record, as views into the batch that holds it.
#pragma once

#include <optional>
#include <string_view>

#include "common/byte_reader.h"
#include "common/types.h"

namespace kafkascope {

/// Sums of numbers that a batch declares: hostile ones wrap around instead of being undefined.
constexpr int64_t wrapping_add(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}
constexpr int64_t wrapping_subtract(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}

struct HeaderView {
  std::string_view key;
  std::optional<ByteView> value;  // may be null
};

/// A record's headers (KIP-82), read as they are asked for.
class HeadersView {
 public:
  HeadersView() = default;
  HeadersView(int32_t count, ByteView bytes) : count_(count), bytes_(bytes) {}

  int32_t size() const { return count_; }
  /// Calls fn(HeaderView) for each, in order. The batch was validated before, so that reading
  /// cannot fail; if it was not, throws SerializationException.
  template <typename Function>
  void for_each(Function fn) const {
    ByteReader reader(bytes_);
    for (int32_t i = 0; i < count_; ++i) fn(read_header(reader));
    if (!reader.at_end()) reader.fail("bytes left over behind the headers");
  }

 private:
  static HeaderView read_header(ByteReader& reader);

  int32_t count_ = 0;
  ByteView bytes_;
};

/// Valid as long as the batch's bytes (or the iterator that decompressed them) are.
struct RecordView {
  Offset offset = 0;
  TimestampMs timestamp = kNoTimestamp;
  int32_t sequence = kNoSequence;
  std::optional<ByteView> key;
  std::optional<ByteView> value;
  HeadersView headers;
};

}  // namespace kafkascope
