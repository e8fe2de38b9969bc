#include "log/log_reader.h"

#include <algorithm>

#include "common/byte_reader.h"
#include "log/checkpoint/leader_epoch_checkpoint_file.h"
#include "log/checkpoint/offset_checkpoint_file.h"
#include "log/file_records.h"
#include "log/log.h"
#include "log/log_file_names.h"
#include "log/log_segment.h"
#include "runtime/file_system.h"

namespace kafkascope {
namespace {

BatchDescription describe(const RecordBatch& batch, SegmentPosition position, int32_t size) {
  return {position,
          size,
          batch.magic(),
          batch.base_offset(),
          batch.last_offset(),
          batch.max_timestamp(),
          batch.compression(),
          batch.is_transactional(),
          batch.is_control()};
}

void add_batches(FileBatchReader reader, SegmentDescription& segment) {
  try {
    while (const std::optional<FileBatch> found = reader.next()) {
      const auto [position, size, header] = *found;
      // The first offset of an old wrapper stands inside it.
      const bool whole = header.magic() < 2 && header.compression() != CompressionType::kNone;
      segment.batches.push_back(describe(whole ? reader.load() : header, position, size));
    }
    if (reader.position() < segment.size_bytes) segment.problem = "the last batch is cut off";
  } catch (const KafkaException& e) {
    segment.problem = e.what();
  }
}

/// Calls fn(reader) for each entry of an index file; zeros follow the last one while it is written.
template <typename Function>
void for_each_entry(FileSystem& files, const std::string& path, size_t size, Function fn) {
  if (!files.exists(path)) return;
  const ByteBuffer bytes = read_file(files, path);
  ByteReader reader(bytes);
  while (reader.remaining() >= size) {
    const ByteView entry = reader.read_bytes(size);
    if (std::all_of(entry.begin(), entry.end(), [](uint8_t byte) { return byte == 0; })) return;
    ByteReader fields(entry);
    fn(fields);
  }
}

SegmentDescription read_segment(FileSystem& files, const std::string& dir, Offset base) {
  SegmentDescription segment;
  segment.base_offset = base;
  segment.next_offset = base;
  segment.path = log_file_path(dir, base, kLogSuffix);
  const std::unique_ptr<File> file = files.open(segment.path, OpenMode::kRead);
  segment.size_bytes = static_cast<int32_t>(std::min<uint64_t>(file->size(), INT32_MAX));
  add_batches(FileBatchReader(*file, 0, segment.size_bytes), segment);
  for (const BatchDescription& batch : segment.batches) {
    segment.next_offset = wrapping_add(batch.last_offset, 1);
    segment.largest_timestamp = std::max(segment.largest_timestamp, batch.max_timestamp);
  }
  for_each_entry(files, log_file_path(dir, base, kIndexSuffix), OffsetIndex::kEntrySize,
                 [&](ByteReader& entry) {
                   const Offset offset = wrapping_add(base, entry.read_int32());
                   segment.offset_index.push_back({offset, entry.read_int32()});
                 });
  for_each_entry(files, log_file_path(dir, base, kTimeIndexSuffix), TimeIndex::kEntrySize,
                 [&](ByteReader& entry) {
                   const TimestampMs timestamp = entry.read_int64();
                   const Offset offset = wrapping_add(base, entry.read_int32());
                   segment.time_index.push_back({timestamp, offset});
                 });
  for_each_entry(files, log_file_path(dir, base, kTxnIndexSuffix), AbortedTxn::kSize,
                 [&](ByteReader&) { ++segment.aborted_transactions; });
  return segment;
}

Offset checkpointed(FileSystem& files, const std::string& dir, const char* file,
                    const TopicPartition& of, Offset otherwise) {
  const PartitionOffsets offsets = OffsetCheckpointFile(files, parent_path(dir), file).read();
  const auto found = offsets.find(of);
  return found == offsets.end() ? otherwise : found->second;
}

}  // namespace

LogDescription describe_with_batches(const Log& log) {
  LogDescription description = log.describe();
  const auto segments = log.segments();
  for (SegmentDescription& facts : description.segments) {
    for (const auto& segment : segments) {
      if (segment->base_offset() != facts.base_offset) continue;
      facts.size_bytes = segment->size();
      add_batches(segment->records().batches(0), facts);
    }
  }
  return description;
}

LogDescription read_log_directory(FileSystem& files, const std::string& dir) {
  LogDescription log;
  log.dir = dir;
  log.partition = parse_topic_partition_name(file_name_of(dir)).value_or(TopicPartition{dir, 0});
  for (const std::string& name : files.list(dir)) {
    if (const std::optional<Offset> base = offset_of_file_name(name, kLogSuffix))
      log.segments.push_back(read_segment(files, dir, *base));
  }
  if (log.segments.empty())
    throw KafkaStorageException(dir + " holds no segment: expected files such as " +
                                file_name_of(log_file_path(dir, 0, kLogSuffix)));
  log.segments.back().active = true;
  for (const SegmentDescription& segment : log.segments) log.size_bytes += segment.size_bytes;
  log.log_start_offset = checkpointed(files, dir, kLogStartOffsetCheckpoint, log.partition,
                                      log.segments.front().base_offset);
  log.log_end_offset = log.segments.back().next_offset;
  log.high_watermark =
      checkpointed(files, dir, kReplicationOffsetCheckpoint, log.partition, kNoOffset);
  log.recovery_point = checkpointed(files, dir, kRecoveryPointCheckpoint, log.partition, kNoOffset);
  log.last_stable_offset = kNoOffset;
  log.leader_epochs = LeaderEpochCheckpointFile(files, dir).read();
  return log;
}

}  // namespace kafkascope
