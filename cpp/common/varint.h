// Zigzag and variable-length integers, as in record batches and flexible messages (KIP-482).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace kafkascope {

constexpr uint32_t zigzag_encode(int32_t v) {
  return (static_cast<uint32_t>(v) << 1) ^ static_cast<uint32_t>(v >> 31);
}
constexpr uint64_t zigzag_encode(int64_t v) {
  return (static_cast<uint64_t>(v) << 1) ^ static_cast<uint64_t>(v >> 63);
}
constexpr int32_t zigzag_decode(uint32_t v) {
  return static_cast<int32_t>(v >> 1) ^ -static_cast<int32_t>(v & 1);
}
constexpr int64_t zigzag_decode(uint64_t v) {
  return static_cast<int64_t>(v >> 1) ^ -static_cast<int64_t>(v & 1);
}

/// Bytes that an unsigned varint takes: 1 to 5, or to 10 for 64 bits.
constexpr size_t unsigned_varint_size(uint64_t v) {
  return (static_cast<size_t>(std::bit_width(v | 1)) + 6) / 7;
}
constexpr size_t varint_size(int32_t v) { return unsigned_varint_size(zigzag_encode(v)); }
constexpr size_t varlong_size(int64_t v) { return unsigned_varint_size(zigzag_encode(v)); }

/// Writes v as LEB128 at `out`; returns one past the last byte written.
inline uint8_t* put_unsigned_varint(uint8_t* out, uint64_t v) {
  for (; v >= 0x80; v >>= 7) *out++ = static_cast<uint8_t>(v | 0x80);
  *out++ = static_cast<uint8_t>(v);
  return out;
}

}  // namespace kafkascope
