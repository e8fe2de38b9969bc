#include "log/producer_state_snapshot.h"

#include "common/byte_reader.h"
#include "common/byte_writer.h"
#include "common/crc32c.h"

namespace kafkascope {
namespace {

constexpr int16_t kVersion = 1;
constexpr size_t kCrcOffset = 2;
constexpr size_t kEntriesOffset = 6;
constexpr size_t kEntrySize = 46;

}  // namespace

ByteBuffer encode_producer_snapshot(const std::vector<ProducerStateEntry>& entries) {
  ByteWriter writer(kEntriesOffset + 4 + entries.size() * kEntrySize);
  writer.write_int16(kVersion);
  writer.write_int32(0);  // checksum, below
  writer.write_int32(static_cast<int32_t>(entries.size()));
  for (const ProducerStateEntry& entry : entries) {
    const BatchMetadata last = entry.empty() ? BatchMetadata{} : entry.batches.back();
    writer.write_int64(entry.producer_id);
    writer.write_int16(entry.producer_epoch);
    writer.write_int32(last.last_seq);
    writer.write_int64(last.last_offset);
    writer.write_int32(last.offset_delta);
    writer.write_int64(entry.last_timestamp);
    writer.write_int32(entry.coordinator_epoch);
    writer.write_int64(entry.current_txn_first_offset.value_or(kNoOffset));
  }
  const uint32_t crc = crc32c(writer.view().subspan(kEntriesOffset));
  writer.put_int32_at(kCrcOffset, static_cast<int32_t>(crc));
  return writer.take();
}

std::vector<ProducerStateEntry> decode_producer_snapshot(ByteView bytes) {
  ByteReader reader(bytes);
  if (reader.read_int16() != kVersion) reader.fail("producer snapshot of a version other than 1");
  const auto crc = static_cast<uint32_t>(reader.read_int32());
  if (crc != crc32c(bytes.subspan(kEntriesOffset))) {
    reader.fail("producer snapshot whose checksum does not match");
  }
  const int32_t count = reader.read_int32();
  if (count < 0 || static_cast<size_t>(count) != reader.remaining() / kEntrySize ||
      reader.remaining() % kEntrySize != 0) {
    reader.fail("producer snapshot whose count does not fit its size");
  }
  std::vector<ProducerStateEntry> entries(static_cast<size_t>(count));
  for (ProducerStateEntry& entry : entries) {
    BatchMetadata last;
    entry.producer_id = reader.read_int64();
    entry.producer_epoch = reader.read_int16();
    last.last_seq = reader.read_int32();
    last.last_offset = reader.read_int64();
    last.offset_delta = reader.read_int32();
    last.timestamp = reader.read_int64();
    entry.last_timestamp = last.timestamp;
    entry.coordinator_epoch = reader.read_int32();
    const Offset txn = reader.read_int64();
    if (txn >= 0) entry.current_txn_first_offset = txn;
    if (last.last_offset >= 0) entry.batches.push_back(last);
  }
  return entries;
}

}  // namespace kafkascope
