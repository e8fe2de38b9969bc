// A LogManager's work with a crash before each change of the disk in turn, and five ways in which
// what was not synced is lost: every log opens again with what was synced, and a second recovery
// finds nothing to do (invariants 11, 27 to 30).
#include <cstdlib>

#include "log/cleaner/log_cleaner.h"
#include "log/log_checks.h"
#include "log/log_dir_failure_channel.h"
#include "log/log_file_names.h"
#include "log/log_manager.h"
#include "log/log_model.h"

namespace kafkascope {
namespace {

struct Pattern {
  const char* name;
  sim::Survival survival;
};
const Pattern kPatterns[] = {
    {"nothing unsynced survives", {0, 0, 4096}},
    {"everything survives: the process was killed", {1, 1, 4096}},
    {"names survive, contents do not", {1, 0, 4096}},
    {"half of the names and of the pages", {0.5, 0.5, 4096}},
    {"most survives, torn into sectors", {0.9, 0.8, 512}},
};

const TopicPartition kPlain{"plain", 0}, kCompacted{"compacted", 0}, kDoomed{"doomed", 0};
const LogManager::TopicConfigs kTopics = {
    {"plain",
     {{"segment.bytes", "1500"},
      {"retention.bytes", "5000"},
      {"retention.ms", "-1"},
      {"index.interval.bytes", "200"},
      {"segment.index.bytes", "960"},
      {"file.delete.delay.ms", "20"}}},
    {"compacted",
     {{"cleanup.policy", "compact"},
      {"segment.bytes", "900"},
      {"min.cleanable.dirty.ratio", "0.01"},
      {"delete.retention.ms", "30"},
      {"index.interval.bytes", "100"},
      {"segment.index.bytes", "960"},
      {"file.delete.delay.ms", "20"}}},
    {"doomed", {{"segment.index.bytes", "960"}, {"file.delete.delay.ms", "20"}}}};

/// What was put under each key of the compacted log, and what of it must survive.
class KeyModel {
 public:
  struct Written {
    Offset offset;
    std::string key;
    std::optional<std::string> value;
    bool operator==(const Written&) const = default;
  };

  void writing(Written record) { written_.push_back(std::move(record)); }
  void flushed(Offset end) { floor_ = end; }
  /// A cleaning begins: it may take what lies below.
  void cleaning(Offset end) { cleaned_to_ = std::max(cleaned_to_, end); }

  void check_and_adopt(Log& log) {
    const Offset end = log.log_end_offset();
    EXPECT_GE(end, floor_) << "what was synced is there";
    std::map<Offset, Written> found;
    const ByteBuffer bytes = read_all(log, log.log_start_offset());
    MemoryRecords(SharedSlice(nullptr, bytes))
        .for_each_record([&](const RecordBatch&, const RecordView& r) {
          std::optional<std::string> value;
          if (r.value) value = std::string(to_string(*r.value));
          found[r.offset] = {r.offset, std::string(to_string(*r.key)), value};
        });
    std::erase_if(written_, [&](const Written& w) { return w.offset >= end; });
    std::map<std::string, Written> last;
    std::map<Offset, const Written*> by_offset;
    for (const Written& w : written_) {
      last[w.key] = w;
      by_offset[w.offset] = &w;
      if (w.offset >= cleaned_to_) EXPECT_TRUE(found.contains(w.offset)) << w.offset << " is dirty";
    }
    for (const auto& [key, w] : last) {
      if (w.value) EXPECT_TRUE(found.contains(w.offset)) << key << "'s last is " << w.offset;
    }
    for (const auto& [offset, record] : found) {
      ASSERT_TRUE(by_offset.contains(offset)) << "nobody wrote " << offset;
      EXPECT_EQ(record, *by_offset[offset]);
    }
    floor_ = std::min(floor_, end);
  }

  /// After everything was cleaned: only the last of each key.
  void check_clean(Log& log) {
    std::map<std::string, Offset> last;
    for (const Written& w : written_) last[w.key] = w.offset;
    const ByteBuffer bytes = read_all(log, log.log_start_offset());
    MemoryRecords(SharedSlice(nullptr, bytes))
        .for_each_record([&](const RecordBatch&, const RecordView& r) {
          EXPECT_EQ(last[std::string(to_string(*r.key))], r.offset) << "came back";
        });
  }

 private:
  std::vector<Written> written_;
  Offset floor_ = 0, cleaned_to_ = 0;
};

class BoundaryRun {
 public:
  explicit BoundaryRun(uint64_t seed) : steps_(seed, "steps"), losses_(seed, "losses") {
    config_.log_dirs = {"/data/a"};
    config_.cleaner.io_buffer_size = 8192;
  }

  /// Works until the crash comes. False when it did not: the work has fewer changes.
  bool run_until_crash(int changes) {
    test_.files.crash_after(changes);
    try {
      start();
      for (int i = 0; i < 160; ++i) step(i);
      manager_->shutdown();
      model_.flushed(end_of(kPlain)), keys_.flushed(end_of(kCompacted));
    } catch (const sim::FiberKilled&) {
      return true;
    }
    return false;
  }

  void lose_and_check(const sim::Survival& survival) {
    plain_.reset(), compacted_.reset(), manager_.reset();
    test_.files.restart(losses_, survival);
    const Offset swapped_from = base_of_swap();
    start();
    // Segments behind a swap that a crash cut short may be there uncleaned.
    const auto clean_to = manager_->cleaner()->manager().all_cleaner_checkpoints();
    if (clean_to.contains(kCompacted)) EXPECT_LE(clean_to.at(kCompacted), swapped_from);
    model_.check_and_adopt(*plain_);
    keys_.check_and_adopt(*compacted_);
    for (const auto& log : manager_->all_logs()) {
      check_offsets(*log);
      check_segments(*log, log->config()->compact);
      if (!log->config()->compact) check_epochs(*log);
    }
    check_again();
    check_cleaning();
  }

 private:
  void start() {
    manager_ = std::make_unique<LogManager>(test_.node, config_, failures_);
    manager_->startup(kTopics);
    plain_ = make(kPlain), compacted_ = make(kCompacted);
    for (const auto& log : manager_->all_logs()) log->update_high_watermark(log->log_end_offset());
  }
  std::shared_ptr<Log> make(const TopicPartition& partition) {
    return manager_->get_or_create_log(partition, kTopics.at(partition.topic));
  }
  Offset base_of_swap() {
    const std::string dir = "/data/a/compacted-0";
    if (!test_.files.exists(dir)) return INT64_MAX;
    for (const std::string& name : test_.files.list(dir)) {
      if (name.ends_with(".log.swap")) return *offset_of_file_name(name, ".log.swap");
    }
    return INT64_MAX;
  }
  Offset end_of(const TopicPartition& p) { return p == kPlain ? plain_end_ : compacted_end_; }

  void step(int i) {
    test_.clock.advance(std::chrono::milliseconds(1));
    if (i == 20) doomed_ = make(kDoomed), doomed_->append_as_leader(make_batch(3), 0);
    if (i == 50) doomed_.reset(), manager_->async_delete(kDoomed);
    const uint64_t what = steps_.below(100);
    if (what < 40) {
      append_plain();
    } else if (what < 72) {
      append_keys();
    } else if (what < 76) {
      flush();
    } else if (what < 79) {
      plain_->roll();
    } else if (what < 83) {
      clean();
    } else if (what < 87) {
      manager_->cleanup_logs();
    } else if (what < 90) {
      truncate();
    } else if (what < 92) {
      ++epoch_;
    } else if (what < 94) {
      (void)plain_->delete_records(
          plain_->log_start_offset() +
          static_cast<Offset>(
              steps_.below((plain_->high_watermark() - plain_->log_start_offset()) / 4 + 1)));
    } else if (what < 97) {
      manager_->flush_rolled_logs();
      manager_->checkpoint_log_recovery_offsets();
      manager_->checkpoint_log_start_offsets();
      manager_->checkpoint_high_watermarks();
    } else {
      manager_->delete_logs();
    }
    plain_end_ = plain_->log_end_offset(), compacted_end_ = compacted_->log_end_offset();
  }

  void append_plain() {
    const int count = 1 + static_cast<int>(steps_.below(4));
    const TimestampMs at = 1'500'000'000'000 + static_cast<TimestampMs>(steps_.below(100'000));
    MemoryRecordsBuilder::Options options;
    const uint64_t kind = steps_.below(4);
    AppendOrigin origin = AppendOrigin::kClient;
    if (kind == 0) options = from_producer(8, 0, 0, true), origin = AppendOrigin::kCoordinator;
    SharedSlice batch = make_batch(count, options, at, steps_.below(300));
    if (kind == 1) batch = end_marker(8, 0, false), origin = AppendOrigin::kCoordinator;
    const Offset base = plain_->log_end_offset();
    const LogAppendInfo info = model_.append(base, base + (kind == 1 ? 1 : count), batch, [&] {
      return plain_->append_as_leader(batch, epoch_, origin);
    });
    ASSERT_TRUE(info.ok()) << info.error_message;
    plain_->update_high_watermark(plain_->log_end_offset());
  }

  void append_keys() {
    MemoryRecordsBuilder builder({});
    Offset offset = compacted_->log_end_offset();
    for (uint64_t i = 1 + steps_.below(3); i > 0; --i) {
      const std::string key = "k" + std::to_string(steps_.below(8));
      std::optional<std::string> value;
      if (!steps_.chance(0.2)) value = std::to_string(offset) + std::string(steps_.below(150), 'v');
      keys_.writing({offset++, key, value});
      builder.append(test_.clock.wall_ms(), as_bytes(key),
                     value ? std::optional(as_bytes(*value)) : std::nullopt);
    }
    ASSERT_TRUE(compacted_->append_as_leader(SharedSlice::of(builder.close()), 0).ok());
    compacted_->update_high_watermark(compacted_->log_end_offset());
  }

  void flush() {
    plain_->flush(), compacted_->flush();
    model_.flushed(plain_->log_end_offset()), keys_.flushed(compacted_->log_end_offset());
  }

  void clean() {
    keys_.cleaning(compacted_->active_base_offset());
    manager_->cleaner()->clean_filthiest_log();
  }

  void truncate() {
    const Offset start = plain_->log_start_offset(), end = plain_->log_end_offset();
    const Offset to = end - static_cast<Offset>(steps_.below((end - start) / 4 + 1));
    const Offset left = model_.truncating(to);
    manager_->truncate_to({{kPlain, to}});
    model_.truncated(plain_->log_end_offset());
    ASSERT_EQ(plain_->log_end_offset(), left);
  }

  // 27: nothing changes.
  void check_again() {
    std::map<TopicPartition, std::string> before;
    for (const auto& log : manager_->all_logs()) before[log->topic_partition()] = facts_of(*log);
    plain_.reset(), compacted_.reset(), manager_.reset();
    start();
    for (const auto& log : manager_->all_logs())
      EXPECT_EQ(facts_of(*log), before[log->topic_partition()]);
  }

  // 30: whatever a swap left half done, in the end one record a key is left, and no old one.
  void check_cleaning() {
    if (compacted_->segments().back()->size() > 0) compacted_->roll();
    test_.clock.advance(std::chrono::seconds(1));
    for (int i = 0; i < 2; ++i) (void)manager_->cleaner()->clean_filthiest_log();
    keys_.check_clean(*compacted_);
    check_segments(*compacted_, true);
    manager_->shutdown();
  }

  RandomStream steps_, losses_;
  LogTestNode test_;
  LogManagerConfig config_;
  LogDirFailureChannel failures_{test_.node};
  std::unique_ptr<LogManager> manager_;
  std::shared_ptr<Log> plain_, compacted_, doomed_;
  LogModel model_;
  KeyModel keys_;
  Offset plain_end_ = 0, compacted_end_ = 0;
  LeaderEpoch epoch_ = 0;
};

/// Every how many boundaries: 1 tries them all.
int stride() {
  const char* given = std::getenv("KAFKASCOPE_CRASH_STRIDE");
  return given == nullptr ? 9 : std::max(1, std::atoi(given));
}

TEST(CrashBoundariesTest, RecoversFromACrashBeforeAnyChange) {
  int recoveries = 0;
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    bool crashed = true;
    for (int changes = 0; crashed; changes += stride()) {
      for (const Pattern& pattern : kPatterns) {
        SCOPED_TRACE("seed " + std::to_string(seed) + ", crash before change " +
                     std::to_string(changes) + ", " + pattern.name);
        BoundaryRun run(seed);
        crashed = run.run_until_crash(changes);
        run.lose_and_check(pattern.survival);
        ++recoveries;
        if (testing::Test::HasFailure()) return;
      }
    }
  }
  RecordProperty("recoveries", recoveries);
  std::printf("%d recoveries\n", recoveries);
  EXPECT_GE(recoveries, 1000);
}

}  // namespace
}  // namespace kafkascope
