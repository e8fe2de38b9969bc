#include "log/producer_state_manager.h"

#include <algorithm>

#include "common/logging.h"
#include "log/log_file_names.h"
#include "log/producer_state_snapshot.h"
#include "runtime/file_system.h"

namespace kafkascope {

ProducerStateManager::ProducerStateManager(Node& node, TopicPartition partition, std::string dir,
                                           int64_t producer_id_expiration_ms)
    : node_(node),
      partition_(std::move(partition)),
      dir_(std::move(dir)),
      expiration_ms_(producer_id_expiration_ms) {
  load_snapshot_names();
}

void ProducerStateManager::load_snapshot_names() {
  snapshots_.clear();
  if (!node_.files().is_directory(dir_)) return;
  for (const std::string& name : node_.files().list(dir_)) {
    const auto offset = offset_of_file_name(name, kSnapshotSuffix);
    if (offset) snapshots_[*offset] = dir_ + "/" + name;
  }
}

void ProducerStateManager::set_dir(std::string dir) {
  dir_ = std::move(dir);
  load_snapshot_names();
}

const ProducerStateEntry* ProducerStateManager::last_entry(ProducerId producer) const {
  const auto at = producers_.find(producer);
  return at == producers_.end() ? nullptr : &at->second;
}

ProducerAppendInfo ProducerStateManager::prepare_update(ProducerId producer,
                                                        AppendOrigin origin) const {
  const ProducerStateEntry* known = last_entry(producer);
  return {partition_, known != nullptr ? *known : ProducerStateEntry{producer}, origin};
}

void ProducerStateManager::update(const ProducerAppendInfo& info) {
  const auto [at, is_new] = producers_.try_emplace(info.producer_id(), info.updated());
  if (!is_new) at->second.update(info.updated());
  for (const TxnMetadata& txn : info.started_transactions()) {
    ongoing_[txn.first_offset.message_offset] = txn;
  }
}

void ProducerStateManager::complete_txn(const CompletedTxn& txn) {
  const auto at = ongoing_.find(txn.first_offset);
  if (at == ongoing_.end()) return;
  at->second.last_offset = txn.last_offset;
  unreplicated_[at->first] = at->second;
  ongoing_.erase(at);
}

std::optional<LogOffsetMetadata> ProducerStateManager::first_unstable_offset() const {
  if (ongoing_.empty() && unreplicated_.empty()) return std::nullopt;
  if (ongoing_.empty()) return unreplicated_.begin()->second.first_offset;
  if (unreplicated_.empty() || ongoing_.begin()->first < unreplicated_.begin()->first) {
    return ongoing_.begin()->second.first_offset;
  }
  return unreplicated_.begin()->second.first_offset;
}

std::optional<Offset> ProducerStateManager::first_undecided_offset() const {
  return ongoing_.empty() ? std::nullopt : std::optional(ongoing_.begin()->first);
}

Offset ProducerStateManager::last_stable_offset(const CompletedTxn& completed) const {
  for (const auto& [first_offset, txn] : ongoing_) {
    if (txn.producer_id != completed.producer_id) return first_offset;
  }
  return completed.last_offset + 1;
}

void ProducerStateManager::on_high_watermark_updated(Offset high_watermark) {
  std::erase_if(unreplicated_,
                [&](const auto& entry) { return *entry.second.last_offset < high_watermark; });
}

int ProducerStateManager::remove_expired_producers(TimestampMs now) {
  return static_cast<int>(std::erase_if(producers_, [&](const auto& entry) {
    const ProducerStateEntry& producer = entry.second;
    return !producer.current_txn_first_offset && now - producer.last_timestamp >= expiration_ms_;
  }));
}

void ProducerStateManager::take_snapshot() {
  if (last_snapshot_ == map_end_offset_ && snapshots_.contains(map_end_offset_)) return;
  std::vector<ProducerStateEntry> entries;
  for (const auto& [id, entry] : producers_) entries.push_back(entry);
  const std::string path = log_file_path(dir_, map_end_offset_, kSnapshotSuffix);
  const std::unique_ptr<File> file = node_.files().open(path, OpenMode::kTruncate);
  const ByteBuffer content = encode_producer_snapshot(entries);
  file->pwrite(content, 0);
  file->sync();
  snapshots_[map_end_offset_] = path;
  last_snapshot_ = map_end_offset_;
  KS_TRACE(node_, "ProducerSnapshotTaken", {"partition", partition_.to_string()},
           {"offset", map_end_offset_}, {"producers", static_cast<int64_t>(entries.size())});
}

void ProducerStateManager::clear() {
  producers_.clear();
  ongoing_.clear();
  unreplicated_.clear();
}

void ProducerStateManager::remove_snapshot(Offset offset) {
  const auto at = snapshots_.find(offset);
  if (at == snapshots_.end()) return;
  node_.files().remove(at->second);
  snapshots_.erase(at);
  if (last_snapshot_ == offset) last_snapshot_.reset();
}

bool ProducerStateManager::load_snapshot(Offset offset, TimestampMs now) {
  try {
    const ByteBuffer content = read_file(node_.files(), snapshots_.at(offset));
    for (ProducerStateEntry& entry : decode_producer_snapshot(content)) {
      if (const auto first = entry.current_txn_first_offset)
        ongoing_[*first] = {entry.producer_id, LogOffsetMetadata{*first}, std::nullopt};
      const bool expired =
          !entry.current_txn_first_offset && now - entry.last_timestamp >= expiration_ms_;
      if (!expired) producers_[entry.producer_id] = std::move(entry);
    }
  } catch (const SerializationException& e) {
    KS_LOG(kWarn, node_.name(), "{}: {}: removed, an older one is used", snapshots_.at(offset),
           e.what());
    clear();
    return false;
  }
  map_end_offset_ = offset;
  last_snapshot_ = offset;
  return true;
}

void ProducerStateManager::truncate_and_reload(Offset log_start_offset, Offset log_end_offset,
                                               TimestampMs now) {
  clear();
  while (!snapshots_.empty() && snapshots_.rbegin()->first > log_end_offset) {
    remove_snapshot(snapshots_.rbegin()->first);
  }
  map_end_offset_ = log_start_offset;
  while (!snapshots_.empty()) {
    const Offset newest = snapshots_.rbegin()->first;
    if (newest < log_start_offset) return;  // of segments that are gone
    if (load_snapshot(newest, now)) return;
    remove_snapshot(newest);
    map_end_offset_ = log_start_offset;
  }
}

void ProducerStateManager::truncate_fully_and_start_at(Offset offset) {
  clear();
  while (!snapshots_.empty()) remove_snapshot(snapshots_.begin()->first);
  map_end_offset_ = offset;
}

void ProducerStateManager::on_log_start_offset_incremented(Offset log_start_offset) {
  std::erase_if(unreplicated_,
                [&](const auto& txn) { return *txn.second.last_offset < log_start_offset; });
  map_end_offset_ = std::max(map_end_offset_, log_start_offset);
}

void ProducerStateManager::remove_stray_snapshots(const std::vector<Offset>& base_offsets) {
  const std::map<Offset, std::string> all = snapshots_;
  for (const auto& [offset, path] : all) {
    const bool newest = offset == all.rbegin()->first;
    const bool known = std::binary_search(base_offsets.begin(), base_offsets.end(), offset);
    const bool beyond = base_offsets.empty() || offset > base_offsets.back();
    if (!known && !(newest && beyond)) remove_snapshot(offset);
  }
}

void ProducerStateManager::delete_snapshots_before(Offset offset) {
  while (!snapshots_.empty() && snapshots_.begin()->first < offset) {
    remove_snapshot(snapshots_.begin()->first);
  }
}

std::optional<Offset> ProducerStateManager::latest_snapshot_offset() const {
  return snapshots_.empty() ? std::nullopt : std::optional(snapshots_.rbegin()->first);
}

std::optional<Offset> ProducerStateManager::oldest_snapshot_offset() const {
  return snapshots_.empty() ? std::nullopt : std::optional(snapshots_.begin()->first);
}

}  // namespace kafkascope
