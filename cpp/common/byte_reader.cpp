#include "common/byte_reader.h"

#include <fmt/core.h>

#include "common/errors.h"

namespace kafkascope {

void ByteReader::seek(size_t position) {
  if (position > bytes_.size()) fail("seek past the end");
  position_ = position;
}

void ByteReader::fail(const char* message) const {
  throw SerializationException(
      fmt::format("{} at byte {} of {}", message, position_, bytes_.size()));
}

uint32_t ByteReader::read_unsigned_varint() {
  uint32_t value = 0;
  for (int shift = 0; shift <= 28; shift += 7) {
    const uint8_t byte = *take(1);
    if (shift == 28 && byte > 0x0f) fail("varint holds more than 32 bits");
    value |= static_cast<uint32_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return value;
  }
  fail("varint is longer than 5 bytes");
}

int64_t ByteReader::read_long_varlong() {
  uint64_t value = 0;
  for (int shift = 0; shift <= 63; shift += 7) {
    const uint8_t byte = *take(1);
    if (shift == 63 && byte > 1) fail("varlong holds more than 64 bits");
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return zigzag_decode(value);
  }
  fail("varlong is longer than 10 bytes");
}

}  // namespace kafkascope
