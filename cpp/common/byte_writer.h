// Appends Kafka's primitive types to a growing buffer. Numbers are big-endian.
#pragma once

#include <bit>

#include "common/bytes.h"
#include "common/varint.h"

namespace kafkascope {

class ByteWriter {
 public:
  ByteWriter() = default;
  explicit ByteWriter(size_t expected_size) { buffer_.reserve(expected_size); }

  void write_int8(int8_t v) { buffer_.push_back(static_cast<uint8_t>(v)); }
  void write_uint8(uint8_t v) { buffer_.push_back(v); }
  void write_int16(int16_t v) { write_big_endian(static_cast<uint16_t>(v)); }
  void write_uint16(uint16_t v) { write_big_endian(v); }
  void write_int32(int32_t v) { write_big_endian(static_cast<uint32_t>(v)); }
  void write_uint32(uint32_t v) { write_big_endian(v); }
  void write_int64(int64_t v) { write_big_endian(static_cast<uint64_t>(v)); }
  void write_float64(double v) { write_big_endian(std::bit_cast<uint64_t>(v)); }
  void write_unsigned_varint(uint32_t v) { write_leb128(v); }
  void write_varint(int32_t v) { write_leb128(zigzag_encode(v)); }
  void write_varlong(int64_t v) { write_leb128(zigzag_encode(v)); }
  void write_bytes(ByteView bytes) { buffer_.insert(buffer_.end(), bytes.begin(), bytes.end()); }

  /// Overwrites four bytes written before: lengths and checksums that are known only at the end.
  void put_int32_at(size_t position, int32_t v) {
    for (int i = 0; i < 4; ++i)
      buffer_[position + i] = static_cast<uint8_t>(static_cast<uint32_t>(v) >> (24 - 8 * i));
  }

  size_t size() const { return buffer_.size(); }
  ByteView view() const { return buffer_; }
  ByteBuffer& buffer() { return buffer_; }
  ByteBuffer take() { return std::move(buffer_); }

 private:
  template <typename T>
  void write_big_endian(T v) {
    uint8_t bytes[sizeof(T)];
    for (size_t i = 0; i < sizeof(T); ++i)
      bytes[i] = static_cast<uint8_t>(v >> (8 * (sizeof(T) - 1 - i)));
    buffer_.insert(buffer_.end(), bytes, bytes + sizeof(T));
  }
  void write_leb128(uint64_t v) {
    uint8_t bytes[10];
    buffer_.insert(buffer_.end(), bytes, put_unsigned_varint(bytes, v));
  }

  ByteBuffer buffer_;
};

}  // namespace kafkascope
