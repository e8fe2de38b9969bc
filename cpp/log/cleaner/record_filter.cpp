#include "log/cleaner/record_filter.h"

#include "record/memory_records_builder.h"

namespace kafkascope {
namespace {

MemoryRecordsBuilder::Options options_of(const RecordBatch& batch, Offset base_offset) {
  MemoryRecordsBuilder::Options options;
  options.magic = batch.magic();
  options.compression = batch.compression();
  options.base_offset = base_offset;
  options.timestamp_type = batch.timestamp_type();
  if (batch.timestamp_type() == TimestampType::kLogAppendTime)
    options.log_append_time = batch.max_timestamp();
  if (batch.magic() < 2) return options;
  options.producer_id = batch.producer_id();
  options.producer_epoch = batch.producer_epoch();
  options.base_sequence = batch.base_sequence();
  options.transactional = batch.is_transactional();
  options.control = batch.is_control();
  options.partition_leader_epoch = batch.partition_leader_epoch();
  return options;
}

}  // namespace

bool RecordFilter::is_last_of_producer(const RecordBatch& batch) const {
  if (!batch.has_producer_id()) return false;
  const auto known = options_.last_records.find(batch.producer_id());
  if (known == options_.last_records.end()) return false;
  const LastRecord& last = known->second;
  if (last.last_data_offset != kNoOffset) return batch.last_offset() == last.last_data_offset;
  return batch.is_control() && batch.producer_epoch() == last.producer_epoch;
}

bool RecordFilter::keeps_tombstones_of(const RecordBatch& batch) const {
  if (batch.magic() < 2) return options_.retain_legacy_deletes;
  const auto horizon = batch.delete_horizon_ms();
  return !horizon || options_.now < *horizon;
}

/// Reads the records, and asks for their keys' slots before any is needed.
void RecordFilter::read(RecordIterator& records) {
  records_.clear();
  for (RecordView record; records.next(record);) {
    const auto key = record.key ? options_.map.prepare(*record.key) : SkimpyOffsetMap::Key{};
    records_.emplace_back(record, key);
  }
  stats_.messages_read += static_cast<int64_t>(records_.size());
}

bool RecordFilter::keeps(const RecordBatch& batch, const RecordView& record,
                         const SkimpyOffsetMap::Key& key) {
  if (batch.is_control() || record.offset > options_.map.latest_offset()) return true;
  if (!record.key) {
    ++stats_.invalid_messages_read;
    return false;
  }
  if (record.offset < options_.map.get(key)) return false;
  return record.value || keeps_tombstones_of(batch);
}

void RecordFilter::filter(const RecordBatch& batch, ByteBuffer& out) {
  const bool may_discard = transactions_.may_discard(batch);
  const auto horizon = batch.delete_horizon_ms();
  const bool discard =
      may_discard && (!batch.is_control() || (horizon && *horizon <= options_.now));
  RecordIterator records(batch, std::move(buffer_));
  read(records);
  kept_.clear();
  bool tombstones = false;
  for (const auto& [record, key] : records_) {
    if (discard || !keeps(batch, record, key)) continue;
    tombstones |= !record.value;
    kept_.push_back(&record);
  }
  const bool all = kept_.size() == records_.size();
  const bool needs_horizon =
      batch.magic() >= 2 && !horizon && (tombstones || (may_discard && batch.is_control()));
  const size_t before = out.size();
  const auto put = [&](ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); };
  if (kept_.empty()) {
    if (is_last_of_producer(batch)) put(emptied(batch));
  } else if (all && !needs_horizon) {
    put(batch.bytes());
  } else {
    put(rebuild(batch, needs_horizon ? options_.now + options_.delete_retention_ms : horizon));
  }
  stats_.messages_written += static_cast<int64_t>(kept_.size());
  stats_.bytes_read += static_cast<int64_t>(batch.size());
  stats_.bytes_written += static_cast<int64_t>(out.size() - before);
  buffer_ = records.take_buffer();
}

ByteBuffer RecordFilter::rebuild(const RecordBatch& batch,
                                 std::optional<TimestampMs> delete_horizon) const {
  // An old wrapper tells its last offset, so its first one is that of what is kept.
  const bool old = batch.magic() < 2;
  MemoryRecordsBuilder::Options options =
      options_of(batch, old ? kept_.front()->offset : batch.base_offset());
  options.delete_horizon_ms = delete_horizon;
  MemoryRecordsBuilder builder(options);
  std::vector<HeaderView> headers;
  for (const RecordView* record : kept_) {
    headers.clear();
    record->headers.for_each([&](const HeaderView& header) { headers.push_back(header); });
    builder.append_with_offset(record->offset, record->timestamp, record->key, record->value,
                               headers);
  }
  // The last offset stays: with it the producer's last sequence number does.
  return builder.close(old ? std::nullopt : std::optional(batch.last_offset()));
}

ByteBuffer RecordFilter::emptied(const RecordBatch& batch) {
  MemoryRecordsBuilder::Options options = options_of(batch, batch.base_offset());
  options.compression = CompressionType::kNone;
  options.log_append_time = batch.max_timestamp();
  return MemoryRecordsBuilder::close_empty(options, batch.last_offset());
}

}  // namespace kafkascope
