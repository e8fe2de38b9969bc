// Every message at every version against bytes that Apache Kafka encoded.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "common/errors.h"
#include "protocol/dissect.h"
#include "protocol/json.h"
#include "protocol/message_types.h"
#include "protocol/message_writer.h"
#include "support/gzip_lines.h"

namespace kafkascope::protocol {
namespace {

using nlohmann::ordered_json;

JsonValue to_value(const ordered_json& json) {
  if (json.is_null()) return nullptr;
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number_integer()) return json.get<int64_t>();
  if (json.is_number()) return json.get<double>();
  if (json.is_string()) return json.get<std::string>();
  if (json.is_array()) {
    JsonArray array;
    for (const auto& element : json) array.push_back(to_value(element));
    return array;
  }
  JsonObject object;
  for (const auto& [key, value] : json.items()) {
    if (key != "unknownTaggedFields") object.emplace_back(key, to_value(value));
  }
  return object;
}

/// Fields in name order, and numbers of one kind, so that two trees compare by content.
JsonValue normal(JsonValue value) {
  if (auto* array = std::get_if<JsonArray>(&value.value)) {
    for (JsonValue& element : *array) element = normal(std::move(element));
  } else if (auto* object = std::get_if<JsonObject>(&value.value)) {
    for (auto& entry : *object) entry.second = normal(std::move(entry.second));
    std::sort(object->begin(), object->end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
  } else if (const auto* number = std::get_if<int64_t>(&value.value)) {
    return static_cast<double>(*number) == 0 ? JsonValue(int64_t{0}) : value;
  } else if (const auto* real = std::get_if<double>(&value.value)) {
    if (*real == static_cast<double>(static_cast<int64_t>(*real)))
      return static_cast<int64_t>(*real);
  }
  return value;
}

struct Vector {
  std::string name;
  int16_t version;
  JsonValue json;
  ByteBuffer bytes;
  bool unknown_tags;
};

std::vector<Vector> load(const std::string& file) {
  std::vector<Vector> vectors;
  for (const std::string& line : gzip_lines(file)) {
    const auto json = ordered_json::parse(line);
    vectors.push_back({json["name"], json["version"], to_value(json["json"]), from_hex(json["hex"]),
                       json.contains("unknownTaggedFields")});
  }
  return vectors;
}

/// The leaves of a tree, in order, must tile [0, size).
void expect_tiles(const DissectNode& node, size_t& at) {
  if (node.children.empty()) {
    ASSERT_EQ(node.begin, at) << node.name;
    at = node.end;
  }
  for (const DissectNode& child : node.children) expect_tiles(child, at);
}

ByteBuffer through_struct(const MessageSchema& schema, int16_t version, const ByteBuffer& bytes) {
  std::unique_ptr<void, void (*)(void*)> object(schema.make(), schema.destroy);
  decode_into(schema, object.get(), SharedSlice::of(bytes), version);
  MessageWriter writer;
  encode_from(schema, object.get(), writer, version);
  return writer.take_bytes();
}

class VectorsTest : public testing::TestWithParam<const char*> {};

TEST_P(VectorsTest, DecodeToTheirJsonAndEncodeToTheirBytes) {
  const std::vector<Vector> vectors = load(GetParam());
  ASSERT_GT(vectors.size(), 100u);
  for (const Vector& vector : vectors) {
    SCOPED_TRACE(vector.name + " v" + std::to_string(vector.version) + " " + to_hex(vector.bytes));
    const MessageSchema& schema = require_message(vector.name, vector.version);
    ASSERT_EQ(normal(json_decode(schema, vector.version, vector.bytes)), normal(vector.json));
    const DissectNode tree = dissect_body(schema, vector.version, vector.bytes);
    size_t end = 0;
    expect_tiles(tree, end);
    ASSERT_EQ(end, vector.bytes.size());
    const ByteBuffer again = through_struct(schema, vector.version, vector.bytes);
    if (vector.unknown_tags) {
      ASSERT_EQ(normal(json_decode(schema, vector.version, again)), normal(vector.json));
    } else {
      ASSERT_EQ(to_hex(again), to_hex(vector.bytes));
      ASSERT_EQ(to_hex(json_encode(schema, vector.version, vector.json)), to_hex(vector.bytes));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kafka, VectorsTest,
                         testing::Values("vectors/rpc.jsonl.gz", "vectors/records.jsonl.gz"));

TEST(TruncatedVectorsTest, EveryPrefixIsRefused) {
  for (const Vector& vector : load("vectors/rpc.jsonl.gz")) {
    const MessageSchema& schema = require_message(vector.name, vector.version);
    for (size_t size = 0; size < vector.bytes.size(); ++size) {
      const ByteBuffer prefix(vector.bytes.begin(),
                              vector.bytes.begin() + static_cast<ptrdiff_t>(size));
      std::unique_ptr<void, void (*)(void*)> object(schema.make(), schema.destroy);
      ASSERT_THROW(decode_into(schema, object.get(), SharedSlice::of(prefix), vector.version),
                   SerializationException)
          << vector.name << " v" << vector.version << " cut to " << size;
    }
  }
}

}  // namespace
}  // namespace kafkascope::protocol
