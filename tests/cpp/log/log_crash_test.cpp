// A log on a disk that crashes at any change and loses what was not synced: invariants 11, 27, 28
// and 29 hold at every recovery.
#include "log/log_checks.h"
#include "log/log_model.h"

namespace kafkascope {
namespace {

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
    const LogAppendInfo info = model_.append(base, base + (kind == 3 ? 1 : count), batch, [&] {
      return log_->append_as_leader(batch, epoch_, origin);
    });
    ASSERT_TRUE(info.ok()) << info.error_message;
    log_->update_high_watermark(log_->log_end_offset());
  }

  TimestampMs timestamp() {
    return 1'500'000'000'000 + static_cast<TimestampMs>(random_.below(100'000));
  }
  size_t size() { return random_.below(300); }

  void truncate() {
    const Offset start = log_->log_start_offset(), end = log_->log_end_offset();
    const Offset to = end - static_cast<Offset>(random_.below((end - start) / 4 + 1));
    const Offset left = model_.truncating(to);
    log_->truncate_to(to);
    model_.truncated(log_->log_end_offset());
    ASSERT_EQ(log_->log_end_offset(), left);
    note_flushed_at_most(log_->log_end_offset());
    new_producer_epoch();
  }

  void note_flushed() {
    model_.flushed(log_->log_end_offset());
    // The checkpoint is written now and then.
    if (random_.chance(0.5)) recovery_point_ = log_->recovery_point();
    if (random_.chance(0.5)) log_start_ = log_->log_start_offset();
  }
  void note_flushed_at_most(Offset offset) { recovery_point_ = std::min(recovery_point_, offset); }
  void new_producer_epoch() { ++producer_epoch_, sequence_ = 0; }

  void clean_close() {
    log_->close();
    recovery_point_ = log_->log_end_offset();
    model_.flushed(recovery_point_);
    log_start_ = log_->log_start_offset();
    clean_ = true;
  }

  void check_recovery() {
    if (!test_.files.exists("/data/t-0")) clean_ = false;
    log_ = open_log(test_, config_, recovery_point_, clean_, log_start_);
    const Offset end = log_->log_end_offset(), start = log_->log_start_offset();
    model_.check_and_adopt(*log_);
    check_offsets(*log_);
    check_segments(*log_);
    check_epochs(*log_);
    check_recovery_again();
    clean_ = false;
    log_start_ = std::max(log_start_, start);
    recovery_point_ = std::min(recovery_point_, end);
    new_producer_epoch();
  }

  // 27: again, and nothing changes.
  void check_recovery_again() {
    const ByteBuffer bytes = read_all(*log_, log_->log_start_offset());
    const std::string before = facts_of(*log_);
    log_.reset();
    log_ = open_log(test_, config_, recovery_point_, false, log_start_);
    EXPECT_EQ(facts_of(*log_), before);
    EXPECT_EQ(read_all(*log_, log_->log_start_offset()), bytes);
    log_.reset();
  }
  RandomStream random_;
  LogTestNode test_;
  std::shared_ptr<LogConfig> config_;
  std::shared_ptr<Log> log_;
  LogModel model_;
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
