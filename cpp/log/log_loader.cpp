#include "log/log_loader.h"

#include <algorithm>
#include <set>

#include "common/logging.h"
#include "log/epoch/leader_epoch_file_cache.h"
#include "log/log_file_names.h"
#include "log/producer_state_manager.h"
#include "runtime/trace.h"

namespace kafkascope {
namespace {

constexpr size_t kReplayChunk = 64 * 1024;
const char* const kSegmentSuffixes[] = {kLogSuffix, kIndexSuffix, kTimeIndexSuffix,
                                        kTxnIndexSuffix};

}  // namespace

void replay_into(ProducerStateManager& producers, const LogSegments& segments, Offset from,
                 Offset upto) {
  for (const auto& segment : segments.between(from, upto)) {
    const auto start = segment->translate_offset(std::max(from, segment->base_offset()));
    if (!start) continue;
    FileBatchReader reader = segment->records().batches(start->position, kReplayChunk);
    while (const auto found = reader.next()) {
      if (found->header.magic() >= 2 && found->header.base_offset() >= upto) break;
      if (!found->header.has_producer_id() || found->header.last_offset() < from) continue;
      const RecordBatch batch = found->header.is_control() ? reader.load() : found->header;
      ProducerAppendInfo info =
          producers.prepare_update(batch.producer_id(), AppendOrigin::kReplication);
      const auto completed = info.append(batch, std::nullopt);
      producers.update(info);
      if (completed) producers.complete_txn(*completed);
    }
  }
  producers.update_map_end_offset(std::max(upto, producers.map_end_offset()));
}

LogLoader::Loaded LogLoader::load() {
  node_.files().create_directories(options_.dir);
  remove_leftovers();
  load_segments();
  log_start_offset_ = options_.log_start_offset;
  if (!segments_.empty()) {
    log_start_offset_ =
        std::max(log_start_offset_, segments_.snapshot()->begin()->second->base_offset());
  }
  check_segments();
  recover_segments();
  if (!segments_.empty() && segments_.active()->read_next_offset() < log_start_offset_) {
    // What is left lies below the log start: nothing that may be read.
    drop_segments_from(0);
  }
  if (segments_.empty()) {
    segments_.add(std::make_shared<LogSegment>(node_, options_.dir, log_start_offset_,
                                               *options_.config, 0, true));
    changed_ = true;
  }
  const auto active = segments_.active();
  active->on_become_active();
  Loaded loaded;
  loaded.next_offset = {active->read_next_offset(), active->base_offset(), active->size()};
  const Offset end = loaded.next_offset.message_offset;
  loaded.log_start_offset = log_start_offset_;
  loaded.swapped_from = swapped_from_;
  loaded.recovery_point = end;  // what was not flushed has been recovered, and flushed
  // In this order: an epoch that the start moves up to the end goes at once, not at the next load.
  epochs_.truncate_from_start(log_start_offset_);
  epochs_.truncate_from_end(end);
  relearn_epochs();
  producers_.remove_stray_snapshots(segments_.base_offsets());
  producers_.truncate_and_reload(log_start_offset_, end, node_.clock().wall_ms());
  replay_producers(end);
  if (changed_) node_.files().sync_dir(options_.dir);
  for (const auto& segment : segments_.all()) {
    if (segment != active) segment->release_indexes();
  }
  return loaded;
}

void LogLoader::replay_producers(Offset upto) {
  if (producers_.map_end_offset() >= upto) return;
  replay_into(producers_, segments_, producers_.map_end_offset(), upto);
}

void LogLoader::remove_leftovers() {
  std::vector<std::string> swaps;
  for (const std::string& name : node_.files().list(options_.dir)) {
    if (name.ends_with(kSwapSuffix)) swaps.push_back(name);
    // Compactions that were not committed, half written files, deletions that had their delay.
    if (name.ends_with(kCleanedSuffix) || name.ends_with(".tmp") ||
        name.ends_with(kDeletedSuffix)) {
      node_.files().remove(path_of(name));
      changed_ = true;
    }
  }
  for (const std::string& name : swaps) finish_swap(name);
}

/// A .swap file replaces the segments that it covers: the replacement was whole when it got that
/// name. Indexes are built anew.
void LogLoader::finish_swap(const std::string& name) {
  changed_ = true;
  const std::string target = name.substr(0, name.size() - std::string(kSwapSuffix).size());
  const auto base = offset_of_file_name(target, kLogSuffix);
  if (!base) {
    node_.files().remove(path_of(name));
    return;
  }
  Offset next = *base;
  {
    const std::unique_ptr<File> file = node_.files().open(path_of(name), OpenMode::kRead);
    FileBatchReader reader(*file, 0, static_cast<int64_t>(file->size()), kReplayChunk);
    while (const auto batch = reader.next()) next = batch->header.next_offset();
  }
  for (const std::string& other : node_.files().list(options_.dir)) {
    for (const char* suffix : kSegmentSuffixes) {
      const auto offset = offset_of_file_name(other, suffix);
      if (offset && *offset >= *base && (*offset < next || *offset == *base)) {
        node_.files().remove(path_of(other));
      }
    }
  }
  node_.files().rename(path_of(name), path_of(target));
  swapped_from_ = std::min(swapped_from_.value_or(*base), *base);
  KS_LOG(kInfo, node_.name(), "{}: finished the swap of {}", options_.dir, target);
}

void LogLoader::load_segments() {
  const std::vector<std::string> names = node_.files().list(options_.dir);
  std::set<Offset> bases;
  for (const std::string& name : names) {
    if (const auto base = offset_of_file_name(name, kLogSuffix)) bases.insert(*base);
  }
  for (const std::string& name : names) {
    for (const char* suffix : {kIndexSuffix, kTimeIndexSuffix, kTxnIndexSuffix}) {
      const auto base = offset_of_file_name(name, suffix);
      if (!base || bases.contains(*base)) continue;
      node_.files().remove(path_of(name));  // an index of nothing
      changed_ = true;
    }
  }
  for (const Offset base : bases) {
    const bool indexed = node_.files().exists(log_file_path(options_.dir, base, kIndexSuffix)) &&
                         node_.files().exists(log_file_path(options_.dir, base, kTimeIndexSuffix));
    auto segment =
        std::make_shared<LogSegment>(node_, options_.dir, base, *options_.config, 0, false);
    segments_.add(segment);
    if (!indexed) broken_.insert(base);
  }
}

void LogLoader::check_segments() {
  const Offset unflushed_from = first_unflushed();
  for (const auto& segment : segments_.all()) {
    if (segment->base_offset() >= unflushed_from) return;  // recovered anyway
    std::string wrong = segment->sanity_check();
    if (broken_.contains(segment->base_offset())) wrong = "an index file is missing";
    if (wrong.empty() && !options_.had_clean_shutdown) wrong = segment->tail_check();
    if (wrong.empty()) continue;
    broken_.insert(segment->base_offset());
    KS_LOG(kWarn, node_.name(), "{}: {}: its indexes are built anew", segment->path(), wrong);
  }
}

int32_t LogLoader::recover_segment(LogSegment& segment) {
  changed_ = true;
  const Offset base = segment.base_offset();
  if (recovered_upto_ == base) {
    producers_.take_snapshot();
  } else {
    producers_.truncate_and_reload(log_start_offset_, base, node_.clock().wall_ms());
    replay_producers(base);
  }
  const int32_t cut = segment.recover(producers_, epochs_);
  // What was found was perhaps never synced, and yet a retry of it is acknowledged as a duplicate;
  // and stale index pages of the time before may still lie on the disk.
  segment.flush();
  recovered_upto_ = producers_.map_end_offset();
  return cut;
}

Offset LogLoader::first_unflushed() const {
  if (options_.had_clean_shutdown || segments_.empty()) return INT64_MAX;
  const auto first = segments_.floor(std::max(options_.recovery_point, log_start_offset_));
  return first ? first->base_offset() : segments_.snapshot()->begin()->first;
}

void LogLoader::recover_segments() {
  const Offset unflushed_from = first_unflushed();
  std::optional<Offset> expected;
  int recovered = 0;
  int64_t cut = 0;
  for (const auto& segment : segments_.all()) {
    const Offset base = segment->base_offset();
    if (base < unflushed_from && !broken_.contains(base)) continue;
    // Segments that were never synced may be lost one by one: no hole may stay between them.
    // Compaction leaves holes of its own.
    const bool compact = options_.config->compact;
    const bool hole = expected && base > unflushed_from &&
                      (compact ? base < *expected || cut > 0 : base != *expected);
    if (hole) {
      KS_LOG(kWarn, node_.name(), "{}: dropped with all after it: expected base offset {}",
             segment->path(), *expected);
      drop_segments_from(base);
      break;
    }
    const int32_t cut_here = recover_segment(*segment);
    ++recovered;
    // Below that, a hole would be damage of another kind: what lies after it stays readable.
    if (base < unflushed_from) continue;
    cut += cut_here;
    expected = segment->read_next_offset();
  }
  if (recovered == 0) return;
  KS_TRACE(node_, "LogRecovered", {"dir", options_.dir}, {"segments", int64_t{recovered}},
           {"cut", cut});
}

void LogLoader::relearn_epochs() {
  const auto earliest = epochs_.earliest_entry();
  const Offset known_from = earliest ? earliest->start_offset : INT64_MAX;
  if (known_from <= log_start_offset_) return;
  std::vector<EpochEntry> older;
  for (const auto& segment : segments_.all()) {
    FileBatchReader reader = segment->records().batches(0);
    while (const auto batch = reader.next()) {
      if (batch->header.last_offset() < log_start_offset_) continue;
      const LeaderEpoch epoch = batch->header.partition_leader_epoch();
      // Old formats have no epochs, and a log that begins with them none to learn.
      const bool done = epoch == kNoLeaderEpoch || batch->header.base_offset() >= known_from;
      if (done) return epochs_.restore_older(std::move(older));
      const Offset start = std::max(batch->header.base_offset(), log_start_offset_);
      if (older.empty() || epoch > older.back().epoch) older.push_back({epoch, start});
    }
  }
  epochs_.restore_older(std::move(older));
}

void LogLoader::drop_segments_from(Offset base_offset) {
  for (const auto& segment : segments_.all()) {
    if (segment->base_offset() < base_offset) continue;
    segments_.remove(segment->base_offset());
    segment->delete_files();
    changed_ = true;
  }
}

}  // namespace kafkascope
