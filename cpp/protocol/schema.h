// The tables by which the codec walks a message: made by the generator, one row a field, and the
// same for all uses (structs, JSON, dissection).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace kafkascope::protocol {

enum class FieldType : uint8_t {
  kBool,
  kInt8,
  kInt16,
  kUint16,
  kInt32,
  kUint32,
  kInt64,
  kFloat64,
  kUuid,
  kString,
  kBytes,
  kRecords,
  kStruct,
};

enum class MessageKind : uint8_t { kRequest, kResponse, kHeader, kData, kMetadata };

/// Inclusive; empty when low > high.
struct VersionRange {
  int16_t low;
  int16_t high;
  constexpr bool contains(int16_t version) const { return version >= low && version <= high; }
  constexpr bool empty() const { return low > high; }
};

/// Reaches into a vector or optional member without knowing its type.
struct Container {
  bool (*present)(const void*);       // false: the optional is null
  void (*reset)(void*);               // makes it null
  void* (*make)(void*);               // makes it present and empty; the value inside
  const void* (*value)(const void*);  // the value inside
  size_t (*size)(const void*);        // arrays: number of elements
  void* (*append)(void*);             // arrays: adds an element, returns it
  const void* (*element)(const void*, size_t);
  size_t element_bytes;  // arrays: memory of one element
};

struct StructSchema;

struct Field {
  const char* name;       // "TopicData"
  const char* json_name;  // "topicData"
  FieldType type;         // of the elements, for an array
  bool array;
  bool optional;  // the member is a std::optional
  bool default_null;
  bool ignorable;
  bool never_compact;  // RequestHeader.ClientId keeps its int16 length in flexible versions
  VersionRange versions;
  VersionRange nullable;
  VersionRange tagged;
  int16_t tag;
  uint32_t offset;  // of the member in its struct
  int64_t default_number;
  const StructSchema* structure;
  const Container* container;

  bool is_tagged(int16_t version) const { return tagged.contains(version); }
};

struct StructSchema {
  const char* name;
  std::span<const Field> fields;
};

struct MessageSchema {
  const char* name;
  MessageKind kind;
  int16_t api_key;
  VersionRange versions;
  int16_t flexible_since;
  const StructSchema* root;
  void* (*make)();  // a new struct of the message's type, for walks over all messages
  void (*destroy)(void*);

  bool is_flexible(int16_t version) const { return version >= flexible_since; }
};

/// Sorted by name.
std::span<const MessageSchema* const> all_messages();
/// Null when there is no such message.
const MessageSchema* find_message(std::string_view name);
/// The request or response of an API key; null when there is none.
const MessageSchema* find_message(MessageKind kind, int16_t api_key);

template <typename T>
struct ContainerOf {
  using Value = T;
  static constexpr bool kOptional = false;
};
template <typename T>
struct ContainerOf<std::optional<T>> {
  using Value = T;
  static constexpr bool kOptional = true;
};

template <typename T>
struct ElementOf {
  static constexpr bool kArray = false;
};
template <typename T>
struct ElementOf<std::vector<T>> {
  using Element = T;
  static constexpr bool kArray =
      !std::is_same_v<T, uint8_t>;  // ByteBuffer is a value, not an array
};

/// The accessors of one member type; one instance a type, shared by all fields that have it.
template <typename Member>
constexpr Container make_container() {
  using Value = typename ContainerOf<Member>::Value;
  Container container{};
  if constexpr (ContainerOf<Member>::kOptional) {
    container.present = [](const void* m) { return static_cast<const Member*>(m)->has_value(); };
    container.reset = [](void* m) { static_cast<Member*>(m)->reset(); };
    container.make = [](void* m) -> void* {
      // Not emplace(): clang takes a nested struct with defaults for not constructible.
      return &static_cast<Member*>(m)->emplace(typename Member::value_type{});
    };
    container.value = [](const void* m) -> const void* { return &**static_cast<const Member*>(m); };
  } else {
    container.make = [](void* m) { return m; };
    container.value = [](const void* m) { return m; };
  }
  if constexpr (ElementOf<Value>::kArray) {
    container.size = [](const void* v) { return static_cast<const Value*>(v)->size(); };
    container.append = [](void* v) -> void* { return &static_cast<Value*>(v)->emplace_back(); };
    container.element = [](const void* v, size_t i) -> const void* {
      return &(*static_cast<const Value*>(v))[i];
    };
    container.element_bytes = sizeof(typename ElementOf<Value>::Element);
  }
  return container;
}

template <typename Member>
inline constexpr Container kContainer = make_container<Member>();

}  // namespace kafkascope::protocol
