// From bytes to structs, by the table.
#include <fmt/core.h>

#include "common/errors.h"
#include "protocol/message_types.h"
#include "protocol/wire.h"

namespace kafkascope::protocol {
namespace {

constexpr size_t kMemoryPerByte = 8;
constexpr size_t kMemoryFloor = 64 * 1024;

class Decoder {
 public:
  Decoder(const MessageSchema& schema, const SharedSlice& body, int16_t version)
      : body_(body),
        reader_(body.view()),
        version_(version),
        flexible_(schema.is_flexible(version)),
        memory_left_(kMemoryPerByte * body.size() + kMemoryFloor) {}

  void decode(const StructSchema& structure, void* object, Surplus surplus) {
    read_struct(structure, static_cast<uint8_t*>(object));
    if (surplus == Surplus::kRefuse && !reader_.at_end()) reader_.fail("bytes left over");
  }
  /// "topics[].partitions": where the reader was, innermost last.
  const char* field() const { return field_; }

 private:
  void read_struct(const StructSchema& structure, uint8_t* object) {
    for (const Field& field : structure.fields) {
      if (!field.versions.contains(version_) || field.is_tagged(version_)) continue;
      field_ = field.name;
      read_field(field, object + field.offset, false);
    }
    if (flexible_) read_tags(structure, object);
  }

  void read_tags(const StructSchema& structure, uint8_t* object) {
    const size_t count = read_tag_count(reader_);
    int64_t previous = -1;
    for (size_t i = 0; i < count; ++i) {
      const TagHeader header = read_tag_header(reader_, previous);
      previous = header.tag;
      const size_t end = reader_.position() + header.size;
      if (const Field* field = find_tag(structure, header.tag); field != nullptr) {
        field_ = field->name;
        read_field(*field, object + field->offset, true);
        if (reader_.position() != end) reader_.fail("tagged field does not fill its size");
      } else {
        reader_.skip(header.size);  // unknown tags are skipped, never kept
      }
    }
  }

  const Field* find_tag(const StructSchema& structure, uint32_t tag) const {
    for (const Field& field : structure.fields) {
      if (field.is_tagged(version_) && static_cast<uint32_t>(field.tag) == tag) return &field;
    }
    return nullptr;
  }

  void read_field(const Field& field, uint8_t* member, bool tagged) {
    if (field.array) return read_array(field, member);
    const bool nullable = field.nullable.contains(version_);
    if (field.type == FieldType::kStruct && nullable) {
      const bool null = tagged ? reader_.read_unsigned_varint() == 0 : reader_.read_int8() < 0;
      if (null) return field.container->reset(member);
      return read_struct(*field.structure, static_cast<uint8_t*>(field.container->make(member)));
    }
    if (fixed_width(field.type) > 0 || field.type == FieldType::kStruct) {
      uint8_t* value =
          field.optional ? static_cast<uint8_t*>(field.container->make(member)) : member;
      return read_value(field, value);
    }
    const bool compact = flexible_ && !field.never_compact;
    const auto length = field.type == FieldType::kString ? read_string_length(reader_, compact)
                                                         : read_bytes_length(reader_, compact);
    if (!length) {
      if (!nullable) reader_.fail("null where a value must be");
      return field.container->reset(member);
    }
    read_text_or_bytes(field, field.optional ? field.container->make(member) : member, *length);
  }

  void read_array(const Field& field, uint8_t* member) {
    const auto count =
        read_array_count(reader_, flexible_, smallest_encoding(field, version_, flexible_));
    if (!count) {
      if (!field.nullable.contains(version_)) reader_.fail("null where an array must be");
      return field.container->reset(member);
    }
    void* array = field.container->make(member);
    for (size_t i = 0; i < *count; ++i) {
      spend(field.container->element_bytes);
      read_element(field, static_cast<uint8_t*>(field.container->append(array)));
    }
  }

  void read_element(const Field& field, uint8_t* element) {
    if (fixed_width(field.type) > 0 || field.type == FieldType::kStruct)
      return read_value(field, element);
    const auto length = field.type == FieldType::kString ? read_string_length(reader_, flexible_)
                                                         : read_bytes_length(reader_, flexible_);
    if (!length) reader_.fail("null element");
    read_text_or_bytes(field, element, *length);
  }

  void read_text_or_bytes(const Field& field, void* value, size_t length) {
    if (field.type == FieldType::kRecords) {
      *static_cast<Payload*>(value) = body_.subslice(reader_.position(), length);
      return reader_.skip(length);
    }
    spend(length);
    const ByteView bytes = reader_.read_bytes(length);
    if (field.type == FieldType::kString) {
      check_utf8(reader_, bytes);
      static_cast<std::string*>(value)->assign(as_text(bytes));
    } else {
      static_cast<ByteBuffer*>(value)->assign(bytes.begin(), bytes.end());
    }
  }

  void read_value(const Field& field, uint8_t* value) {
    switch (field.type) {
      case FieldType::kBool:
        *reinterpret_cast<bool*>(value) = reader_.read_int8() != 0;
        break;
      case FieldType::kInt8:
        *reinterpret_cast<int8_t*>(value) = reader_.read_int8();
        break;
      case FieldType::kInt16:
        *reinterpret_cast<int16_t*>(value) = reader_.read_int16();
        break;
      case FieldType::kUint16:
        *reinterpret_cast<uint16_t*>(value) = reader_.read_uint16();
        break;
      case FieldType::kInt32:
        *reinterpret_cast<int32_t*>(value) = reader_.read_int32();
        break;
      case FieldType::kUint32:
        *reinterpret_cast<uint32_t*>(value) = reader_.read_uint32();
        break;
      case FieldType::kInt64:
        *reinterpret_cast<int64_t*>(value) = reader_.read_int64();
        break;
      case FieldType::kFloat64:
        *reinterpret_cast<double*>(value) = reader_.read_float64();
        break;
      case FieldType::kUuid: {
        const uint64_t high = reader_.read_uint64();
        *reinterpret_cast<Uuid*>(value) = {high, reader_.read_uint64()};
        break;
      }
      case FieldType::kStruct:
        read_struct(*field.structure, value);
        break;
      default:
        KS_CHECK(false, "not a fixed-width type");
    }
  }

  /// Bounds the memory that a frame can claim, whatever its counts say.
  void spend(size_t bytes) {
    if (bytes > memory_left_) reader_.fail("message would take more memory than its size allows");
    memory_left_ -= bytes;
  }

  const SharedSlice& body_;
  ByteReader reader_;
  const int16_t version_;
  const bool flexible_;
  size_t memory_left_;
  const char* field_ = "";
};

}  // namespace

void decode_into(const MessageSchema& schema, void* object, const SharedSlice& body,
                 int16_t version, Surplus surplus) {
  if (!schema.versions.contains(version)) {
    throw KafkaException(ErrorCode::kUnsupportedVersion,
                         fmt::format("{} version {}: expected {} to {}", schema.name, version,
                                     schema.versions.low, schema.versions.high));
  }
  Decoder decoder(schema, body, version);
  try {
    decoder.decode(*schema.root, object, surplus);
  } catch (const SerializationException& e) {
    throw SerializationException(
        fmt::format("{} v{}, field {}: {}", schema.name, version, decoder.field(), e.what()));
  }
}

}  // namespace kafkascope::protocol
