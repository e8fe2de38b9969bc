// Log: what the cleaner sees of it, and how cleaned segments take their place.
#include <algorithm>

#include "log/log_file_names.h"
#include "log/log_guard.h"
#include "log/log_segments.h"
#include "log/producer_state_manager.h"
#include "runtime/trace.h"

namespace kafkascope {

std::vector<std::shared_ptr<const LogSegment>> Log::segments_between(Offset from, Offset to) const {
  const auto found = segments_->between(from, to);
  return {found.begin(), found.end()};
}

Offset Log::active_base_offset() const { return segments_->active()->base_offset(); }

std::vector<AbortedTxn> Log::collect_aborted_transactions(Offset from, Offset to) const {
  std::vector<AbortedTxn> found;
  for (const auto& segment : segments_between(from, INT64_MAX)) {
    for (const AbortedTxn& txn : segment->txn_index().all()) {
      if (txn.last_offset >= from && txn.first_offset < to) found.push_back(txn);
      if (txn.last_stable_offset >= to) return found;
    }
  }
  return found;
}

void Log::replace_segments(const std::shared_ptr<LogSegment>& cleaned,
                           const std::vector<std::shared_ptr<const LogSegment>>& old) {
  Lock lock(mutex_);
  check_open();
  const auto map = segments_->snapshot();
  std::vector<std::shared_ptr<LogSegment>> gone;
  for (const auto& segment : old) {
    const auto at = map->find(segment->base_offset());
    if (at != map->end() && at->second == segment) gone.push_back(at->second);
  }
  guard_io([&]() KS_REQUIRES(mutex_) {
    // Each step is durable before the next: first the new one counts, then the old ones go.
    cleaned->change_file_suffixes(kCleanedSuffix, kSwapSuffix);
    node_.files().sync_dir(dir());
    for (const auto& segment : gone)
      delete_later(segment->change_file_suffixes({}, kDeletedSuffix));
    node_.files().sync_dir(dir());
    cleaned->change_file_suffixes(kSwapSuffix, {});
    node_.files().sync_dir(dir());
    segments_->replace(cleaned, gone);
    producers_->remove_stray_snapshots(segments_->base_offsets());
  });
  KS_TRACE(node_, "SegmentsReplaced", {"partition", topic_partition_.to_string()},
           {"base_offset", cleaned->base_offset()}, {"segments", static_cast<int64_t>(gone.size())},
           {"bytes", int64_t{cleaned->size()}});
}

}  // namespace kafkascope
