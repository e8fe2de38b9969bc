// What the log's tests share: a node on a sim::SimFileSystem, and batches.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/logging.h"
#include "log/log.h"
#include "log/log_segment.h"
#include "manual_node.h"
#include "record/memory_records.h"
#include "record/memory_records_builder.h"
#include "runtime/sim/sim_file_system.h"

namespace kafkascope {

class CountingTracer : public Tracer {
 public:
  EventId emit(const char* kind, TraceFields, EventId) override {
    ++counts[kind];
    if (on_event) on_event(kind);
    return ++last_;
  }
  std::map<std::string, int> counts;
  std::function<void(const std::string& kind)> on_event;

 private:
  EventId last_ = 0;
};

struct LogTestNode {
  explicit LogTestNode(uint64_t seed = 1)
      : node("test", {clock, nothing<Network>(), files, Random(seed), nullptr, &tracer}) {
    set_log_level(LogLevel::kOff);  // damage is what most tests here are about
    files.create_directories("/data");
    files.sync_dir("/");
  }

  ManualClock clock;
  sim::SimFileSystem files{clock};
  CountingTracer tracer;
  Node node;

 private:
  template <typename Seam>
  Seam& nothing() {
    return *reinterpret_cast<Seam*>(&nothing_);
  }
  alignas(16) char nothing_[16] = {};
};

/// `count` records of about `value_size` bytes, keys k0, k1 ..., timestamps from `timestamp` on.
inline SharedSlice make_batch(int count, MemoryRecordsBuilder::Options options = {},
                              TimestampMs timestamp = 1'500'000'000'000, size_t value_size = 20) {
  MemoryRecordsBuilder builder(options);
  const std::string value(value_size, 'v');
  for (int i = 0; i < count; ++i) {
    const std::string key = "k" + std::to_string(i);
    builder.append(timestamp + i, as_bytes(key), as_bytes(value));
  }
  return SharedSlice::of(builder.close());
}

inline MemoryRecordsBuilder::Options from_producer(ProducerId id, ProducerEpoch epoch,
                                                   int32_t sequence, bool transactional = false) {
  MemoryRecordsBuilder::Options options;
  options.producer_id = id;
  options.producer_epoch = epoch;
  options.base_sequence = sequence;
  options.transactional = transactional;
  return options;
}

inline SharedSlice end_marker(ProducerId id, ProducerEpoch epoch, bool commit,
                              int32_t coordinator_epoch = 0) {
  MemoryRecordsBuilder::Options options = from_producer(id, epoch, kNoSequence, true);
  options.control = true;
  MemoryRecordsBuilder builder(options);
  builder.append_end_txn_marker(1'500'000'000'000, {commit, coordinator_epoch});
  return SharedSlice::of(builder.close());
}

inline std::shared_ptr<LogConfig> small_config() {
  auto config = std::make_shared<LogConfig>();
  config->segment_size = 4096;
  config->max_index_size = 4096;
  config->index_interval = 256;
  config->retention_ms = -1;
  return config;
}

inline std::shared_ptr<Log> open_log(LogTestNode& test, std::shared_ptr<const LogConfig> config,
                                     Offset recovery_point = 0, bool clean = false,
                                     Offset log_start_offset = 0) {
  LogOpenOptions options;
  options.dir = "/data/t-0";
  options.config = std::move(config);
  options.recovery_point = recovery_point;
  options.had_clean_shutdown = clean;
  options.log_start_offset = log_start_offset;
  return Log::open(test.node, options);
}

/// All bytes from the offset on, up to the log end, as a follower would fetch them.
inline ByteBuffer read_all(Log& log, Offset from) {
  ByteBuffer all;
  while (from < log.log_end_offset()) {
    const FetchDataInfo info = log.read(from, 1 << 20, FetchIsolation::kLogEnd, true).value();
    const SharedSlice bytes = info.records.to_slice();
    if (bytes.empty()) break;
    all.insert(all.end(), bytes.view().begin(), bytes.view().end());
    const Offset asked = from;
    for (const RecordBatch& batch : MemoryRecords(bytes)) from = batch.next_offset();
    if (from <= asked) break;  // a base offset has rotten
  }
  return all;
}

inline std::vector<Offset> offsets_of(const Payload& records) {
  std::vector<Offset> offsets;
  MemoryRecords(records.to_slice()).for_each_record([&](const RecordBatch&, const RecordView& r) {
    offsets.push_back(r.offset);
  });
  return offsets;
}

}  // namespace kafkascope
