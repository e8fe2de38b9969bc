// The primitives of Kafka's wire format that depend on the version: compact and plain lengths,
// nulls, tags.
#pragma once

#include <cstdint>
#include <optional>

#include "common/byte_reader.h"
#include "protocol/schema.h"

namespace kafkascope::protocol {

/// Length of a string, bytes, records or array field as read; nothing for null. Checked against
/// what is left: a length may not pass the end, a count times the smallest element may not either.
std::optional<size_t> read_string_length(ByteReader& reader, bool compact);
std::optional<size_t> read_bytes_length(ByteReader& reader, bool compact);
std::optional<size_t> read_array_count(ByteReader& reader, bool compact, size_t smallest_element);

/// Fewest bytes that one value of the field (one element, for an array) takes at this version.
size_t smallest_encoding(const Field& field, int16_t version, bool flexible);
/// Fewest bytes of a struct.
size_t smallest_encoding(const StructSchema& structure, int16_t version, bool flexible);
/// Fixed width of a primitive, 0 for types of variable length.
size_t fixed_width(FieldType type);

/// One entry of a tag section.
struct TagHeader {
  uint32_t tag;
  size_t size;
};
/// Reads the count of a tag section: at most half of the bytes left.
size_t read_tag_count(ByteReader& reader);
/// Reads tag and size; the tag must be larger than `previous`.
TagHeader read_tag_header(ByteReader& reader, int64_t previous);

/// Throws unless the bytes are UTF-8.
void check_utf8(ByteReader& reader, ByteView bytes);

}  // namespace kafkascope::protocol
