#include "log/cleaner/cleaner.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "common/logging.h"
#include "log/log_file_names.h"
#include "log/log_segment.h"
#include "log/producer_state_entry.h"
#include "runtime/trace.h"

namespace kafkascope {
namespace {

size_t io_chunk(const CleanerConfig& config) {
  return static_cast<size_t>(std::max(config.io_buffer_size / config.num_threads / 2, 4096));
}

std::map<ProducerId, LastRecord> last_records_of_active_producers(const Log& log) {
  std::map<ProducerId, LastRecord> last;
  for (const ProducerStateEntry& entry : log.active_producers())
    last[entry.producer_id] = {entry.last_data_offset(), entry.producer_epoch};
  return last;
}

/// A new segment beside the old ones, without what an earlier try may have left.
std::shared_ptr<LogSegment> create_cleaned_segment(Node& node, const Log& log, Offset base) {
  for (const char* suffix : {kLogSuffix, kIndexSuffix, kTimeIndexSuffix, kTxnIndexSuffix})
    node.files().remove(log_file_path(log.dir(), base, suffix) + kCleanedSuffix);
  return std::make_shared<LogSegment>(node, log.dir(), base, *log.config(), 0, true,
                                      kCleanedSuffix);
}

}  // namespace

Cleaner::Cleaner(Node& node, const CleanerConfig& config, Throttler& throttler,
                 CheckDone check_done)
    : node_(node),
      config_(config),
      throttler_(throttler),
      check_done_(std::move(check_done)),
      seeds_(node.random().stream("offset-map-seeds")) {}

/// As large as Kafka's would be, but not larger than the dirty section can fill.
SkimpyOffsetMap Cleaner::make_map(const LogToClean& cleanable) {
  const size_t most = SkimpyOffsetMap::slots_in(config_.dedupe_buffer_size / config_.num_threads);
  const auto keys = static_cast<double>(
      cleanable.first_uncleanable_offset -
      std::min(cleanable.first_dirty_offset, cleanable.first_uncleanable_offset));
  const double needed = std::ceil((keys + 1) / config_.dedupe_buffer_load_factor);
  const size_t slots = needed < static_cast<double>(most) ? static_cast<size_t>(needed) : most;
  return SkimpyOffsetMap(slots, seeds_.next());
}

Cleaner::Result Cleaner::clean(const LogToClean& cleanable) {
  Log& log = *cleanable.log;
  const TimestampMs now = node_.clock().wall_ms();
  CleanerStats stats;
  stats.partition = log.topic_partition();
  stats.from = cleanable.first_dirty_offset;
  stats.start_ms = now;
  SkimpyOffsetMap map = make_map(cleanable);
  build_offset_map(cleanable, map, stats);
  stats.map_complete_ms = node_.clock().wall_ms();
  const Offset end = stats.to = map.latest_offset() + 1;

  const auto config = log.config();
  const Segments clean = log.segments_between(0, cleanable.first_dirty_offset);
  const TimestampMs legacy_delete_horizon =
      clean.empty() ? 0 : clean.back()->last_modified() - config->delete_retention_ms;
  const auto last_records = last_records_of_active_producers(log);
  CleanedTransactionMetadata transactions;
  for (const Segments& group :
       group_segments_by_size(log.segments_between(0, end), config->segment_size,
                              config->max_index_size, cleanable.first_uncleanable_offset)) {
    clean_segments(log, group, {map, now, config->delete_retention_ms, true, last_records},
                   legacy_delete_horizon, transactions, stats);
  }
  stats.buffer_utilization = map.utilization();
  stats.collision_rate = map.collision_rate();
  stats.end_ms = node_.clock().wall_ms();
  KS_TRACE(node_, "LogCleaned", {"partition", stats.partition.to_string()}, {"from", stats.from},
           {"to", end}, {"bytes_read", stats.bytes_read}, {"bytes_written", stats.bytes_written});
  return {end, stats};
}

template <typename Function>
void Cleaner::for_each_batch(const Log& log, const LogSegment& segment, SegmentPosition from,
                             Function fn) {
  const size_t chunk = io_chunk(config_);
  FileBatchReader reader = segment.records().batches(from, chunk);
  size_t since_check = chunk;
  while (const auto found = reader.next()) {
    if (since_check >= chunk) {
      check_done_(log.topic_partition());
      throttler_.maybe_throttle(static_cast<int64_t>(since_check));
      since_check = 0;
    }
    since_check += static_cast<size_t>(found->size);
    const RecordBatch batch = reader.load();
    // What is rebuilt gets a new checksum: damage must not get a valid one.
    if (!batch.is_checksum_valid()) {
      throw KafkaException(ErrorCode::kCorruptMessage,
                           fmt::format("{}: the checksum of the batch at position {} is wrong",
                                       segment.path(), found->position));
    }
    if (!fn(batch)) return;
  }
  if (reader.position() == segment.size()) return;
  throw KafkaException(ErrorCode::kCorruptMessage, segment.path() + " ends within a batch");
}

void Cleaner::build_offset_map(const LogToClean& cleanable, SkimpyOffsetMap& map,
                               CleanerStats& stats) {
  const Log& log = *cleanable.log;
  const Offset from = cleanable.first_dirty_offset, to = cleanable.first_uncleanable_offset;
  CleanedTransactionMetadata transactions;
  transactions.add_aborted_transactions(log.collect_aborted_transactions(from, to));
  const Segments dirty = log.segments_between(from, to);
  map.update_latest_offset(from - 1);
  for (size_t i = 0; i < dirty.size(); ++i) {
    if (!build_offset_map_for_segment(log, *dirty[i], from, transactions, map, stats)) break;
    // Offsets may be missing at a segment's end.
    map.update_latest_offset((i + 1 < dirty.size() ? dirty[i + 1]->base_offset() : to) - 1);
  }
  if (map.latest_offset() >= from || dirty.empty()) return;
  throw KafkaException(
      ErrorCode::kCorruptMessage,
      fmt::format("{}: one batch has more keys than the offset map's {} slots: raise "
                  "log.cleaner.dedupe.buffer.size",
                  log.topic_partition().to_string(), map.slots()));
}

bool Cleaner::build_offset_map_for_segment(const Log& log, const LogSegment& segment, Offset from,
                                           CleanedTransactionMetadata& transactions,
                                           SkimpyOffsetMap& map, CleanerStats& stats) {
  const SegmentPosition start =
      std::clamp(segment.offset_index().lookup(from).position, 0, segment.size());
  bool room = true;
  for_each_batch(log, segment, start, [&](const RecordBatch& batch) {
    const bool discard = transactions.may_discard(batch);
    if (batch.is_control() || discard) {
      stats.map_messages_read += std::max(batch.count(), 1);
    } else {
      // latest_offset stays that of the last batch that is in whole.
      const Offset before = map.latest_offset();
      room = put_keys(batch, from, map, stats);
      if (!room) map.update_latest_offset(before);
    }
    if (room && batch.last_offset() >= from) map.update_latest_offset(batch.last_offset());
    stats.map_bytes_read += static_cast<int64_t>(batch.size());
    return room;
  });
  return room;
}

bool Cleaner::put_keys(const RecordBatch& batch, Offset from, SkimpyOffsetMap& map,
                       CleanerStats& stats) {
  const auto most =
      static_cast<size_t>(static_cast<double>(map.slots()) * config_.dedupe_buffer_load_factor);
  keys_.clear();
  RecordIterator records(batch, std::move(decompressed_));
  for (RecordView record; records.next(record);) {
    ++stats.map_messages_read;
    if (record.key && record.offset >= from)
      keys_.push_back({map.prepare(*record.key), record.offset});
  }
  bool room = true;
  for (const auto& [key, offset] : keys_) {
    room = map.size() < most;
    if (!room) break;
    map.put(key, offset);
  }
  decompressed_ = records.take_buffer();
  return room;
}

std::vector<Cleaner::Segments> Cleaner::group_segments_by_size(const Segments& segments,
                                                               int64_t max_size,
                                                               int64_t max_index_size,
                                                               Offset first_uncleanable_offset) {
  std::vector<Segments> groups;
  int64_t size = 0, index_size = 0, time_index_size = 0;
  for (size_t i = 0; i < segments.size(); ++i) {
    const LogSegment& segment = *segments[i];
    const Offset next =
        i + 1 < segments.size() ? segments[i + 1]->base_offset() : first_uncleanable_offset;
    size += segment.size();
    index_size += segment.offset_index().size_in_bytes();
    time_index_size += segment.time_index().size_in_bytes();
    const bool fits =
        !groups.empty() && size <= max_size && index_size <= max_index_size &&
        time_index_size <= max_index_size &&
        (segment.size() == 0 || next - 1 - groups.back().front()->base_offset() <= INT32_MAX);
    if (!fits) {
      groups.emplace_back();
      size = segment.size();
      index_size = segment.offset_index().size_in_bytes();
      time_index_size = segment.time_index().size_in_bytes();
    }
    groups.back().push_back(segments[i]);
  }
  return groups;
}

void Cleaner::clean_segments(Log& log, const Segments& group, RecordFilter::Options options,
                             TimestampMs legacy_delete_horizon,
                             CleanedTransactionMetadata& transactions, CleanerStats& stats) {
  const auto cleaned = create_cleaned_segment(node_, log, group.front()->base_offset());
  transactions.set_cleaned_index(&cleaned->txn_index());
  try {
    for (size_t i = 0; i < group.size(); ++i) {
      const LogSegment& source = *group[i];
      const Offset next =
          i + 1 < group.size() ? group[i + 1]->base_offset() : source.read_next_offset();
      transactions.add_aborted_transactions(
          log.collect_aborted_transactions(source.base_offset(), next));
      options.retain_legacy_deletes = source.last_modified() > legacy_delete_horizon;
      RecordFilter filter(options, transactions, stats);
      clean_into(log, source, filter, *cleaned);
    }
    cleaned->on_become_inactive();
    cleaned->flush();
    cleaned->set_last_modified(group.back()->last_modified());
  } catch (const std::exception&) {
    transactions.set_cleaned_index(nullptr);
    cleaned->delete_files();
    throw;
  }
  transactions.set_cleaned_index(nullptr);
  log.replace_segments(cleaned, group);
}

void Cleaner::clean_into(const Log& log, const LogSegment& source, RecordFilter& filter,
                         LogSegment& into) {
  const size_t chunk = io_chunk(config_);
  const auto write = [&] {
    if (write_buffer_.empty()) return;
    into.append(write_buffer_);
    throttler_.maybe_throttle(static_cast<int64_t>(write_buffer_.size()));
    write_buffer_.clear();
  };
  write_buffer_.clear();
  for_each_batch(log, source, 0, [&](const RecordBatch& batch) {
    filter.filter(batch, write_buffer_);
    if (write_buffer_.size() >= chunk) write();
    return true;
  });
  write();
}

}  // namespace kafkascope
