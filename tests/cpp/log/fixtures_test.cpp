// Log directories that Apache Kafka 3.9 wrote: every one opens, and reads back what Kafka's own
// tools say is in it.
#include <nlohmann/json.hpp>

#include "common/text.h"
#include "log/checkpoint/broker_metadata_checkpoint.h"
#include "log/log_dir_failure_channel.h"
#include "log/log_manager.h"
#include "log/log_test_support.h"
#include "log/producer_state_snapshot.h"
#include "log/tar_archive.h"
#include "support/gzip_lines.h"

namespace kafkascope {
namespace {

using nlohmann::json;

const char* const kFixtures[] = {"append-time",
                                 "codec-gzip",
                                 "codec-lz4",
                                 "codec-snappy",
                                 "codec-zstd",
                                 "compacted",
                                 "compacted-no-tombstones",
                                 "consumer-offsets",
                                 "deleted-records",
                                 "format-v0",
                                 "format-v0-gzip",
                                 "format-v1",
                                 "format-v1-append-time",
                                 "format-v1-lz4",
                                 "format-v1-snappy",
                                 "idempotent",
                                 "kraft-metadata",
                                 "plain-v2",
                                 "segments",
                                 "transaction-state",
                                 "txn",
                                 "zk-plain"};

class FixturesTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    unpack_tar_gz("fixtures/logs.tar.gz", test_.files, "");
    for (const std::string& name : test_.files.list(dir())) {
      if (test_.files.is_directory(dir() + "/" + name)) log_name_ = name;
    }
    expected_ = read_expected();
  }

  std::string dir() const { return std::string("/logs/") + GetParam(); }
  std::string text_of(const std::string& name) {
    return to_string(read_file(test_.files, dir() + "/" + name));
  }

  /// The batches of .log files, in order.
  std::vector<json> read_expected() {
    std::vector<json> batches;
    const std::string text = text_of("batches.jsonl");
    for (const std::string_view line : split(text, '\n')) {
      if (line.empty()) continue;
      json batch = json::parse(line);
      if (std::string(batch["file"]).ends_with(".log")) batches.push_back(std::move(batch));
    }
    return batches;
  }

  std::shared_ptr<Log> open(bool clean) {
    LogOpenOptions options;
    options.dir = dir() + "/" + log_name_;
    auto config = std::make_shared<LogConfig>();
    if (GetParam() == std::string_view("segments")) config->index_interval = 256;
    config->compact = std::string_view(GetParam()).starts_with("compacted");
    options.config = config;
    options.had_clean_shutdown = clean;
    options.recovery_point = 0;
    options.producer_id_expiration_ms = INT64_MAX;
    return Log::open(test_.node, options);
  }

  /// What kafka-dump-log prints of one file: "offset: 7 position: 344" -> "7 344".
  std::vector<std::string> dumped(const std::string& file, const std::vector<std::string>& fields) {
    const std::string text = text_of("dump.txt");
    std::vector<std::string> found;
    bool here = false;
    for (const std::string_view line : split(text, '\n')) {
      if (line.starts_with("Dumping ")) here = line == "Dumping " + log_name_ + "/" + file;
      if (!here || !line.starts_with(fields[0] + ": ")) continue;
      std::string values;
      for (const std::string& field : fields) values += value_of(line, field) + " ";
      found.push_back(values);
    }
    return found;
  }
  static std::string value_of(std::string_view line, const std::string& field) {
    const size_t at = line.find(" " + field + ": ");
    const size_t from = line.starts_with(field + ": ") ? field.size() + 2 : at + field.size() + 3;
    return std::string(line.substr(from, line.find(' ', from) - from));
  }

  void check_batches(Log& log);
  void check_records(const RecordBatch& batch, const json& expected);
  void check_indexes(const LogSegment& segment, bool closed_by_kafka);

  LogTestNode test_;
  std::string log_name_;
  std::vector<json> expected_;
};

json hex_or_null(const std::optional<ByteView>& bytes) {
  return bytes ? json(to_hex(*bytes)) : json();
}

void FixturesTest::check_records(const RecordBatch& batch, const json& expected) {
  size_t n = 0;
  RecordIterator records(batch);
  for (RecordView record; records.next(record); ++n) {
    ASSERT_LT(n, expected.size());
    const json& want = expected[n];
    EXPECT_EQ(want["offset"], record.offset);
    EXPECT_EQ(want["timestamp"], batch.timestamp_type() == TimestampType::kLogAppendTime
                                     ? batch.max_timestamp()
                                     : record.timestamp);
    EXPECT_EQ(want["keyHex"], hex_or_null(record.key));
    EXPECT_EQ(want["valueHex"], hex_or_null(record.value));
  }
  EXPECT_EQ(n, expected.size());
}

void FixturesTest::check_batches(Log& log) {
  size_t n = 0;
  for (const auto& segment : log.segments()) {
    const std::string file = log_name_ + "/" + segment->path().substr(log.dir().size() + 1);
    FileBatchReader reader = segment->records().batches(0);
    while (const auto found = reader.next()) {
      ASSERT_LT(n, expected_.size());
      const json& want = expected_[n++];
      const RecordBatch batch = reader.load();
      EXPECT_EQ(want["file"], file);
      EXPECT_EQ(want["position"], found->position);
      EXPECT_EQ(want["size"], found->size);
      EXPECT_EQ(want["baseOffset"], batch.base_offset());
      EXPECT_EQ(want["lastOffset"], batch.last_offset());
      EXPECT_EQ(want["magic"], batch.magic());
      EXPECT_EQ(want["crc"], batch.crc());
      EXPECT_EQ(want["compression"], compression_name(batch.compression()));
      EXPECT_EQ(want["maxTimestamp"], batch.max_timestamp());
      check_records(batch, want["records"]);
    }
  }
  EXPECT_EQ(n, expected_.size());
}

void FixturesTest::check_indexes(const LogSegment& segment, bool closed_by_kafka) {
  const std::string stem = segment.path().substr(dir().size() + log_name_.size() + 2, 20);
  std::vector<std::string> offsets, times, txns;
  for (const auto& e : segment.offset_index().all_entries()) {
    offsets.push_back(std::to_string(e.offset) + " " + std::to_string(e.position) + " ");
  }
  EXPECT_EQ(offsets, dumped(stem + ".index", {"offset", "position"}));
  for (const AbortedTxn& t : segment.txn_index().all()) {
    txns.push_back("0 " + std::to_string(t.producer_id) + " " + std::to_string(t.first_offset) +
                   " " + std::to_string(t.last_offset) + " " +
                   std::to_string(t.last_stable_offset) + " ");
  }
  EXPECT_EQ(txns, dumped(stem + ".txnindex", {"version", "producerId", "firstOffset", "lastOffset",
                                              "lastStableOffset"}));
  if (!closed_by_kafka) return;
  for (const auto& e : segment.time_index().all_entries()) {
    times.push_back(std::to_string(e.timestamp) + " " + std::to_string(e.offset) + " ");
  }
  EXPECT_EQ(times, dumped(stem + ".timeindex", {"timestamp", "offset"}));
}

TEST_P(FixturesTest, OpensAndReadsBackWhatKafkasDumpSays) {
  const auto log = open(true);
  check_batches(*log);
  for (const auto& segment : log->segments()) {
    check_indexes(*segment, true);
    if (segment != log->segments().back()) EXPECT_EQ(segment->sanity_check(), "");
  }
  EXPECT_EQ(log->log_end_offset(), Offset{expected_.back()["lastOffset"]} + 1);
}

TEST_P(FixturesTest, EveryOffsetIsFoundByAFetch) {
  const auto log = open(true);
  size_t n = 0;
  for (Offset at = log->log_start_offset(); at < log->log_end_offset(); ++at) {
    const FetchDataInfo info = log->read(at, 1, FetchIsolation::kLogEnd, true).value();
    // The first batch that reaches the offset, whole, also where compaction took the record.
    while (n < expected_.size() && Offset{expected_[n]["lastOffset"]} < at) ++n;
    ASSERT_LT(n, expected_.size());
    EXPECT_EQ(info.fetch_offset_metadata.relative_position_in_segment, expected_[n]["position"]);
    EXPECT_EQ(info.records.size(), expected_[n]["size"]);
  }
}

TEST_P(FixturesTest, RecoveryKeepsAllAndBuildsTheSameIndexes) {
  const auto log = open(false);
  check_batches(*log);
  // Compaction appends to its segments in larger steps: its index entries lie elsewhere.
  const bool compacted = std::string_view(GetParam()).starts_with("compacted");
  for (const auto& segment : log->segments()) {
    if (!compacted) check_indexes(*segment, false);
    const std::vector<OffsetPosition> entries = segment->offset_index().all_entries();
    for (const OffsetPosition& e : entries) {
      EXPECT_EQ(segment->records().search_for_offset(e.offset, e.position)->position, e.position);
    }
  }
}

TEST_P(FixturesTest, SnapshotsOfProducersReadAndWriteTheSameBytes) {
  for (const std::string& name : test_.files.list(dir() + "/" + log_name_)) {
    if (!name.ends_with(".snapshot")) continue;
    const ByteBuffer bytes = read_file(test_.files, dir() + "/" + log_name_ + "/" + name);
    const std::vector<ProducerStateEntry> entries = decode_producer_snapshot(bytes);
    EXPECT_EQ(encode_producer_snapshot(entries), bytes);
    std::vector<std::string> found;
    for (const ProducerStateEntry& e : entries) {
      const std::string txn =
          e.current_txn_first_offset
              ? "OptionalLong[" + std::to_string(*e.current_txn_first_offset) + "]"
              : "OptionalLong.empty";
      found.push_back(std::to_string(e.producer_id) + " " + std::to_string(e.producer_epoch) + " " +
                      std::to_string(e.coordinator_epoch) + " " + txn + " " +
                      std::to_string(e.last_timestamp) + " ");
    }
    EXPECT_EQ(found, dumped(name, {"producerId", "producerEpoch", "coordinatorEpoch",
                                   "currentTxnFirstOffset", "lastTimestamp"}));
  }
}

TEST_P(FixturesTest, TheWholeDirectoryLoadsInALogManager) {
  const auto meta = BrokerMetadataCheckpoint(test_.files, dir()).read();
  ASSERT_TRUE(meta.has_value());
  LogManagerConfig config;
  config.log_dirs = {dir()};
  config.broker_id = *meta->broker_id;
  LogDirFailureChannel failures(test_.node);
  LogManager manager(test_.node, config, failures);
  EXPECT_EQ(manager.cluster_id(), meta->cluster_id);
  manager.startup();
  if (GetParam() == std::string_view("kraft-metadata")) {
    EXPECT_TRUE(manager.all_logs().empty()) << "the controller's log is not a topic's";
    return;
  }
  const auto logs = manager.all_logs();
  ASSERT_EQ(logs.size(), 1u);
  const auto log = logs[0];
  EXPECT_EQ(log->dir(), dir() + "/" + log_name_);
  EXPECT_TRUE(log->topic_id().has_value());
  EXPECT_EQ(manager.read_high_watermarks()[log->topic_partition()], log->log_end_offset());
  const Offset start = GetParam() == std::string_view("deleted-records") ? 45 : 0;
  EXPECT_EQ(log->log_start_offset(), start);
  if (GetParam() == std::string_view("txn")) {
    log->update_high_watermark(log->log_end_offset());
    EXPECT_EQ(log->last_stable_offset(), 118) << "one transaction is still open";
    const auto read = log->read(30, 1 << 20, FetchIsolation::kTxnCommitted, true).value();
    EXPECT_THAT(*read.aborted_transactions,
                testing::IsSupersetOf({AbortedTransaction{9, 30}, AbortedTransaction{10, 31}}));
  }
  manager.shutdown();
}

std::string test_name(const testing::TestParamInfo<const char*>& info) {
  std::string name = info.param;
  std::erase(name, '-');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Kafka, FixturesTest, testing::ValuesIn(kFixtures), test_name);

}  // namespace
}  // namespace kafkascope
