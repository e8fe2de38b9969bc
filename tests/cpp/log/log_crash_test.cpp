// A log on a disk that crashes at any change and loses what was not synced: invariants 11, 27, 28
// and 29 hold at every recovery.
#include "log/epoch/epoch_entry.h"
#include "log/log_description.h"
#include "log/log_test_support.h"

namespace kafkascope {
namespace {

/// A batch as it was appended.
struct Appended {
  Offset base_offset;
  Offset next_offset;
  ByteBuffer bytes;
};

class CrashRun {
 public:
  explicit CrashRun(uint64_t seed) : random_(seed, "crash"), test_(seed) {
    config_ = small_config();
    config_->segment_size = 2000;
    config_->index_interval = random_.chance(0.5) ? 200 : 0;
    config_->file_delete_delay_ms = 10;
    config_->preallocate = random_.chance(0.2);
    if (random_.chance(0.3)) config_->retention_size = 9000;
  }

  void run() {
    for (int life = 0; life < 4; ++life) {
      test_.files.crash_after(static_cast<int>(random_.below(life == 0 ? 250 : 120)));
      try {
        recover();
        for (int i = 0; i < 150; ++i) step();
        clean_close();
      } catch (const sim::FiberKilled&) {
      }
      log_.reset();
      test_.files.restart(random_);
      check_recovery();
    }
  }

 private:
  void open() {
    log_ = open_log(test_, config_, recovery_point_, clean_, log_start_);
    test_.files.sync_dir("/data");
    clean_ = false;
  }
  void recover() { open(), log_->update_high_watermark(log_->log_end_offset()); }

  void step() {
    test_.clock.advance(std::chrono::milliseconds(1));
    const uint64_t what = random_.below(100);
    if (what < 70) {
      append();
    } else if (what < 78) {
      log_->flush();
      note_flushed();
    } else if (what < 82) {
      log_->roll();
    } else if (what < 86) {
      log_->delete_old_segments();
      log_->delete_expired_files();
    } else if (what < 90) {
      truncate();
    } else if (what < 94) {
      ++epoch_;
    } else if (what < 97) {
      const Offset start = log_->log_start_offset();
      const Offset room = log_->high_watermark() - start;
      (void)log_->delete_records(start + static_cast<Offset>(random_.below(room / 4 + 1)));
    } else {
      log_->take_producer_snapshot();
    }
    checkpointed_start_ = log_->log_start_offset();
  }

  void append() {
    // One producer in transactions, one idempotent, and records without any.
    MemoryRecordsBuilder::Options options;
    const uint64_t kind = random_.below(10);
    AppendOrigin origin = AppendOrigin::kClient;
    SharedSlice batch;
    const int count = 1 + static_cast<int>(random_.below(4));
    if (kind < 3) {
      batch = make_batch(count, from_producer(7, producer_epoch_, sequence_), timestamp(), size());
      sequence_ += count;
    } else if (kind == 3) {
      batch = end_marker(8, 0, random_.chance(0.5));
      origin = AppendOrigin::kCoordinator;
    } else if (kind < 6) {
      // Any sequence: a coordinator's word is not checked, so that lost records do no harm here.
      batch = make_batch(count, from_producer(8, 0, 0, true), timestamp(), size());
      origin = AppendOrigin::kCoordinator;
    } else {
      batch = make_batch(count, {}, timestamp(), size());
    }
    const Offset base = log_->log_end_offset();
    history_.push_back({base, base + (kind == 3 ? 1 : count), {}});
    // Known before it is written: a crash may come after the write and before the answer.
    const LogAppendInfo info = append_recording(batch, origin);
    ASSERT_TRUE(info.ok()) << info.error_message;
    log_->update_high_watermark(log_->log_end_offset());
  }

  LogAppendInfo append_recording(const SharedSlice& batch, AppendOrigin origin) {
    struct Record {  // also when the crash unwinds
      const SharedSlice& batch;
      Appended& into;
      ~Record() { into.bytes.assign(batch.view().begin(), batch.view().end()); }
    } record{batch, history_.back()};
    return log_->append_as_leader(batch, epoch_, origin);
  }

  TimestampMs timestamp() {
    return 1'500'000'000'000 + static_cast<TimestampMs>(random_.below(100'000));
  }
  size_t size() { return random_.below(300); }

  void truncate() {
    const Offset start = log_->log_start_offset(), end = log_->log_end_offset();
    const Offset to = end - static_cast<Offset>(random_.below((end - start) / 4 + 1));
    // From here on what lies above may be there or not; a truncation cuts whole batches.
    Offset left = to;
    for (const Appended& a : history_) {
      if (a.base_offset < to && a.next_offset > to) left = a.base_offset;
    }
    floor_ = std::min(floor_, left);
    log_->truncate_to(to);
    forget_from(log_->log_end_offset());
    ASSERT_EQ(log_->log_end_offset(), left);
    note_flushed_at_most(log_->log_end_offset());
    new_producer_epoch();
  }

  void forget_from(Offset offset) {
    // What was cut may come back after a crash, if nothing was written over it.
    if (history_.empty() || history_.back().next_offset <= offset) return;
    lost_histories_.push_back(history_);
    std::erase_if(history_, [&](const Appended& a) { return a.next_offset > offset; });
  }

  void note_flushed() {
    floor_ = log_->log_end_offset();
    lost_histories_.clear();
    // The checkpoint is written now and then.
    if (random_.chance(0.5)) recovery_point_ = log_->recovery_point();
    if (random_.chance(0.5)) log_start_ = log_->log_start_offset();
  }
  void note_flushed_at_most(Offset offset) { recovery_point_ = std::min(recovery_point_, offset); }
  void new_producer_epoch() { ++producer_epoch_, sequence_ = 0; }

  void clean_close() {
    log_->close();
    floor_ = recovery_point_ = log_->log_end_offset();
    lost_histories_.clear();
    log_start_ = log_->log_start_offset();
    clean_ = true;
  }

  void check_recovery() {
    if (!test_.files.exists("/data/t-0")) clean_ = false;
    log_ = open_log(test_, config_, recovery_point_, clean_, log_start_);
    const Offset end = log_->log_end_offset(), start = log_->log_start_offset();
    EXPECT_GE(end, floor_) << "what was synced is there";
    const std::vector<Appended>* match = find_history(start, end);
    ASSERT_NE(match, nullptr) << "the log from " << start << " to " << end
                              << " is no prefix of what was appended";
    const std::vector<Appended> kept = *match;
    history_ = kept;
    std::erase_if(history_, [&](const Appended& a) { return a.next_offset > end; });
    lost_histories_.clear();
    floor_ = std::min(floor_, end);
    check_offsets();
    check_segments();
    check_epochs();
    check_recovery_again();
    clean_ = false;
    log_start_ = std::max(log_start_, start);
    recovery_point_ = std::min(recovery_point_, end);
    new_producer_epoch();
  }

  const std::vector<Appended>* find_history(Offset start, Offset end) {
    const ByteBuffer found = read_all(*log_, start);
    if (matches(history_, found, start, end)) return &history_;
    for (auto at = lost_histories_.rbegin(); at != lost_histories_.rend(); ++at) {
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

  // 11
  void check_offsets() {
    const LogOffsetSnapshot offsets = log_->offset_snapshot();
    EXPECT_LE(offsets.log_start_offset, offsets.last_stable_offset.message_offset);
    EXPECT_LE(offsets.last_stable_offset.message_offset, offsets.high_watermark.message_offset);
    EXPECT_LE(offsets.high_watermark.message_offset, offsets.log_end_offset.message_offset);
    EXPECT_LE(log_->recovery_point(), log_->log_end_offset());
  }

  // 28
  void check_segments() {
    Offset expected = kNoOffset;
    for (const auto& segment : log_->segments()) {
      EXPECT_TRUE(expected == kNoOffset || segment->base_offset() == expected) << "contiguous";
      expected = segment->read_next_offset();
      std::map<SegmentPosition, Offset> starts;
      FileBatchReader reader = segment->records().batches(0);
      while (const auto b = reader.next()) starts[b->position] = b->header.last_offset();
      OffsetPosition before{-1, -1};
      for (const OffsetPosition& entry : segment->offset_index().all_entries()) {
        EXPECT_GT(entry.offset, before.offset);
        EXPECT_GT(entry.position, before.position);
        ASSERT_TRUE(starts.contains(entry.position)) << "an entry points at a batch";
        EXPECT_EQ(starts[entry.position], entry.offset);
        before = entry;
      }
      TimestampOffset time_before{-1, -1};
      for (const TimestampOffset& entry : segment->time_index().all_entries()) {
        EXPECT_GT(entry.timestamp, time_before.timestamp);
        EXPECT_GE(entry.offset, time_before.offset);
        EXPECT_LT(entry.offset, expected);
        time_before = entry;
      }
      check_time_index(*segment);
    }
  }
  void check_time_index(const LogSegment& segment) {
    for (const TimestampOffset& entry : segment.time_index().all_entries()) {
      FileBatchReader reader = segment.records().batches(0);
      while (const auto b = reader.next()) {
        if (b->header.last_offset() > entry.offset) break;
        EXPECT_LE(b->header.max_timestamp(), entry.timestamp);
      }
    }
  }

  // 29
  void check_epochs() {
    const std::vector<EpochEntry> entries = log_->describe().leader_epochs;
    EpochEntry before{-1, -1};
    for (const EpochEntry& entry : entries) {
      EXPECT_GT(entry.epoch, before.epoch);
      EXPECT_GE(entry.start_offset, before.start_offset);
      before = entry;
    }
    for (const auto& segment : log_->segments()) {
      FileBatchReader reader = segment->records().batches(0);
      while (const auto b = reader.next()) {
        const Offset base = b->header.base_offset();
        if (b->header.last_offset() < log_->log_start_offset()) continue;
        LeaderEpoch known = kNoLeaderEpoch;
        for (const EpochEntry& e : entries) {
          if (e.start_offset <= std::max(base, log_->log_start_offset())) known = e.epoch;
        }
        EXPECT_EQ(known, b->header.partition_leader_epoch()) << "at offset " << base;
      }
    }
  }

  // 27: again, and nothing changes.
  void check_recovery_again() {
    const auto facts = [&] {
      const LogDescription d = log_->describe();
      std::string text = std::to_string(d.log_start_offset) + " " +
                         std::to_string(d.log_end_offset) + " " +
                         std::to_string(d.active_producers);
      for (const auto& s : d.segments) {
        text += fmt_segment(s);
      }
      for (const auto& e : d.leader_epochs) {
        text += " e" + std::to_string(e.epoch) + "@" + std::to_string(e.start_offset);
      }
      return text;
    };
    const ByteBuffer bytes = read_all(*log_, log_->log_start_offset());
    const std::string before = facts();
    log_.reset();
    log_ = open_log(test_, config_, recovery_point_, false, log_start_);
    EXPECT_EQ(facts(), before);
    EXPECT_EQ(read_all(*log_, log_->log_start_offset()), bytes);
    log_.reset();
  }
  static std::string fmt_segment(const SegmentDescription& s) {
    std::string text = " [" + std::to_string(s.base_offset) + " " + std::to_string(s.size_bytes);
    for (const auto& e : s.offset_index)
      text += " " + std::to_string(e.offset) + "@" + std::to_string(e.position);
    for (const auto& e : s.time_index) text += " " + std::to_string(e.timestamp);
    return text + " " + std::to_string(s.aborted_transactions) + "]";
  }

  RandomStream random_;
  LogTestNode test_;
  std::shared_ptr<LogConfig> config_;
  std::shared_ptr<Log> log_;
  std::vector<Appended> history_;
  std::vector<std::vector<Appended>> lost_histories_;
  Offset floor_ = 0;  // what must survive
  Offset recovery_point_ = 0, log_start_ = 0, checkpointed_start_ = 0;
  bool clean_ = false;
  LeaderEpoch epoch_ = 0;
  ProducerEpoch producer_epoch_ = 0;
  int32_t sequence_ = 0;
};

TEST(LogCrashTest, RecoversAtAnyCrashFromAnyLoss) {
  for (uint64_t seed = 1; seed <= 6000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    CrashRun(seed).run();
    if (testing::Test::HasFailure()) break;
  }
}

}  // namespace
}  // namespace kafkascope
