// Batches against those that Apache Kafka built: what it reads must be what we read, and back.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "common/crc32c.h"
#include "record/convert.h"
#include "record/memory_records.h"
#include "record/memory_records_builder.h"
#include "support/gzip_lines.h"

namespace kafkascope {
namespace {

using nlohmann::json;

std::vector<json> vectors() {
  std::vector<json> found;
  for (const std::string& line : gzip_lines("vectors/batches.jsonl.gz"))
    found.push_back(json::parse(line));
  EXPECT_GT(found.size(), 100u);
  return found;
}

json hex_or_null(const std::optional<ByteView>& bytes) {
  return bytes ? json(to_hex(*bytes)) : json();
}

json record_to_json(const RecordView& record) {
  json headers = json::array();
  record.headers.for_each([&](const HeaderView& header) {
    headers.push_back({{"key", std::string(header.key)}, {"valueHex", hex_or_null(header.value)}});
  });
  return {{"offset", record.offset},
          {"timestamp", record.timestamp},
          {"sequence", record.sequence},
          {"keyHex", hex_or_null(record.key)},
          {"valueHex", hex_or_null(record.value)},
          {"headers", headers}};
}

void expect_batch(const RecordBatch& batch, const json& expected) {
  if (expected.contains("baseOffset")) {
    EXPECT_EQ(batch.base_offset(), expected["baseOffset"].get<Offset>());
  }
  EXPECT_EQ(batch.last_offset(), expected["lastOffset"].get<Offset>());
  EXPECT_EQ(batch.next_offset(), expected["nextOffset"].get<Offset>());
  EXPECT_EQ(batch.magic(), expected["magic"].get<int>());
  EXPECT_EQ(compression_name(batch.compression()), expected["compression"].get<std::string>());
  EXPECT_EQ(batch.size(), expected["sizeInBytes"].get<size_t>());
  EXPECT_EQ(batch.max_timestamp(), expected["maxTimestamp"].get<TimestampMs>());
  EXPECT_EQ(batch.crc(), expected["crc"].get<uint32_t>());
  EXPECT_TRUE(batch.is_checksum_valid());
  if (batch.magic() >= 2) {
    EXPECT_EQ(batch.producer_id(), expected["producerId"].get<ProducerId>());
    EXPECT_EQ(batch.producer_epoch(), expected["producerEpoch"].get<ProducerEpoch>());
    EXPECT_EQ(batch.base_sequence(), expected["baseSequence"].get<int32_t>());
  }
}

void expect_records(const RecordBatch& batch, const json& expected) {
  RecordIterator records(batch);
  RecordView record;
  for (const json& one : expected) {
    ASSERT_TRUE(records.next(record));
    json expected_record = one;
    for (const char* decoded : {"controlType", "coordinatorEpoch", "control"})
      expected_record.erase(decoded);
    EXPECT_EQ(record_to_json(record), expected_record);
  }
  EXPECT_FALSE(records.next(record));
}

TEST(BatchVectorsTest, ReadAsKafkaReadsThem) {
  for (const json& vector : vectors()) {
    SCOPED_TRACE(vector["id"].dump() + " " + vector["kind"].dump() + " " +
                 vector.value("codec", ""));
    const MemoryRecords records(SharedSlice::of(from_hex(vector["hex"])));
    auto batch = records.begin();
    for (const json& expected : vector["batches"]) {
      ASSERT_TRUE(batch != records.end());
      expect_batch(*batch, expected);
      if (expected.contains("records")) expect_records(*batch, expected["records"]);
      ++batch;
    }
    EXPECT_FALSE(batch != records.end());
    if (testing::Test::HasFailure()) break;
  }
}

MemoryRecordsBuilder::Options options_of(const json& vector) {
  MemoryRecordsBuilder::Options options;
  options.magic = vector["magic"].get<int8_t>();
  options.compression = *parse_compression(vector["codec"].get<std::string>());
  if (vector["timestampType"] == "LogAppendTime") {
    options.timestamp_type = TimestampType::kLogAppendTime;
    options.log_append_time = vector["batches"][0]["maxTimestamp"];
  }
  options.base_offset = vector["baseOffset"];
  options.producer_id = vector["producerId"];
  options.producer_epoch = vector["producerEpoch"];
  options.base_sequence = vector["baseSequence"];
  options.transactional = vector["transactional"];
  options.partition_leader_epoch = vector["partitionLeaderEpoch"];
  return options;
}

std::optional<ByteBuffer> bytes_of(const json& hex) {
  if (hex.is_null()) return std::nullopt;
  return from_hex(hex);
}

ByteBuffer build(const json& vector) {
  MemoryRecordsBuilder builder(options_of(vector));
  for (const json& record : vector["input"]) {
    const auto key = bytes_of(record["keyHex"]);
    const auto value = bytes_of(record["valueHex"]);
    std::vector<std::string> names;
    std::vector<std::optional<ByteBuffer>> values;
    for (const json& header : record["headers"]) {
      names.push_back(header["key"]);
      values.push_back(bytes_of(header["valueHex"]));
    }
    std::vector<HeaderView> headers;
    for (size_t i = 0; i < names.size(); ++i) headers.push_back({names[i], values[i]});
    builder.append_with_offset(record["offset"], record["timestamp"], key, value, headers);
  }
  return builder.close();
}

TEST(BatchVectorsTest, OurBuilderMakesTheSame) {
  int identical = 0;
  for (const json& vector : vectors()) {
    if (vector["kind"] != "data") continue;
    SCOPED_TRACE(vector["id"].dump() + " " + vector["codec"].dump() + " magic " +
                 vector["magic"].dump());
    const ByteBuffer made = build(vector);
    if (vector["codec"] == "none") {
      ASSERT_EQ(to_hex(made), vector["hex"].get<std::string>());
      ++identical;
    }
    const MemoryRecords again(SharedSlice::of(made));
    const MemoryRecords theirs(SharedSlice::of(from_hex(vector["hex"])));
    std::vector<json> ours_read, theirs_read;
    again.for_each_record(
        [&](const RecordBatch&, const RecordView& r) { ours_read.push_back(record_to_json(r)); });
    theirs.for_each_record(
        [&](const RecordBatch&, const RecordView& r) { theirs_read.push_back(record_to_json(r)); });
    ASSERT_EQ(ours_read, theirs_read);
  }
  EXPECT_GT(identical, 20);
}

TEST(Crc32cTest, KnowsTheCheckValue) { EXPECT_EQ(crc32c(as_bytes("123456789")), 0xe3069283u); }

}  // namespace
}  // namespace kafkascope
