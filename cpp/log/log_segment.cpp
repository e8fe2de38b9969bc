#include "log/log_segment.h"

#include <fmt/core.h>

#include <algorithm>

#include "common/logging.h"
#include "log/log_config.h"
#include "log/log_file_names.h"
#include "log/producer_state_entry.h"
#include "record/memory_records.h"
#include "runtime/trace.h"

namespace kafkascope {
namespace {

/// What the data say; no, where they are damaged. A disk that fails is no answer.
template <typename Question>
bool data_say(Question question) {
  try {
    return question();
  } catch (const KafkaStorageException&) {
    throw;
  } catch (const KafkaException&) {
    return false;
  }
}

}  // namespace

LogSegment::LogSegment(Node& node, const std::string& dir, Offset base_offset,
                       const LogConfig& config, int64_t roll_jitter_ms, bool preallocate,
                       const std::string& suffix)
    : node_(node),
      path_(log_file_path(dir, base_offset, kLogSuffix) + suffix),
      base_offset_(base_offset),
      index_interval_bytes_(config.index_interval),
      max_index_size_(config.max_index_size),
      roll_jitter_ms_(roll_jitter_ms),
      created_ms_(node.clock().wall_ms()),
      records_(node, path_, preallocate && config.preallocate ? config.segment_size : 0),
      offset_index_(node, log_file_path(dir, base_offset, kIndexSuffix) + suffix, base_offset,
                    config.max_index_size),
      time_index_(node, log_file_path(dir, base_offset, kTimeIndexSuffix) + suffix, base_offset,
                  config.max_index_size),
      txn_index_(node, log_file_path(dir, base_offset, kTxnIndexSuffix) + suffix, base_offset) {
  const TimestampOffset last = time_index_.last_entry();
  max_timestamp_ = last.timestamp;
  offset_of_max_timestamp_ = last.offset;
}

void LogSegment::note_timestamp(const RecordBatch& batch) {
  if (batch.max_timestamp() <= max_timestamp_so_far()) return;
  max_timestamp_.store(batch.max_timestamp(), std::memory_order_relaxed);
  offset_of_max_timestamp_ = batch.last_offset();
}

void LogSegment::add_index_entries(const RecordBatch& batch, SegmentPosition position) {
  // A follower may get more batches at once than the index has room for: a scan finds them.
  if (bytes_since_last_index_entry_ > index_interval_bytes_ && !offset_index_.is_full()) {
    offset_index_.append(batch.last_offset(), position);
    time_index_.maybe_append(max_timestamp_so_far(), offset_of_max_timestamp_);
    bytes_since_last_index_entry_ = 0;
    KS_TRACE(node_, "IndexEntryAdded", {"segment", file_name_of(path_)},
             {"offset", batch.last_offset()}, {"position", int64_t{position}});
  }
  bytes_since_last_index_entry_ += static_cast<int64_t>(batch.size());
}

void LogSegment::append(ByteView bytes) {
  SegmentPosition position = size();
  records_.append(bytes);
  for (const RecordBatch& batch : MemoryRecords(SharedSlice(nullptr, bytes))) {
    if (position == 0) first_timestamp_ = batch.max_timestamp();
    note_timestamp(batch);
    add_index_entries(batch, position);
    position += static_cast<SegmentPosition>(batch.size());
  }
}

bool LogSegment::should_roll(const RollParams& params) const {
  const int64_t limit_ms = params.max_segment_ms - roll_jitter_ms_;
  if (size() > params.max_segment_bytes - params.messages_size) return size() > 0;
  if (offset_index_.is_full() || time_index_.is_full()) return true;
  if (!offset_index_.can_append_offset(params.max_offset_in_messages)) return true;
  if (size() == 0) return false;
  if (!first_timestamp_) first_timestamp_ = first_batch_timestamp();
  // By the records' own time where they have one, so that a mirror rolls as its original did.
  const bool by_records = *first_timestamp_ >= 0 && params.max_timestamp_in_messages >= 0;
  const int64_t waited =
      by_records ? params.max_timestamp_in_messages - *first_timestamp_ : params.now - created_ms_;
  return waited > limit_ms;
}

void LogSegment::update_txn_index(const CompletedTxn& txn, Offset last_stable_offset) {
  if (!txn.is_aborted) return;
  txn_index_.append({txn.producer_id, txn.first_offset, txn.last_offset, last_stable_offset});
}

bool LogSegment::is_sound(const OffsetPosition& entry) const {
  if (entry.position <= 0 || entry.position >= size()) return false;
  return data_say([&] {
    FileBatchReader reader = records_.batches(entry.position);
    const auto batch = reader.next();
    if (!batch) return false;
    // Of an append of several batches the entry says where the first begins and the last ends.
    const bool old = batch->header.magic() < 2;
    const Offset first = old ? batch->header.last_offset() : batch->header.base_offset();
    return first >= base_offset_ && first <= entry.offset;
  });
}

bool LogSegment::is_sound(const TimestampOffset& entry) const {
  return data_say([&] {
    const auto at = translate_offset(entry.offset);
    if (!at) return false;
    FileBatchReader reader = records_.batches(at->position);
    return reader.next()->header.max_timestamp() == entry.timestamp;
  });
}

SegmentPosition LogSegment::scan_start(Offset offset) const {
  const OffsetPosition entry = offset_index_.lookup(offset);
  // Where the index was damaged unseen, the whole segment still has the answer.
  return is_sound(entry) ? entry.position : 0;
}

std::optional<LogOffsetPosition> LogSegment::translate_offset(Offset offset) const {
  return records_.search_for_offset(offset, scan_start(offset));
}

std::optional<FetchDataInfo> LogSegment::read(Offset start_offset, int32_t max_length,
                                              SegmentPosition max_position,
                                              bool min_one_message) const {
  const auto start = translate_offset(start_offset);
  if (!start) return std::nullopt;
  FetchDataInfo info;
  info.fetch_offset_metadata = {start_offset, base_offset_, start->position};
  const int32_t limit = min_one_message ? std::max(max_length, start->size) : max_length;
  const int32_t length = std::clamp(max_position - start->position, 0, std::max(limit, 0));
  info.first_entry_incomplete = limit < start->size;
  if (length > 0) info.records = Payload(records_.slice(start->position, length));
  return info;
}

std::optional<TimestampAndOffset> LogSegment::find_offset_by_timestamp(TimestampMs timestamp,
                                                                       Offset start_offset) const {
  // No record up to the entry's offset is above the entry's timestamp: start the scan there.
  const TimestampOffset entry = time_index_.lookup(timestamp - 1);
  const bool usable = entry.timestamp >= 0 && entry.offset > start_offset && is_sound(entry);
  const Offset from = usable ? entry.offset : start_offset;
  return records_.search_for_timestamp(timestamp, scan_start(from), start_offset);
}

TimestampMs LogSegment::first_batch_timestamp() const {
  FileBatchReader reader = records_.batches(0);
  const auto first = reader.next();
  return first ? first->header.max_timestamp() : kNoTimestamp;
}

TimestampMs LogSegment::largest_timestamp() const {
  const TimestampMs largest = max_timestamp_so_far();
  return largest >= 0 ? largest : last_modified();
}

Offset LogSegment::read_next_offset() const {
  Offset next = base_offset_;
  FileBatchReader reader = records_.batches(scan_start(INT64_MAX));
  while (const auto batch = reader.next()) next = batch->header.next_offset();
  return next;
}

void LogSegment::read_max_timestamp() {
  const TimestampOffset last = time_index_.last_entry();
  const TimestampAndOffset beyond = records_.largest_timestamp_after(scan_start(last.offset));
  const bool larger = beyond.timestamp > last.timestamp;
  max_timestamp_ = larger ? beyond.timestamp : last.timestamp;
  offset_of_max_timestamp_ = larger ? beyond.offset : last.offset;
}

std::string LogSegment::sanity_check() const {
  if (std::string wrong = offset_index_.sanity_check(); !wrong.empty()) return wrong;
  if (std::string wrong = time_index_.sanity_check(); !wrong.empty()) return wrong;
  if (std::string wrong = txn_index_.sanity_check(); !wrong.empty()) return wrong;
  const OffsetPosition last = offset_index_.last_entry();
  if (last.position > 0 && last.position >= size()) {
    return fmt::format("{}: entry at position {} of {} bytes", offset_index_.path(), last.position,
                       size());
  }
  std::string wrong;
  if (last.position > 0 && !is_sound(last)) {
    wrong = fmt::format("{}: no batch of offset {} at {}", offset_index_.path(), last.offset,
                        last.position);
  }
  // Retention goes by it.
  const TimestampOffset newest = time_index_.last_entry();
  if (wrong.empty() && time_index_.entries() > 0 && !is_sound(newest)) {
    wrong = fmt::format("{}: {} is not the newest timestamp at offset {}", time_index_.path(),
                        newest.timestamp, newest.offset);
  }
  // Where the data are damaged it is not the index that is wrong, and a recovery would cut them
  // off.
  return wrong.empty() || !data_are_sound() ? "" : wrong;
}

int32_t LogSegment::truncate_to(Offset offset) {
  const auto at = translate_offset(offset);
  offset_index_.truncate_to(offset);
  time_index_.truncate_to(offset);
  txn_index_.truncate_to(offset);
  on_become_active();
  int32_t cut = 0;
  if (at) {
    cut = size() - at->position;
    records_.truncate(at->position);
  }
  if (size() == 0) first_timestamp_.reset();
  bytes_since_last_index_entry_ = 0;  // as Kafka counts: the same work gives the same files
  read_max_timestamp();
  return cut;
}

void LogSegment::on_become_active() {
  active_ = true;
  offset_index_.resize(max_index_size_);
  time_index_.resize(max_index_size_);
  if (size() > 0) read_max_timestamp();
}

void LogSegment::on_become_inactive() {
  active_ = false;
  if (max_timestamp_so_far() >= 0) {
    time_index_.maybe_append(max_timestamp_so_far(), offset_of_max_timestamp_, true);
  }
  offset_index_.trim_to_valid_size();
  time_index_.trim_to_valid_size();
  records_.trim();
}

void LogSegment::flush() {
  records_.flush();
  offset_index_.flush();
  time_index_.flush();
  txn_index_.flush();
  if (!active_) release_indexes();
}

void LogSegment::release_indexes() {
  offset_index_.release();
  time_index_.release();
}

void LogSegment::close() {
  on_become_inactive();
  offset_index_.close();
  time_index_.close();
  txn_index_.close();
}

std::vector<std::string> LogSegment::paths() const {
  std::vector<std::string> all{path_, offset_index_.path(), time_index_.path()};
  if (txn_index_.exists()) all.push_back(txn_index_.path());
  return all;
}

void LogSegment::set_paths(const std::string& dir, const std::string& suffix) {
  path_ = log_file_path(dir, base_offset_, kLogSuffix) + suffix;
  offset_index_.set_path(log_file_path(dir, base_offset_, kIndexSuffix) + suffix);
  time_index_.set_path(log_file_path(dir, base_offset_, kTimeIndexSuffix) + suffix);
  txn_index_.set_path(log_file_path(dir, base_offset_, kTxnIndexSuffix) + suffix);
}

std::vector<std::string> LogSegment::change_file_suffixes(const std::string& from,
                                                          const std::string& to) {
  offset_index_.use();  // whoever still reads may look for longer than the files are there
  time_index_.use();
  std::vector<std::string> old = paths();
  for (const std::string& path : old) {
    KS_CHECK(path.ends_with(from), path);
    node_.files().rename(path, path.substr(0, path.size() - from.size()) + to);
  }
  set_paths(parent_path(path_), to);
  return paths();
}

void LogSegment::set_last_modified(int64_t modified_ms) {
  for (const std::string& path : paths()) node_.files().set_modified_ms(path, modified_ms);
}

void LogSegment::delete_files() {
  for (const std::string& path : paths()) node_.files().remove(path);
}

}  // namespace kafkascope
