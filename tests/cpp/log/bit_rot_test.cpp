// Any bit of a log's files flips while nobody looks: no wrong answer, and after a crash no wrong
// log.
#include "log/log_test_support.h"
#include "log/producer_state_entry.h"

namespace kafkascope {
namespace {

class BitRotTest : public testing::Test {
 protected:
  BitRotTest() {
    config->segment_size = 3000;
    config->index_interval = 300;
    auto log = open_log(test, config);
    for (int i = 0; i < 40; ++i) {
      const TimestampMs at = 1'500'000'000'000 + 1000 * i;
      const auto options =
          i % 4 == 0 ? from_producer(7, 0, i / 4 * 3) : MemoryRecordsBuilder::Options{};
      EXPECT_TRUE(log->append_as_leader(make_batch(3, options, at, 60), 0).ok());
    }
    answers = look_up_all(*log);
    bytes = read_all(*log, 0);
    log->close();
    for (const std::string& path : test.files.paths()) original[path] = *test.files.content(path);
  }

  /// Each offset's batch, and the first offset of each time.
  static std::vector<std::string> look_up_all(Log& log) {
    std::vector<std::string> all;
    for (Offset offset = 0; offset < log.log_end_offset(); ++offset) {
      const auto read = log.read(offset, 1, FetchIsolation::kLogEnd, true).value();
      const SharedSlice batch = read.records.to_slice();
      all.emplace_back(batch.view().begin(), batch.view().end());
    }
    for (int i = -1; i < 41; ++i) {
      const auto found = log.fetch_offset_by_timestamp(1'500'000'000'000 + 1000 * i + 1);
      all.push_back(found ? std::to_string(found->offset) : "none");
    }
    return all;
  }

  /// Calls fn for each byte of the files that end so, with one bit of it flipped.
  template <typename Function>
  void for_each_flip(const std::string& suffix, Function fn) {
    int flips = 0;
    for (const auto& [path, content] : original) {
      if (!path.starts_with("/data/t-0/") || !path.ends_with(suffix)) continue;
      for (size_t at = 0; at < content.size(); ++at) {
        SCOPED_TRACE(path + " byte " + std::to_string(at));
        restore();
        ByteBuffer damaged = content;
        damaged[at] ^= static_cast<uint8_t>(1 << at % 8);
        write(path, damaged);
        fn();
        ++flips;
        if (HasFailure()) return;
      }
    }
    EXPECT_GT(flips, 5);
  }
  void restore() {
    for (const std::string& name : test.files.list("/data/t-0"))
      test.files.remove("/data/t-0/" + name);
    for (const auto& [path, content] : original) write(path, content);
  }
  void write(const std::string& path, const ByteBuffer& content) {
    test.files.open(path, OpenMode::kTruncate)->pwrite(content, 0);
  }

  LogTestNode test;
  std::shared_ptr<LogConfig> config = small_config();
  std::map<std::string, ByteBuffer> original;
  std::vector<std::string> answers;
  ByteBuffer bytes;
};

TEST_F(BitRotTest, IndexesOfALogThatWasClosedGiveTheRightAnswersAllTheSame) {
  for (const char* suffix : {".index", ".timeindex"}) {
    for_each_flip(suffix, [&] {
      const auto log = open_log(test, config, 0, true);
      EXPECT_EQ(look_up_all(*log), answers);
    });
  }
}

TEST_F(BitRotTest, DataIsToldByItsChecksum) {
  for_each_flip(".log", [&] {
    try {
      const auto log = open_log(test, config, 0, true);
      const ByteBuffer found = read_all(*log, log->log_start_offset());
      if (found == bytes) return;
      bool sound = true;
      Offset next = 0;
      for (const RecordBatch& batch : MemoryRecords(SharedSlice(nullptr, found))) {
        // The checksum covers neither format, offset nor epoch: those must follow on each other.
        sound &= batch.is_checksum_valid() && batch.magic() == 2 && batch.base_offset() == next &&
                 batch.partition_leader_epoch() == 0;
        next = batch.next_offset();
      }
      EXPECT_FALSE(sound && next == 120);
    } catch (const KafkaException&) {
    }
  });
}

TEST_F(BitRotTest, NothingIsCutFromALogThatWasClosed) {
  const auto size = [&] {
    size_t all = 0;
    for (const auto& [path, content] : original)
      if (path.ends_with(".log")) all += test.files.content(path)->size();
    return all;
  };
  const size_t whole = size();
  for_each_flip(".log", [&] {
    try {
      (void)open_log(test, config, 0, true);
    } catch (const KafkaException&) {
    }
    EXPECT_EQ(size(), whole) << "what lies behind the damage can still be read";
  });
}

TEST_F(BitRotTest, ARecoveryCutsTheLogWhereItIsDamaged) {
  for_each_flip(".log", [&] {
    const auto log = open_log(test, config, 0, false);
    const ByteBuffer found = read_all(*log, log->log_start_offset());
    ASSERT_LE(found.size(), bytes.size());
    const bool prefix = std::equal(found.begin(), found.end(), bytes.begin());
    if (prefix) return;
    // No checksum covers first offsets and leader epochs: one that grew ends the log at the next.
    for (const RecordBatch& batch : MemoryRecords(SharedSlice(nullptr, found)))
      EXPECT_TRUE(batch.is_checksum_valid());
  });
}

TEST_F(BitRotTest, SnapshotsOfProducersAreNotTrusted) {
  for_each_flip(".snapshot", [&] {
    const auto log = open_log(test, config, 0, true);
    const auto producers = log->active_producers();
    ASSERT_EQ(producers.size(), 1u);
    EXPECT_EQ(producers[0].last_seq(), 29) << "from an older one and the records after it";
  });
}

TEST_F(BitRotTest, AnEpochFileThatCannotBeIsAnError) {
  for_each_flip("leader-epoch-checkpoint", [&] {
    try {
      const auto log = open_log(test, config, 0, true);
      EXPECT_EQ(read_all(*log, log->log_start_offset()), bytes) << "digits have no checksum";
    } catch (const KafkaStorageException& e) {
      EXPECT_THAT(e.what(), testing::HasSubstr("leader-epoch-checkpoint"));
    }
  });
}

}  // namespace
}  // namespace kafkascope
