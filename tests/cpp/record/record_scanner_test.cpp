// RecordScanner sees what RecordIterator sees, in little memory.
#include "record/record_scanner.h"

#include <gtest/gtest.h>
#include <zstd.h>

#include <fstream>
#include <random>
#include <string>

#include "common/errors.h"
#include "common/varint.h"
#include "record/compression.h"
#include "record/memory_records_builder.h"
#include "record/record_iterator.h"

namespace kafkascope {
namespace {

class RecordScannerTest : public testing::TestWithParam<CompressionType> {
 protected:
  /// A batch whose header says `count` records, around these decompressed bytes.
  ByteBuffer batch_of(ByteView plain, int32_t count) const {
    MemoryRecordsBuilder builder({.base_offset = 100});
    for (int32_t i = 0; i < count; ++i) builder.append(1000 + i, std::nullopt, std::nullopt);
    const ByteBuffer whole = builder.close();
    ByteBuffer batch(whole.begin(), whole.begin() + batch_v2::kHeaderSize);
    batch[22] = static_cast<uint8_t>(GetParam());  // attributes
    compress(GetParam(), default_compression_level(GetParam()), 2, plain, batch);
    return batch;
  }
};

class Dice {
 public:
  explicit Dice(uint32_t seed) : engine_(seed) {}
  size_t below(size_t bound) { return engine_() % bound; }
  bool chance(double p) { return static_cast<double>(engine_()) / 4294967296.0 < p; }

 private:
  std::mt19937 engine_;
};

struct Outcome {
  std::vector<std::tuple<Offset, TimestampMs, bool>> records;
  std::string failure;
  bool operator==(const Outcome& other) const {
    return records == other.records && failure.empty() == other.failure.empty();
  }
};

Outcome scan(ByteView bytes) {
  Outcome outcome;
  try {
    RecordScanner scanner{RecordBatch(bytes)};
    for (RecordOutline record; scanner.next(record);)
      outcome.records.emplace_back(record.offset, record.timestamp, record.has_key);
  } catch (const KafkaException& e) {
    outcome.failure = e.what();
  }
  return outcome;
}

Outcome iterate(ByteView bytes) {
  Outcome outcome;
  try {
    RecordIterator iterator{RecordBatch(bytes)};
    for (RecordView record; iterator.next(record);) {
      record.headers.for_each([](const HeaderView&) {});
      outcome.records.emplace_back(record.offset, record.timestamp, record.key.has_value());
    }
  } catch (const KafkaException& e) {
    outcome.failure = e.what();
  }
  return outcome;
}

/// The plain bytes of some records: headers, absent keys and values, some larger than the window.
ByteBuffer some_records(Dice& random, int32_t count) {
  MemoryRecordsBuilder builder({});
  for (int32_t i = 0; i < count; ++i) {
    const std::string value(random.below(random.chance(0.1) ? 200'000 : 300), 'v');
    const std::string key(random.below(20), 'k');
    std::vector<HeaderView> headers;
    for (size_t h = random.below(4); h > 0; --h)
      headers.push_back(
          {"name", random.chance(0.3) ? std::nullopt : std::optional(as_bytes(value))});
    builder.append(1000 + i, random.chance(0.3) ? std::nullopt : std::optional(as_bytes(key)),
                   random.chance(0.2) ? std::nullopt : std::optional(as_bytes(value)), headers);
  }
  const ByteBuffer whole = builder.close();
  return {whole.begin() + batch_v2::kHeaderSize, whole.end()};
}

TEST_P(RecordScannerTest, SeesWhatTheIteratorSees) {
  Dice random(1);
  for (int i = 0; i < 50; ++i) {
    const auto count = static_cast<int32_t>(1 + random.below(40));
    const ByteBuffer batch = batch_of(some_records(random, count), count);
    const Outcome seen = scan(batch);
    EXPECT_EQ(seen.failure, "");
    EXPECT_EQ(seen.records.size(), static_cast<size_t>(count));
    EXPECT_EQ(seen, iterate(batch));
  }
}

TEST_P(RecordScannerTest, RefusesWhatTheIteratorRefuses) {
  Dice random(2);
  int refused = 0;
  for (int i = 0; i < 2000; ++i) {
    const auto count = static_cast<int32_t>(1 + random.below(3));
    ByteBuffer plain = some_records(random, count);
    plain.resize(std::min<size_t>(plain.size(), 500));  // most are cut in the middle
    plain[random.below(plain.size())] = static_cast<uint8_t>(random.below(256));
    const ByteBuffer batch = batch_of(plain, count);
    const Outcome expected = iterate(batch);
    refused += expected.failure.empty() ? 0 : 1;
    const Outcome seen = scan(batch);
    EXPECT_EQ(seen, expected) << seen.failure << " | " << expected.failure;
  }
  EXPECT_GT(refused, 500);
}

int64_t peak_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stoll(line.substr(6));
  }
  return 0;
}

/// One record whose value is so many zeros.
ByteBuffer zeros(size_t size) {
  const auto varint = [](ByteBuffer& out, int64_t value) {
    uint8_t bytes[10];
    out.insert(out.end(), bytes, put_unsigned_varint(bytes, zigzag_encode(value)));
  };
  ByteBuffer body = {0, 0, 0, 1};  // attributes, deltas, no key
  varint(body, static_cast<int64_t>(size));
  body.resize(body.size() + size);
  varint(body, 0);  // headers
  ByteBuffer record;
  varint(record, static_cast<int64_t>(body.size()));
  record.insert(record.end(), body.begin(), body.end());
  return record;
}

TEST_P(RecordScannerTest, ABombTakesLittleMemory) {
  for (const size_t size : {size_t{100} << 20, size_t{200} << 20}) {
    const ByteBuffer batch = batch_of(zeros(size), 1);
    std::ofstream("/proc/self/clear_refs") << "5";  // the peak begins anew
    const int64_t before = peak_kib();
    const Outcome outcome = scan(batch);
    if (size < kMaxDecompressedSize) {
      EXPECT_EQ(outcome.records.size(), 1u);
    } else {
      EXPECT_NE(outcome.failure.find("decompresses to more than"), std::string::npos);
    }
    EXPECT_LT(peak_kib() - before, 16 * 1024) << batch.size() << " bytes expand to " << size;
  }
}

/// The sender declares the window; what it may fill is bounded.
TEST(ZstdWindowTest, ALargeOneIsRefusedOnceItFills) {
  const auto compressed = [](size_t size) {
    const ByteBuffer plain(size);
    const std::unique_ptr<ZSTD_CCtx, size_t (*)(ZSTD_CCtx*)> context(ZSTD_createCCtx(),
                                                                     ZSTD_freeCCtx);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_windowLog, 27);
    ByteBuffer out(ZSTD_compressBound(size));
    ZSTD_inBuffer in{plain.data(), 1, 0};
    ZSTD_outBuffer into{out.data(), out.size(), 0};
    // Not all at once: zstd makes the window fit a size that it knows.
    ZSTD_compressStream2(context.get(), &into, &in, ZSTD_e_continue);
    in.size = size;
    while (ZSTD_compressStream2(context.get(), &into, &in, ZSTD_e_end) != 0) {
    }
    out.resize(into.pos);
    return out;
  };
  EXPECT_EQ(decompress(CompressionType::kZstd, compressed(8 << 20)).size(), 8u << 20);
  EXPECT_THROW(decompress(CompressionType::kZstd, compressed(9 << 20)), KafkaException);
}

/// Declares 22 MB in a megabyte: refused at the first broken byte, before memory was touched.
TEST(SnappyBlockTest, JunkTakesLittleMemory) {
  ByteBuffer junk = {0x80, 0xda, 0xc4, 0x09};  // 20,000,000 as a varint
  junk.resize(1'000'000, 0xff);
  std::ofstream("/proc/self/clear_refs") << "5";
  const int64_t before = peak_kib();
  const auto decompressor = make_decompressor(CompressionType::kSnappy, junk);
  ByteBuffer into(1000);
  EXPECT_THROW(decompressor->read(into), KafkaException);
  EXPECT_LT(peak_kib() - before, 4096);
}

INSTANTIATE_TEST_SUITE_P(Codecs, RecordScannerTest,
                         testing::Values(CompressionType::kGzip, CompressionType::kSnappy,
                                         CompressionType::kLz4, CompressionType::kZstd),
                         [](const auto& info) {
                           return std::string(compression_name(info.param));
                         });

}  // namespace
}  // namespace kafkascope
