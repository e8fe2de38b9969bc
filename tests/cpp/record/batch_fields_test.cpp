// A batch as named byte ranges: no byte without an owner, whatever the bytes are.
#include "record/batch_fields.h"

#include <gtest/gtest.h>

#include "record/memory_records.h"
#include "record/memory_records_builder.h"
#include "support/gzip_lines.h"

#include <nlohmann/json.hpp>

namespace kafkascope {
namespace {

ByteBuffer batch_of(MemoryRecordsBuilder::Options options = {}) {
  MemoryRecordsBuilder builder(options);
  builder.append(1000, as_bytes("JFK"), as_bytes("to Houston"));
  builder.append(1007, std::nullopt, as_bytes("to Miami"));
  return builder.close();
}

/// The fields that own bytes lie side by side, from the first byte to the last.
void expect_all_bytes_owned(const std::vector<BatchField>& fields, size_t size) {
  size_t next = 0;
  for (const BatchField& field : fields) {
    if (field.is_group) continue;
    EXPECT_EQ(field.begin, next) << field.name;
    EXPECT_GE(field.end, field.begin) << field.name;
    next = field.end;
  }
  EXPECT_EQ(next, size);
}

const BatchField& find(const std::vector<BatchField>& fields, const std::string& name) {
  for (const BatchField& field : fields) {
    if (field.name == name) return field;
  }
  throw std::out_of_range(name);
}

TEST(BatchFieldsTest, NamesHeaderAndRecords) {
  const ByteBuffer bytes = batch_of({.base_offset = 42});
  const auto fields = describe_fields(RecordBatch(bytes));
  expect_all_bytes_owned(fields, bytes.size());
  EXPECT_EQ(std::get<int64_t>(find(fields, "base offset").value), 42);
  EXPECT_EQ(std::get<int64_t>(find(fields, "count").value), 2);
  EXPECT_EQ(find(fields, "crc").begin, batch_v2::kCrc);
  EXPECT_EQ(as_text(std::get<ByteView>(find(fields, "key").value)), "JFK");
  EXPECT_EQ(find(fields, "record 0").begin, batch_v2::kHeaderSize);
  EXPECT_EQ(find(fields, "record 1").end, bytes.size());
  EXPECT_EQ(fields.back().name, "header count");
}

TEST(BatchFieldsTest, CompressedRecordsAreOneField) {
  const ByteBuffer bytes = batch_of({.compression = CompressionType::kZstd});
  const auto fields = describe_fields(RecordBatch(bytes));
  expect_all_bytes_owned(fields, bytes.size());
  EXPECT_EQ(fields.back().name, "records");
  EXPECT_EQ(std::get<std::string>(find(fields, "attributes").value), "zstd");
}

TEST(BatchFieldsTest, BatchesOfApacheKafkaHaveNoByteWithoutAnOwner) {
  int seen = 0;
  for (const std::string& line : gzip_lines("vectors/batches.jsonl.gz")) {
    const auto vector = nlohmann::json::parse(line);
    const ByteBuffer bytes = from_hex(vector["hex"].get<std::string>());
    for (const RecordBatch& batch : MemoryRecords(SharedSlice::of(bytes))) {
      const auto fields = describe_fields(batch);
      expect_all_bytes_owned(fields, batch.size());
      EXPECT_TRUE(fields.back().name != "error" || !batch.is_checksum_valid()) << line;
      ++seen;
    }
  }
  EXPECT_GT(seen, 100);
}

TEST(BatchFieldsTest, EveryDamagedByteStillHasAnOwner) {
  const ByteBuffer good = batch_of();
  for (size_t at = batch_v2::kMagic; at < good.size(); ++at) {
    ByteBuffer bad = good;
    bad[at] = static_cast<uint8_t>(bad[at] ^ 0xff);
    expect_all_bytes_owned(describe_fields(RecordBatch(bad)), bad.size());
  }
}

TEST(BatchFieldsTest, ABatchShorterThanItsHeaderIsAnError) {
  ByteBuffer bytes = batch_of();
  bytes.resize(kSmallestBatch);
  const auto fields = describe_fields(RecordBatch(bytes));
  ASSERT_EQ(fields.size(), 1u);
  EXPECT_EQ(fields[0].name, "error");
  EXPECT_EQ(fields[0].end, bytes.size());
}

}  // namespace
}  // namespace kafkascope
