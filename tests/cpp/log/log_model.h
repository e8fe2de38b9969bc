// LogModel: what was appended to a log and what of it must survive a crash.
#pragma once

#include "log/log_test_support.h"

namespace kafkascope {

/// Batches in the order of their offsets, and the histories that truncations ended: what was cut
/// may come back after a crash as long as nothing was synced over it.
class LogModel {
 public:
  /// Appends; the batch counts from before it is written, for a crash may come in between.
  template <typename Append>
  LogAppendInfo append(Offset base, Offset next, const SharedSlice& batch, Append append) {
    history_.push_back({base, next, {}});
    struct Record {  // also when the crash unwinds: offsets were written into it by then
      const SharedSlice& batch;
      Appended& into;
      ~Record() { into.bytes.assign(batch.view().begin(), batch.view().end()); }
    } record{batch, history_.back()};
    return append();
  }

  /// Returns where the log will end: a truncation cuts whole batches.
  Offset truncating(Offset to) {
    Offset left = to;
    for (const Appended& a : history_) {
      if (a.base_offset < to && a.next_offset > to) left = a.base_offset;
    }
    floor_ = std::min(floor_, left);
    return left;
  }
  void truncated(Offset end) {
    if (history_.empty() || history_.back().next_offset <= end) return;
    ended_.push_back(history_);
    cut_from(end);
  }
  /// All below the offset is durable, which is the log's end.
  void flushed(Offset end) {
    floor_ = end;
    ended_.clear();
  }

  /// After a recovery: the log is a prefix of one of the histories, and holds all that was flushed.
  void check_and_adopt(Log& log) {
    const Offset start = log.log_start_offset(), end = log.log_end_offset();
    EXPECT_GE(end, floor_) << "what was synced is there";
    const std::vector<Appended>* match = find(read_all(log, start), start, end);
    ASSERT_NE(match, nullptr) << "the log from " << start << " to " << end
                              << " is no prefix of what was appended";
    const std::vector<Appended> kept = *match;
    history_ = kept;
    cut_from(end);
    ended_.clear();
    floor_ = std::min(floor_, end);
  }

 private:
  struct Appended {
    Offset base_offset;
    Offset next_offset;
    ByteBuffer bytes;
  };

  void cut_from(Offset end) {
    std::erase_if(history_, [&](const Appended& a) { return a.next_offset > end; });
  }

  const std::vector<Appended>* find(const ByteBuffer& found, Offset start, Offset end) const {
    if (matches(history_, found, start, end)) return &history_;
    for (auto at = ended_.rbegin(); at != ended_.rend(); ++at) {
      if (matches(*at, found, start, end)) return &*at;
    }
    return nullptr;
  }

  static bool matches(const std::vector<Appended>& history, const ByteBuffer& found, Offset start,
                      Offset end) {
    ByteBuffer expected;
    Offset last = start;
    for (const Appended& a : history) {
      if (a.next_offset <= start || a.next_offset > end) continue;
      expected.insert(expected.end(), a.bytes.begin(), a.bytes.end());
      last = a.next_offset;
    }
    return expected == found && last == end;
  }

  std::vector<Appended> history_;
  std::vector<std::vector<Appended>> ended_;
  Offset floor_ = 0;
};

}  // namespace kafkascope
