// Reads Kafka's primitive types from bytes that may be hostile: every length is checked against
// what is left.
#pragma once

#include <bit>
#include <cstring>

#include "common/bytes.h"
#include "common/varint.h"

namespace kafkascope {

/// A cursor over a view. Numbers are big-endian. Every read that would pass the end, and every
/// varint that is too long, throws SerializationException with the byte offset. Does not own the
/// bytes.
class ByteReader {
 public:
  explicit ByteReader(ByteView bytes) : bytes_(bytes) {}

  size_t position() const { return position_; }
  size_t remaining() const { return bytes_.size() - position_; }
  bool at_end() const { return remaining() == 0; }
  void seek(size_t position);
  void skip(size_t count) { take(count); }

  int8_t read_int8() { return static_cast<int8_t>(*take(1)); }
  uint8_t read_uint8() { return *take(1); }
  int16_t read_int16() { return static_cast<int16_t>(read_big_endian<uint16_t>()); }
  uint16_t read_uint16() { return read_big_endian<uint16_t>(); }
  int32_t read_int32() { return static_cast<int32_t>(read_big_endian<uint32_t>()); }
  uint32_t read_uint32() { return read_big_endian<uint32_t>(); }
  int64_t read_int64() { return static_cast<int64_t>(read_big_endian<uint64_t>()); }
  uint64_t read_uint64() { return read_big_endian<uint64_t>(); }
  double read_float64() { return std::bit_cast<double>(read_big_endian<uint64_t>()); }
  /// Unsigned LEB128, at most 5 bytes.
  uint32_t read_unsigned_varint();
  /// Zigzag varint, at most 5 bytes (record fields).
  int32_t read_varint() {
    uint32_t value = 0;
    return zigzag_decode(take_short_varint(value) ? value : read_unsigned_varint());
  }
  /// Zigzag varlong, at most 10 bytes.
  int64_t read_varlong() {
    uint32_t value = 0;
    return take_short_varint(value) ? zigzag_decode(uint64_t{value}) : read_long_varlong();
  }
  /// The next count bytes, without copying.
  ByteView read_bytes(size_t count) { return {take(count), count}; }

  /// Throws SerializationException: message, then "at byte N of M".
  [[noreturn]] void fail(const char* message) const;

 private:
  int64_t read_long_varlong();
  /// One or two bytes, as almost all are; false leaves the rest to the careful way.
  bool take_short_varint(uint32_t& value) {
    if (remaining() < 2) return false;
    const uint8_t* at = bytes_.data() + position_;
    if (at[0] < 0x80) {
      value = at[0], position_ += 1;
      return true;
    }
    if (at[1] >= 0x80) return false;
    value = (at[0] & 0x7fU) | uint32_t{at[1]} << 7, position_ += 2;
    return true;
  }
  const uint8_t* take(size_t count) {
    if (count > remaining()) [[unlikely]]
      fail("unexpected end of data");
    const uint8_t* at = bytes_.data() + position_;
    position_ += count;
    return at;
  }
  template <typename T>
  T read_big_endian() {
    const uint8_t* at = take(sizeof(T));
    T value = 0;
    for (size_t i = 0; i < sizeof(T); ++i) value = static_cast<T>((value << 8) | at[i]);
    return value;
  }

  ByteView bytes_;
  size_t position_ = 0;
};

}  // namespace kafkascope
