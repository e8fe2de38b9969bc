#include "log/epoch/leader_epoch_file_cache.h"

#include <algorithm>

#include "common/logging.h"

namespace kafkascope {

LeaderEpochFileCache::LeaderEpochFileCache(Node& node, const std::string& dir)
    : node_(node), mutex_(node, "leader-epoch-cache") {
  Lock lock(mutex_);
  checkpoint_.emplace(node.files(), dir);
  for (const EpochEntry& entry : checkpoint_->read()) {
    const bool grows = entries_.empty() || (entry.epoch > entries_.back().epoch &&
                                            entry.start_offset >= entries_.back().start_offset);
    if (grows) entries_.push_back(entry);
  }
}

void LeaderEpochFileCache::assign(LeaderEpoch epoch, Offset start_offset) {
  if (epoch < 0 || start_offset < 0) return;
  Lock lock(mutex_);
  if (!entries_.empty()) {
    const EpochEntry& last = entries_.back();
    if (last.epoch == epoch && last.start_offset <= start_offset) return;
  }
  while (!entries_.empty() &&
         (entries_.back().epoch >= epoch || entries_.back().start_offset >= start_offset)) {
    KS_LOG(kDebug, node_.name(), "leader epoch {} at {} replaces epoch {} at {}", epoch,
           start_offset, entries_.back().epoch, entries_.back().start_offset);
    entries_.pop_back();
  }
  entries_.push_back({epoch, start_offset});
  flush();
  KS_TRACE(node_, "LeaderEpochAssigned", {"epoch", int64_t{epoch}}, {"offset", start_offset});
}

std::optional<EpochEntry> LeaderEpochFileCache::latest_entry() const {
  Lock lock(mutex_);
  return entries_.empty() ? std::nullopt : std::optional(entries_.back());
}

std::optional<EpochEntry> LeaderEpochFileCache::earliest_entry() const {
  Lock lock(mutex_);
  return entries_.empty() ? std::nullopt : std::optional(entries_.front());
}

std::optional<LeaderEpoch> LeaderEpochFileCache::latest_epoch() const {
  const auto entry = latest_entry();
  return entry ? std::optional(entry->epoch) : std::nullopt;
}

std::optional<LeaderEpoch> LeaderEpochFileCache::epoch_for_offset(Offset offset) const {
  Lock lock(mutex_);
  std::optional<LeaderEpoch> found;
  for (const EpochEntry& entry : entries_) {
    if (entry.start_offset <= offset) found = entry.epoch;
  }
  return found;
}

std::optional<LeaderEpoch> LeaderEpochFileCache::previous_epoch(LeaderEpoch epoch) const {
  Lock lock(mutex_);
  std::optional<LeaderEpoch> found;
  for (const EpochEntry& entry : entries_) {
    if (entry.epoch < epoch) found = entry.epoch;
  }
  return found;
}

std::optional<EpochEntry> LeaderEpochFileCache::end_offset_for(LeaderEpoch epoch,
                                                               Offset log_end_offset) const {
  Lock lock(mutex_);
  if (epoch < 0 || entries_.empty() || epoch > entries_.back().epoch) return std::nullopt;
  if (epoch == entries_.back().epoch) return EpochEntry{epoch, log_end_offset};
  const auto above =
      std::upper_bound(entries_.begin(), entries_.end(), epoch,
                       [](LeaderEpoch e, const EpochEntry& x) { return e < x.epoch; });
  // Older than all that is known: it ended where the first known one starts.
  if (above == entries_.begin()) return EpochEntry{epoch, above->start_offset};
  return EpochEntry{std::prev(above)->epoch, above->start_offset};
}

void LeaderEpochFileCache::restore_older(std::vector<EpochEntry> older) {
  Lock lock(mutex_);
  // The first known entry may have been cut short: it began where the records say.
  for (const EpochEntry& entry : entries_) {
    if (older.empty() || entry.epoch > older.back().epoch) older.push_back(entry);
  }
  if (older == entries_) return;
  entries_ = std::move(older);
  flush();
}

void LeaderEpochFileCache::truncate_from_end(Offset end_offset) {
  Lock lock(mutex_);
  if (entries_.empty() || entries_.back().start_offset < end_offset) return;
  while (!entries_.empty() && entries_.back().start_offset >= end_offset) entries_.pop_back();
  flush();
}

void LeaderEpochFileCache::truncate_from_start(Offset start_offset) {
  Lock lock(mutex_);
  size_t before = 0;
  while (before < entries_.size() && entries_[before].start_offset <= start_offset) ++before;
  if (before == 0 || (before == 1 && entries_[0].start_offset == start_offset)) return;
  entries_[before - 1].start_offset = start_offset;
  entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(before - 1));
  flush();
}

void LeaderEpochFileCache::clear_and_flush() {
  Lock lock(mutex_);
  entries_.clear();
  flush();
}

std::vector<EpochEntry> LeaderEpochFileCache::entries() const {
  Lock lock(mutex_);
  return entries_;
}

void LeaderEpochFileCache::set_dir(const std::string& dir) {
  Lock lock(mutex_);
  checkpoint_.emplace(node_.files(), dir);
}

void LeaderEpochFileCache::flush() { checkpoint_->write(entries_); }

}  // namespace kafkascope
