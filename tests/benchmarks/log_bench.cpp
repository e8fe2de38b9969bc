// One figure of a log: log_bench COMMAND DIR ARGUMENTS... prints "seconds cpu_seconds bytes count".
// The other side is ApacheLogBench.java; log_bench.py runs both.
#include <sys/resource.h>

#include <cfloat>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>

#include "log/cleaner/cleaner.h"
#include "log/cleaner/log_cleaner.h"
#include "log/log_dir_failure_channel.h"
#include "log/log_manager.h"
#include "log/log_segment.h"
#include "record/memory_records.h"
#include "record/memory_records_builder.h"
#include "runtime/file_slice.h"
#include "runtime/node.h"
#include "runtime/real/real_runtime.h"

using namespace kafkascope;  // NOLINT: a program of one file

namespace {

constexpr int kRecordsPerBatch = 100;
constexpr size_t kValueSize = 100;
constexpr int64_t kFirstTimestamp = 1'700'000'000'000;

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) { return t.tv_sec + t.tv_usec / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Work {
  int64_t bytes = 0, count = 0;
};

class Bench {
 public:
  Bench() : node_(runtime_.make_node("bench")) {}

  std::shared_ptr<Log> open(const std::string& dir, bool clean) {
    auto config = std::make_shared<LogConfig>();
    config->segment_size = 256 << 20;
    config->compact = true;
    LogOpenOptions options;
    options.dir = dir;
    options.config = config;
    options.had_clean_shutdown = clean;
    auto log = Log::open(*node_, options);
    log->update_high_watermark(log->log_end_offset());
    return log;
  }

  void timed(const std::function<Work()>& work) {
    const double cpu = cpu_seconds();
    const Instant start = node_->clock().monotonic();
    const Work done = work();
    const double seconds =
        std::chrono::duration<double>(node_->clock().monotonic() - start).count();
    std::printf("%.4f %.4f %lld %lld\n", seconds, cpu_seconds() - cpu,
                static_cast<long long>(done.bytes), static_cast<long long>(done.count));
  }

  /// Batches of records whose keys are drawn from so many.
  void append(const std::string& dir, int64_t bytes, uint64_t keys) {
    RandomStream random(1, "keys");
    std::vector<ByteBuffer> batches;
    for (int i = 0; i < 2000; ++i) {
      MemoryRecordsBuilder builder({});
      const std::string value(kValueSize, static_cast<char>('a' + i % 26));
      for (int n = 0; n < kRecordsPerBatch; ++n) {
        const std::string key = "key-" + std::to_string(random.below(keys));
        builder.append(kFirstTimestamp + i, as_bytes(key), as_bytes(value));
      }
      batches.push_back(builder.close());
    }
    auto log = open(dir, true);
    timed([&] {
      Work work;
      for (size_t i = 0; work.bytes < bytes; ++i) {
        ByteBuffer batch = batches[i % batches.size()];
        work.bytes += static_cast<int64_t>(batch.size());
        work.count += kRecordsPerBatch;
        (void)log->append_as_leader(SharedSlice::of(std::move(batch)), 0);
      }
      return work;
    });
    log->close();
  }

  void read(const std::string& dir) {
    auto log = open(dir, true);
    timed([&] {
      Work work;
      Offset at = log->log_start_offset();
      ByteBuffer buffer(2 << 20);  // one for all reads, as on the other side
      while (at < log->log_end_offset()) {
        const auto info = log->read(at, 1 << 20, FetchIsolation::kLogEnd, true).value();
        const auto& slice = static_cast<const FileSlice&>(*info.records.external);
        const auto into = MutableByteView(buffer).first(slice.size());
        const ByteView bytes = into.first(slice.file().pread(into, slice.offset()));
        for (const RecordBatch& batch : MemoryRecords(SharedSlice(nullptr, bytes)))
          at = batch.next_offset();
        work.bytes += static_cast<int64_t>(bytes.size());
        ++work.count;
      }
      return work;
    });
    log->close();
  }

  void look_up(const std::string& dir, int64_t count, bool by_time) {
    auto log = open(dir, true);
    RandomStream random(2, "offsets");
    const auto end = static_cast<uint64_t>(log->log_end_offset());
    timed([&] {
      Work work;
      for (; work.count < count; ++work.count) {
        if (by_time) {
          work.bytes += log->fetch_offset_by_timestamp(kFirstTimestamp +
                                                       static_cast<int64_t>(random.below(2000)))
                            ->offset >= 0;
        } else {
          work.bytes += log->convert_to_offset_metadata(static_cast<Offset>(random.below(end)))
                            .value()
                            .relative_position_in_segment >= 0;
        }
      }
      return work;
    });
    log->close();
  }

  void recover(const std::string& dir) {
    timed([&] {
      const auto log = open(dir, false);
      return Work{log->size(), log->number_of_segments()};
    });
  }

  void clean(const std::string& dir) {
    auto log = open(dir, true);
    if (log->segments().back()->size() > 0) log->roll();
    timed([&] {
      Throttler throttler(*node_, DBL_MAX);
      Cleaner cleaner(*node_, CleanerConfig{}, throttler, [](const TopicPartition&) {});
      const auto offsets = cleanable_offsets(*log, std::nullopt, node_->clock().wall_ms());
      const auto stats = cleaner.clean(LogToClean(log, offsets, true)).stats;
      return Work{stats.bytes_read, stats.messages_read};
    });
    log->close();
  }

  /// Opens what was shut down cleanly; makes it first where it is not there.
  void open_many(const std::string& dir, int count) {
    LogManagerConfig config;
    config.log_dirs = {dir};
    LogDirFailureChannel failures(*node_);
    const bool is_there = node_->files().exists(dir + "/t-0");
    LogManager manager(*node_, config, failures);
    if (is_there) {
      return timed([&] {
        manager.startup();
        return Work{0, static_cast<int64_t>(manager.all_logs().size())};
      });
    }
    manager.startup();
    MemoryRecordsBuilder builder({});
    builder.append(kFirstTimestamp, as_bytes("k"), as_bytes("v"));
    const ByteBuffer batch = builder.close();
    for (int i = 0; i < count; ++i)
      manager.get_or_create_log({"t", i}, {})
          ->append_as_leader(SharedSlice::of(ByteBuffer(batch)), 0);
    manager.shutdown();
    std::printf("0 0 0 %d\n", count);
  }

 private:
  real::RealRuntime runtime_;
  std::unique_ptr<Node> node_;
};

}  // namespace

int main(int count, char** arguments) {
  const auto number = [&](int n) { return count > n ? std::atoll(arguments[n]) : 0; };
  if (count < 3) return 2;
  const std::string command = arguments[1], dir = arguments[2];
  Bench bench;
  const std::map<std::string, std::function<void()>> commands = {
      {"append", [&] { bench.append(dir, number(3), static_cast<uint64_t>(number(4))); }},
      {"read", [&] { bench.read(dir); }},
      {"offset", [&] { bench.look_up(dir, number(3), false); }},
      {"time", [&] { bench.look_up(dir, number(3), true); }},
      {"recover", [&] { bench.recover(dir); }},
      {"clean", [&] { bench.clean(dir); }},
      {"open", [&] { bench.open_many(dir, static_cast<int>(number(3))); }},
  };
  const auto found = commands.find(command);
  if (found == commands.end()) return 2;
  found->second();
  return 0;
}
