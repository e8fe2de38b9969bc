#include "protocol/dissect.h"

#include <fmt/core.h>

#include <algorithm>
#include <functional>

#include "common/base64.h"
#include "common/errors.h"
#include "common/uuid.h"
#include "protocol/request_header.h"
#include "protocol/wire.h"

namespace kafkascope::protocol {
namespace {

std::string_view type_name(FieldType type) {
  constexpr std::string_view kNames[] = {"bool",   "int8",    "int16",   "uint16", "int32",
                                         "uint32", "int64",   "float64", "uuid",   "string",
                                         "bytes",  "records", "struct"};
  return kNames[static_cast<size_t>(type)];
}

/// Walks a body by its table and writes down every byte's name. The tree under construction stays
/// readable when the walk throws: that is what an error is shown in.
class Dissector {
 public:
  Dissector(ByteView body, size_t base, int16_t version, bool flexible)
      : reader_(body), base_(base), version_(version), flexible_(flexible) {}

  void walk(const StructSchema& structure, DissectNode& node) {
    read_struct(structure, node);
    if (!reader_.at_end()) reader_.fail("bytes left over");
  }
  size_t position() const { return base_ + reader_.position(); }

 private:
  void read_struct(const StructSchema& structure, DissectNode& node) {
    for (const Field& field : structure.fields) {
      if (field.versions.contains(version_) && !field.is_tagged(version_))
        read_field(field, node, false);
    }
    if (flexible_) read_tags(structure, node);
    close(node);
  }

  void read_tags(const StructSchema& structure, DissectNode& parent) {
    DissectNode& tags = open(parent, "tags", "tag section");
    size_t count = 0;
    leaf(tags, "count", "varuint",
         [&] { return JsonValue(static_cast<int64_t>(count = read_tag_count(reader_))); });
    int64_t previous = -1;
    for (size_t i = 0; i < count; ++i) {
      TagHeader header{};
      DissectNode& one = open(tags, fmt::format("[{}]", i), "tag");
      leaf(one, "tag and size", "varuint", [&] {
        header = read_tag_header(reader_, previous);
        return JsonValue(static_cast<int64_t>(header.tag));
      });
      previous = header.tag;
      const size_t end = reader_.position() + header.size;
      const Field* field = find_tag(structure, header.tag);
      if (field != nullptr) {
        read_field(*field, one, true);
        if (reader_.position() != end) reader_.fail("tagged field does not fill its size");
      } else if (header.size > 0) {
        leaf(one, "unknown", "bytes", [&] { return bytes_value(reader_.read_bytes(header.size)); });
      }
      close(one);
    }
    close(tags);
  }

  const Field* find_tag(const StructSchema& structure, uint32_t tag) const {
    for (const Field& field : structure.fields) {
      if (field.is_tagged(version_) && static_cast<uint32_t>(field.tag) == tag) return &field;
    }
    return nullptr;
  }

  void read_field(const Field& field, DissectNode& parent, bool tagged) {
    const bool nullable = field.nullable.contains(version_);
    DissectNode& node = open(parent, field.json_name, std::string(type_name(field.type)));
    node.is_field = true;
    if (field.array) {
      read_array(field, node, nullable);
    } else if (field.type == FieldType::kStruct) {
      node.type = field.structure->name;
      bool null = false;
      if (nullable) {
        leaf(node, "present", tagged ? "varuint" : "int8", [&] {
          null = tagged ? reader_.read_unsigned_varint() == 0 : reader_.read_int8() < 0;
          return JsonValue(!null);
        });
      }
      if (!null) read_struct(*field.structure, node), node.value = JsonObject();
    } else {
      read_value(field, node, nullable, flexible_ && !field.never_compact);
    }
    close(node);
  }

  void read_array(const Field& field, DissectNode& node, bool nullable) {
    std::optional<size_t> count;
    leaf(node, "count", flexible_ ? "varuint" : "int32", [&] {
      count = read_array_count(reader_, flexible_, smallest_encoding(field, version_, flexible_));
      return count ? JsonValue(static_cast<int64_t>(*count)) : JsonValue();
    });
    node.type = fmt::format(
        "array of {}", field.structure != nullptr ? field.structure->name : type_name(field.type));
    if (!count) {
      if (!nullable) reader_.fail("null where an array must be");
      return;
    }
    node.value = JsonArray();
    for (size_t i = 0; i < *count; ++i) {
      DissectNode& element = open(node, fmt::format("[{}]", i), std::string(type_name(field.type)));
      element.is_field = true;
      if (field.type == FieldType::kStruct) {
        element.type = field.structure->name;
        element.value = JsonObject();
        read_struct(*field.structure, element);
      } else {
        read_value(field, element, false, flexible_);
      }
      close(element);
    }
  }

  void read_value(const Field& field, DissectNode& node, bool nullable, bool compact) {
    if (fixed_width(field.type) > 0) {
      node.value = read_fixed(field.type);
      return;
    }
    std::optional<size_t> length;
    const bool text = field.type == FieldType::kString;
    leaf(node, "length",
         compact ? "varuint"
         : text  ? "int16"
                 : "int32",
         [&] {
           length =
               text ? read_string_length(reader_, compact) : read_bytes_length(reader_, compact);
           return length ? JsonValue(static_cast<int64_t>(*length)) : JsonValue();
         });
    if (!length) {
      if (!nullable) reader_.fail("null where a value must be");
      return;
    }
    node.value = std::string();
    if (*length == 0) return;
    leaf(node, "content", std::string(type_name(field.type)), [&] {
      const ByteView bytes = reader_.read_bytes(*length);
      if (text) check_utf8(reader_, bytes);
      node.value = text ? JsonValue(to_string(bytes)) : bytes_value(bytes);
      return node.value;
    });
  }

  JsonValue read_fixed(FieldType type) {
    switch (type) {
      case FieldType::kBool:
        return reader_.read_int8() != 0;
      case FieldType::kInt8:
        return int64_t{reader_.read_int8()};
      case FieldType::kInt16:
        return int64_t{reader_.read_int16()};
      case FieldType::kUint16:
        return int64_t{reader_.read_uint16()};
      case FieldType::kInt32:
        return int64_t{reader_.read_int32()};
      case FieldType::kUint32:
        return int64_t{reader_.read_uint32()};
      case FieldType::kInt64:
        return reader_.read_int64();
      case FieldType::kFloat64:
        return reader_.read_float64();
      default: {
        const uint64_t high = reader_.read_uint64();
        return Uuid{high, reader_.read_uint64()}.to_string();
      }
    }
  }

  static JsonValue bytes_value(ByteView bytes) { return base64_encode(bytes, Base64::kStandard); }

  DissectNode& open(DissectNode& parent, std::string name, std::string type) {
    parent.children.push_back(
        {std::move(name), std::move(type), position(), position(), {}, false, {}});
    return parent.children.back();
  }
  void close(DissectNode& node) { node.end = position(); }

  template <typename Read>
  void leaf(DissectNode& parent, std::string name, std::string type, Read read) {
    DissectNode made{std::move(name), std::move(type), position(), position(), {}, false, {}};
    made.value = read();
    made.end = position();
    parent.children.push_back(std::move(made));
  }

  ByteReader reader_;
  const size_t base_;
  const int16_t version_;
  const bool flexible_;
};

void add_error(DissectNode& root, const std::string& message, size_t end) {
  size_t begin = root.begin;
  const std::function<void(const DissectNode&)> last_leaf = [&](const DissectNode& node) {
    if (node.children.empty()) begin = std::max(begin, node.end);
    for (const DissectNode& child : node.children) last_leaf(child);
  };
  last_leaf(root);
  root.children.push_back({"error", "error", begin, end, JsonValue(message), false, {}});
  root.end = end;
}

void append_body(DissectNode& parent, const MessageSchema& schema, int16_t version, ByteView body,
                 size_t base) {
  DissectNode node{
      schema.name, fmt::format("version {}", version), base, base + body.size(), JsonObject(), true,
      {}};
  Dissector dissector(body, base, version, schema.is_flexible(version));
  try {
    dissector.walk(*schema.root, node);
  } catch (const SerializationException& e) {
    add_error(node, e.what(), base + body.size());
  }
  parent.children.push_back(std::move(node));
}

void append_leaf(DissectNode& parent, const char* name, const char* type, size_t begin, size_t end,
                 JsonValue value) {
  parent.children.push_back({name, type, begin, end, std::move(value), false, {}});
}

void dissect_request(DissectNode& root, ByteView frame, size_t base) {
  const SharedSlice slice(nullptr, frame);
  const ParsedHeader parsed = parse_request_header(slice);
  const int16_t version = parsed.header.request_api_version;
  const MessageSchema* header = find_message("RequestHeader");
  const MessageSchema* body = find_message(MessageKind::kRequest, parsed.header.request_api_key);
  KS_CHECK(header != nullptr && body != nullptr, "an API without its messages");
  append_body(root, *header, parsed.api->request_header_version(version),
              frame.subspan(0, parsed.body_offset), base);
  append_body(root, *body, version, frame.subspan(parsed.body_offset), base + parsed.body_offset);
}

void dissect_response(DissectNode& root, ByteView frame, size_t base, const MessageSchema& schema,
                      int16_t version) {
  const ApiInfo& api = api_info(static_cast<ApiKey>(schema.api_key));
  const ParsedResponse parsed = parse_response(SharedSlice(nullptr, frame), api.key, version);
  const size_t header_size = frame.size() - parsed.body.size();
  append_body(root, *find_message("ResponseHeader"), api.response_header_version(version),
              frame.subspan(0, header_size), base);
  append_body(root, schema, version, frame.subspan(header_size), base + header_size);
}

}  // namespace

DissectNode dissect_body(const MessageSchema& schema, int16_t version, ByteView body) {
  DissectNode holder;
  append_body(holder, schema, version, body, 0);
  return std::move(holder.children.front());
}

DissectNode dissect_frame(ByteView frame, const MessageSchema* response, int16_t version) {
  DissectNode root{"frame", fmt::format("{} bytes", frame.size()), 0, frame.size(), {}, false, {}};
  size_t base = 0;
  if (frame.size() >= 4) {
    const int32_t length = ByteReader(frame).read_int32();
    if (length >= 0 && static_cast<size_t>(length) == frame.size() - 4) {
      append_leaf(root, "length", "int32", 0, 4, int64_t{length});
      base = 4;
    }
  }
  try {
    if (response != nullptr) {
      dissect_response(root, frame.subspan(base), base, *response, version);
    } else {
      dissect_request(root, frame.subspan(base), base);
    }
  } catch (const KafkaException& e) {
    add_error(root, e.what(), frame.size());
  }
  return root;
}

namespace {

struct ValueText {
  std::string operator()(std::nullptr_t) const { return "null"; }
  std::string operator()(bool v) const { return v ? "true" : "false"; }
  std::string operator()(int64_t v) const { return std::to_string(v); }
  std::string operator()(double v) const { return fmt::format("{}", v); }
  std::string operator()(const std::string& v) const {
    return v.size() > 60 ? v.substr(0, 60) + "..." : v;
  }
  std::string operator()(const JsonArray&) const { return ""; }
  std::string operator()(const JsonObject&) const { return ""; }
};

void append_text(const DissectNode& node, int depth, std::string& out) {
  out += fmt::format("{:>6}..{:<6} {:{}}{}: {} {}\n", node.begin, node.end, "", depth * 2,
                     node.name, node.type, std::visit(ValueText{}, node.value.value));
  for (const DissectNode& child : node.children) append_text(child, depth + 1, out);
}

}  // namespace

std::string to_text(const DissectNode& node) {
  std::string out;
  append_text(node, 0, out);
  return out;
}

}  // namespace kafkascope::protocol
