#include "protocol/wire.h"

#include <algorithm>

#include "common/varint.h"

namespace kafkascope::protocol {
namespace {

/// A compact length is one more than the length; 0 is null. A non-minimal varint is refused.
std::optional<size_t> read_compact_length(ByteReader& reader) {
  const size_t start = reader.position();
  const uint32_t raw = reader.read_unsigned_varint();
  if (reader.position() - start != unsigned_varint_size(raw)) reader.fail("varint is not minimal");
  if (raw == 0) return std::nullopt;
  return raw - 1;
}

std::optional<size_t> checked(ByteReader& reader, int64_t length) {
  if (length == -1) return std::nullopt;
  if (length < 0) reader.fail("negative length");
  return static_cast<size_t>(length);
}

std::optional<size_t> within(ByteReader& reader, std::optional<size_t> length) {
  if (length && *length > reader.remaining()) reader.fail("length is larger than what is left");
  return length;
}

}  // namespace

std::optional<size_t> read_string_length(ByteReader& reader, bool compact) {
  return within(reader,
                compact ? read_compact_length(reader) : checked(reader, reader.read_int16()));
}

std::optional<size_t> read_bytes_length(ByteReader& reader, bool compact) {
  return within(reader,
                compact ? read_compact_length(reader) : checked(reader, reader.read_int32()));
}

std::optional<size_t> read_array_count(ByteReader& reader, bool compact, size_t smallest_element) {
  const auto count = compact ? read_compact_length(reader) : checked(reader, reader.read_int32());
  if (count && *count > reader.remaining() / std::max<size_t>(1, smallest_element)) {
    reader.fail("array count is larger than what is left can hold");
  }
  return count;
}

size_t fixed_width(FieldType type) {
  switch (type) {
    case FieldType::kBool:
    case FieldType::kInt8:
      return 1;
    case FieldType::kInt16:
    case FieldType::kUint16:
      return 2;
    case FieldType::kInt32:
    case FieldType::kUint32:
      return 4;
    case FieldType::kInt64:
    case FieldType::kFloat64:
      return 8;
    case FieldType::kUuid:
      return 16;
    default:
      return 0;
  }
}

size_t smallest_encoding(const Field& field, int16_t version, bool flexible) {
  if (field.type == FieldType::kStruct) {
    if (!field.array && field.nullable.contains(version)) return 1;
    return smallest_encoding(*field.structure, version, flexible);
  }
  if (const size_t width = fixed_width(field.type); width > 0) return width;
  if (flexible && !field.never_compact) return 1;
  return field.type == FieldType::kString ? 2 : 4;
}

size_t smallest_encoding(const StructSchema& structure, int16_t version, bool flexible) {
  size_t total = flexible ? 1 : 0;
  for (const Field& field : structure.fields) {
    if (!field.versions.contains(version) || field.is_tagged(version)) continue;
    total += field.array ? (flexible ? 1 : 4) : smallest_encoding(field, version, flexible);
  }
  return total;
}

size_t read_tag_count(ByteReader& reader) {
  const uint32_t count = reader.read_unsigned_varint();
  if (count > reader.remaining() / 2) reader.fail("more tags than what is left can hold");
  return count;
}

TagHeader read_tag_header(ByteReader& reader, int64_t previous) {
  const uint32_t tag = reader.read_unsigned_varint();
  if (tag <= previous) reader.fail("tags are not in ascending order");
  const uint32_t size = reader.read_unsigned_varint();
  if (size > reader.remaining()) reader.fail("tag is larger than what is left");
  return {tag, size};
}

void check_utf8(ByteReader& reader, ByteView bytes) {
  for (size_t i = 0; i < bytes.size();) {
    const uint8_t lead = bytes[i];
    if (lead < 0x80) {
      ++i;
      continue;
    }
    const int follow = lead >= 0xf0 && lead < 0xf5 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc2 ? 1 : 0;
    if (follow == 0 || lead >= 0xf5 || i + follow >= bytes.size())
      reader.fail("string is not UTF-8");
    uint32_t point = lead & (0x3f >> follow);
    for (int j = 1; j <= follow; ++j) {
      if ((bytes[i + j] & 0xc0) != 0x80) reader.fail("string is not UTF-8");
      point = point << 6 | (bytes[i + j] & 0x3f);
    }
    const bool overlong = (follow == 2 && point < 0x800) || (follow == 3 && point < 0x10000);
    const bool surrogate = point >= 0xd800 && point <= 0xdfff;
    if (overlong || surrogate || point > 0x10ffff) reader.fail("string is not UTF-8");
    i += follow + 1;
  }
}

}  // namespace kafkascope::protocol
