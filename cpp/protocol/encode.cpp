// From structs to bytes, by the table.
#include <fmt/core.h>

#include <algorithm>

#include "common/errors.h"
#include "protocol/message_types.h"
#include "protocol/message_writer.h"
#include "protocol/wire.h"

namespace kafkascope::protocol {
namespace {

class Encoder {
 public:
  Encoder(const MessageSchema& schema, MessageWriter& writer, int16_t version)
      : schema_(schema),
        writer_(writer),
        version_(version),
        flexible_(schema.is_flexible(version)) {}

  void write_struct(const StructSchema& structure, const uint8_t* object) {
    size_t tags = 0;
    for (const Field& field : structure.fields) {
      const uint8_t* member = object + field.offset;
      if (!field.versions.contains(version_)) {
        if (!field.ignorable && !is_default(field, member)) refuse(field);
      } else if (field.is_tagged(version_)) {
        tags += is_default(field, member) ? 0 : 1;
      } else {
        write_field(field, member);
      }
    }
    if (flexible_) write_tags(structure, object, tags);
  }

 private:
  [[noreturn]] void refuse(const Field& field) {
    throw KafkaException(
        ErrorCode::kUnsupportedVersion,
        fmt::format("{} version {} cannot carry {}", schema_.name, version_, field.name));
  }

  void write_tags(const StructSchema& structure, const uint8_t* object, size_t count) {
    bytes().write_unsigned_varint(static_cast<uint32_t>(count));
    // Rows stand in the order of the notation, tags must ascend: few enough to look for each in
    // turn.
    for (int tag = 0; count > 0; ++tag) {
      for (const Field& field : structure.fields) {
        if (field.tag != tag || !field.is_tagged(version_) ||
            is_default(field, object + field.offset))
          continue;
        MessageWriter inner;
        Encoder(schema_, inner, version_).write_tagged(field, object + field.offset);
        const ByteBuffer content = inner.take_bytes();
        bytes().write_unsigned_varint(static_cast<uint32_t>(tag));
        bytes().write_unsigned_varint(static_cast<uint32_t>(content.size()));
        bytes().write_bytes(content);
        --count;
      }
    }
  }

  void write_tagged(const Field& field, const uint8_t* member) {
    if (field.type == FieldType::kStruct && !field.array && field.nullable.contains(version_)) {
      const bool present = field.container->present(member);
      bytes().write_unsigned_varint(present ? 1 : 0);
      if (present)
        write_struct(*field.structure, static_cast<const uint8_t*>(field.container->value(member)));
      return;
    }
    write_field(field, member);
  }

  void write_field(const Field& field, const uint8_t* member) {
    const bool nullable = field.nullable.contains(version_);
    if (field.optional && !field.container->present(member)) {
      if (!nullable) refuse(field);
      return write_null(field);
    }
    const auto* value = field.container != nullptr
                            ? static_cast<const uint8_t*>(field.container->value(member))
                            : member;
    if (field.array) {
      const size_t count = field.container->size(value);
      write_count(count);
      for (size_t i = 0; i < count; ++i) {
        write_value(field, static_cast<const uint8_t*>(field.container->element(value, i)));
      }
      return;
    }
    if (field.type == FieldType::kStruct && nullable) bytes().write_int8(1);
    write_value(field, value);
  }

  void write_null(const Field& field) {
    if (field.type == FieldType::kStruct && !field.array) return bytes().write_int8(-1);
    if (flexible_ && !field.never_compact) return bytes().write_unsigned_varint(0);
    if (field.type == FieldType::kString && !field.array) return bytes().write_int16(-1);
    bytes().write_int32(-1);
  }

  void write_count(size_t count) {
    if (flexible_) return bytes().write_unsigned_varint(static_cast<uint32_t>(count + 1));
    bytes().write_int32(static_cast<int32_t>(count));
  }

  void write_value(const Field& field, const uint8_t* value) {
    switch (field.type) {
      case FieldType::kBool:
        bytes().write_int8(*reinterpret_cast<const bool*>(value) ? 1 : 0);
        break;
      case FieldType::kInt8:
        bytes().write_int8(*reinterpret_cast<const int8_t*>(value));
        break;
      case FieldType::kInt16:
        bytes().write_int16(*reinterpret_cast<const int16_t*>(value));
        break;
      case FieldType::kUint16:
        bytes().write_uint16(*reinterpret_cast<const uint16_t*>(value));
        break;
      case FieldType::kInt32:
        bytes().write_int32(*reinterpret_cast<const int32_t*>(value));
        break;
      case FieldType::kUint32:
        bytes().write_uint32(*reinterpret_cast<const uint32_t*>(value));
        break;
      case FieldType::kInt64:
        bytes().write_int64(*reinterpret_cast<const int64_t*>(value));
        break;
      case FieldType::kFloat64:
        bytes().write_float64(*reinterpret_cast<const double*>(value));
        break;
      case FieldType::kUuid: {
        const auto& uuid = *reinterpret_cast<const Uuid*>(value);
        bytes().write_int64(static_cast<int64_t>(uuid.most_significant));
        bytes().write_int64(static_cast<int64_t>(uuid.least_significant));
        break;
      }
      case FieldType::kString: {
        const auto& text = *reinterpret_cast<const std::string*>(value);
        write_string_length(field, text.size());
        bytes().write_bytes(as_bytes(text));
        break;
      }
      case FieldType::kBytes: {
        const auto& buffer = *reinterpret_cast<const ByteBuffer*>(value);
        write_count(buffer.size());
        bytes().write_bytes(buffer);
        break;
      }
      case FieldType::kRecords: {
        const auto& payload = *reinterpret_cast<const Payload*>(value);
        write_count(payload.size());
        writer_.append(payload);
        break;
      }
      case FieldType::kStruct:
        write_struct(*field.structure, value);
        break;
    }
  }

  void write_string_length(const Field& field, size_t length) {
    if (flexible_ && !field.never_compact)
      return bytes().write_unsigned_varint(static_cast<uint32_t>(length + 1));
    if (length > INT16_MAX) {
      throw KafkaException(ErrorCode::kInvalidRequest,
                           fmt::format("{}: {} bytes, at most 32767", field.name, length));
    }
    bytes().write_int16(static_cast<int16_t>(length));
  }

  bool is_default(const Field& field, const uint8_t* member) const {
    if (field.optional) {
      if (!field.container->present(member)) return field.default_null;
      if (field.default_null) return false;
    }
    const auto* value = field.container != nullptr
                            ? static_cast<const uint8_t*>(field.container->value(member))
                            : member;
    if (field.array) return field.container->size(value) == 0;
    switch (field.type) {
      case FieldType::kBool:
        return *reinterpret_cast<const bool*>(value) == (field.default_number != 0);
      case FieldType::kInt8:
        return *reinterpret_cast<const int8_t*>(value) == field.default_number;
      case FieldType::kInt16:
        return *reinterpret_cast<const int16_t*>(value) == field.default_number;
      case FieldType::kUint16:
        return *reinterpret_cast<const uint16_t*>(value) == field.default_number;
      case FieldType::kInt32:
        return *reinterpret_cast<const int32_t*>(value) == field.default_number;
      case FieldType::kUint32:
        return *reinterpret_cast<const uint32_t*>(value) == field.default_number;
      case FieldType::kInt64:
        return *reinterpret_cast<const int64_t*>(value) == field.default_number;
      case FieldType::kFloat64:
        return *reinterpret_cast<const double*>(value) == static_cast<double>(field.default_number);
      case FieldType::kUuid:
        return reinterpret_cast<const Uuid*>(value)->is_zero();
      case FieldType::kString:
        return reinterpret_cast<const std::string*>(value)->empty();
      case FieldType::kBytes:
        return reinterpret_cast<const ByteBuffer*>(value)->empty();
      case FieldType::kRecords:
        return reinterpret_cast<const Payload*>(value)->empty();
      case FieldType::kStruct:
        return is_default_struct(*field.structure, value);
    }
    return false;
  }

  bool is_default_struct(const StructSchema& structure, const uint8_t* object) const {
    return std::all_of(structure.fields.begin(), structure.fields.end(), [&](const Field& field) {
      return is_default(field, object + field.offset);
    });
  }

  ByteWriter& bytes() { return writer_.bytes(); }

  const MessageSchema& schema_;
  MessageWriter& writer_;
  const int16_t version_;
  const bool flexible_;
};

}  // namespace

void encode_from(const MessageSchema& schema, const void* object, MessageWriter& writer,
                 int16_t version) {
  if (!schema.versions.contains(version)) {
    throw KafkaException(ErrorCode::kUnsupportedVersion,
                         fmt::format("{} version {}: expected {} to {}", schema.name, version,
                                     schema.versions.low, schema.versions.high));
  }
  Encoder(schema, writer, version).write_struct(*schema.root, static_cast<const uint8_t*>(object));
}

}  // namespace kafkascope::protocol
