#include "protocol/json.h"

#include <fmt/core.h>

#include <algorithm>

#include "common/base64.h"
#include "common/errors.h"
#include "common/uuid.h"
#include "protocol/dissect.h"
#include "protocol/message_writer.h"
#include "protocol/wire.h"

namespace kafkascope::protocol {
namespace {

JsonValue node_value(const DissectNode& node) {
  if (node.type == "error") throw SerializationException(std::get<std::string>(node.value.value));
  if (std::holds_alternative<JsonArray>(node.value.value)) {
    JsonArray array;
    for (const DissectNode& child : node.children) {
      if (child.is_field) array.push_back(node_value(child));
    }
    return array;
  }
  if (!std::holds_alternative<JsonObject>(node.value.value)) return node.value;
  JsonObject object;
  const auto add = [&](const auto& self, const DissectNode& parent) -> void {
    for (const DissectNode& child : parent.children) {
      if (child.is_field) {
        object.emplace_back(child.name, node_value(child));
      } else if (child.type == "error") {
        node_value(child);
      } else if (child.type == "tag section" || child.type == "tag") {
        self(self, child);
      }
    }
  };
  add(add, node);
  return object;
}

bool is_default_value(const Field& field, const JsonValue& value) {
  if (std::holds_alternative<std::nullptr_t>(value.value)) return field.default_null;
  if (field.default_null) return false;
  if (const auto* array = std::get_if<JsonArray>(&value.value)) return array->empty();
  if (const auto* text = std::get_if<std::string>(&value.value)) {
    return field.type == FieldType::kUuid ? Uuid::parse(*text).is_zero() : text->empty();
  }
  if (const auto* number = std::get_if<int64_t>(&value.value))
    return *number == field.default_number;
  if (const auto* flag = std::get_if<bool>(&value.value))
    return *flag == (field.default_number != 0);
  if (const auto* real = std::get_if<double>(&value.value))
    return *real == static_cast<double>(field.default_number);
  const auto& object = std::get<JsonObject>(value.value);
  return std::all_of(object.begin(), object.end(), [&](const auto& entry) {
    for (const Field& inner : field.structure->fields) {
      if (entry.first == inner.json_name) return is_default_value(inner, entry.second);
    }
    return false;
  });
}

class JsonEncoder {
 public:
  JsonEncoder(ByteWriter& writer, int16_t version, bool flexible)
      : writer_(writer), version_(version), flexible_(flexible) {}

  void write_struct(const StructSchema& structure, const JsonValue& value) {
    const auto* object = std::get_if<JsonObject>(&value.value);
    if (object == nullptr) fail(structure.name, "expected an object");
    check_names(structure, *object);
    std::vector<const Field*> tagged;
    for (const Field& field : structure.fields) {
      const JsonValue* given = find(*object, field.json_name);
      if (!field.versions.contains(version_)) {
        if (given != nullptr && !field.ignorable && !is_default_value(field, *given)) {
          throw KafkaException(
              ErrorCode::kUnsupportedVersion,
              fmt::format("version {} cannot carry {}", version_, field.json_name));
        }
      } else if (field.is_tagged(version_)) {
        if (given != nullptr && !is_default_value(field, *given)) tagged.push_back(&field);
      } else {
        write_field(field, given, false);
      }
    }
    if (flexible_) write_tags(tagged, *object);
  }

 private:
  [[noreturn]] static void fail(std::string_view field, std::string_view message) {
    throw KafkaException(ErrorCode::kInvalidRequest, fmt::format("{}: {}", field, message));
  }

  static const JsonValue* find(const JsonObject& object, std::string_view name) {
    for (const auto& [key, value] : object) {
      if (key == name) return &value;
    }
    return nullptr;
  }

  static void check_names(const StructSchema& structure, const JsonObject& object) {
    for (const auto& [key, value] : object) {
      const auto has_name = [&](const Field& field) { return key == field.json_name; };
      if (std::none_of(structure.fields.begin(), structure.fields.end(), has_name)) {
        fail(key, fmt::format("{} has no such field", structure.name));
      }
    }
  }

  void write_tags(std::vector<const Field*>& tagged, const JsonObject& object) {
    std::sort(tagged.begin(), tagged.end(),
              [](const Field* a, const Field* b) { return a->tag < b->tag; });
    writer_.write_unsigned_varint(static_cast<uint32_t>(tagged.size()));
    for (const Field* field : tagged) {
      ByteWriter content;
      JsonEncoder(content, version_, flexible_)
          .write_field(*field, find(object, field->json_name), true);
      writer_.write_unsigned_varint(static_cast<uint32_t>(field->tag));
      writer_.write_unsigned_varint(static_cast<uint32_t>(content.size()));
      writer_.write_bytes(content.view());
    }
  }

  void write_field(const Field& field, const JsonValue* given, bool tagged) {
    const JsonValue fallback = given == nullptr ? default_value(field) : JsonValue();
    const JsonValue& value = given == nullptr ? fallback : *given;
    const bool null = std::holds_alternative<std::nullptr_t>(value.value);
    const bool nullable = field.nullable.contains(version_);
    if (null && !nullable) fail(field.json_name, "null is not allowed");
    if (field.type == FieldType::kStruct && !field.array) {
      if (nullable && tagged) writer_.write_unsigned_varint(null ? 0 : 1);
      if (nullable && !tagged) writer_.write_int8(null ? -1 : 1);
      if (!null) write_struct(*field.structure, value);
    } else if (null) {
      write_length(field, -1, field.array);
    } else if (field.array) {
      const auto* array = std::get_if<JsonArray>(&value.value);
      if (array == nullptr) fail(field.json_name, "expected an array");
      write_length(field, static_cast<int64_t>(array->size()), true);
      for (const JsonValue& element : *array) {
        if (field.type == FieldType::kStruct) {
          write_struct(*field.structure, element);
        } else {
          write_value(field, element);
        }
      }
    } else {
      write_value(field, value);
    }
  }

  static JsonValue default_value(const Field& field) {
    if (field.default_null) return nullptr;
    if (field.array) return JsonArray();
    switch (field.type) {
      case FieldType::kBool:
        return field.default_number != 0;
      case FieldType::kFloat64:
        return static_cast<double>(field.default_number);
      case FieldType::kUuid:
        return Uuid{}.to_string();
      case FieldType::kString:
      case FieldType::kBytes:
      case FieldType::kRecords:
        return std::string();
      case FieldType::kStruct:
        return JsonObject();
      default:
        return field.default_number;
    }
  }

  void write_length(const Field& field, int64_t length, bool array) {
    if (flexible_ && !field.never_compact)
      return writer_.write_unsigned_varint(static_cast<uint32_t>(length + 1));
    if (field.type == FieldType::kString && !array)
      return writer_.write_int16(static_cast<int16_t>(length));
    writer_.write_int32(static_cast<int32_t>(length));
  }

  void write_value(const Field& field, const JsonValue& value) {
    if (field.type == FieldType::kBool) {
      const auto* flag = std::get_if<bool>(&value.value);
      if (flag == nullptr) fail(field.json_name, "expected true or false");
      return writer_.write_int8(*flag ? 1 : 0);
    }
    if (field.type == FieldType::kFloat64) return writer_.write_float64(real(field, value));
    if (fixed_width(field.type) == 0 || field.type == FieldType::kUuid)
      return write_text(field, value);
    write_number(field, value);
  }

  static double real(const Field& field, const JsonValue& value) {
    if (const auto* number = std::get_if<double>(&value.value)) return *number;
    if (const auto* number = std::get_if<int64_t>(&value.value))
      return static_cast<double>(*number);
    fail(field.json_name, "expected a number");
  }

  void write_number(const Field& field, const JsonValue& value) {
    const auto* found = std::get_if<int64_t>(&value.value);
    if (found == nullptr) fail(field.json_name, "expected an integer");
    const size_t bits = fixed_width(field.type) * 8;
    const bool is_unsigned = field.type == FieldType::kUint16 || field.type == FieldType::kUint32;
    const int64_t low = is_unsigned ? 0 : bits == 64 ? INT64_MIN : -(int64_t{1} << (bits - 1));
    const int64_t high =
        bits == 64 ? INT64_MAX : (int64_t{1} << (is_unsigned ? bits : bits - 1)) - 1;
    if (*found < low || *found > high) {
      fail(field.json_name, fmt::format("{} is not between {} and {}", *found, low, high));
    }
    for (size_t shift = bits; shift > 0; shift -= 8) {
      writer_.write_uint8(static_cast<uint8_t>(static_cast<uint64_t>(*found) >> (shift - 8)));
    }
  }

  void write_text(const Field& field, const JsonValue& value) {
    const auto* text = std::get_if<std::string>(&value.value);
    if (text == nullptr) fail(field.json_name, "expected a string");
    if (field.type == FieldType::kUuid) {
      const Uuid uuid = Uuid::parse(*text);
      writer_.write_int64(static_cast<int64_t>(uuid.most_significant));
      return writer_.write_int64(static_cast<int64_t>(uuid.least_significant));
    }
    if (field.type == FieldType::kString) {
      if ((!flexible_ || field.never_compact) && text->size() > INT16_MAX)
        fail(field.json_name, "over 32767 bytes");
      write_length(field, static_cast<int64_t>(text->size()), false);
      return writer_.write_bytes(as_bytes(*text));
    }
    const auto bytes = base64_decode(*text, Base64::kStandard);
    if (!bytes) fail(field.json_name, "expected base64");
    write_length(field, static_cast<int64_t>(bytes->size()), false);
    writer_.write_bytes(*bytes);
  }

  ByteWriter& writer_;
  const int16_t version_;
  const bool flexible_;
};

}  // namespace

const MessageSchema& require_message(std::string_view name, int16_t version) {
  const MessageSchema* schema = find_message(name);
  if (schema == nullptr) {
    throw KafkaException(
        ErrorCode::kInvalidRequest,
        fmt::format("no message is called {}; expected a name such as ProduceRequest", name));
  }
  if (!schema->versions.contains(version)) {
    throw KafkaException(ErrorCode::kUnsupportedVersion,
                         fmt::format("{} version {}: expected {} to {}", name, version,
                                     schema->versions.low, schema->versions.high));
  }
  return *schema;
}

JsonValue json_decode(const MessageSchema& schema, int16_t version, ByteView body) {
  return node_value(dissect_body(schema, version, body));
}

ByteBuffer json_encode(const MessageSchema& schema, int16_t version, const JsonValue& value) {
  ByteWriter writer;
  JsonEncoder(writer, version, schema.is_flexible(version)).write_struct(*schema.root, value);
  return writer.take();
}

}  // namespace kafkascope::protocol
