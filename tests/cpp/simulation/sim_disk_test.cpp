// The simulated disk: what was synced survives, what was not may, and calls fail when they are told
// to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "common/errors.h"
#include "runtime/sim/sim_runtime.h"

namespace kafkascope::sim {
namespace {

using namespace std::chrono_literals;

class Machine {
 public:
  explicit Machine(uint64_t seed = 1) : runtime({.seed = seed}), node(&runtime.add_node("n")) {
    files().create_directories("/d");
    files().sync_dir("/");
  }
  SimFileSystem& files() { return runtime.disk("n"); }
  std::unique_ptr<File> create(const std::string& path) {
    return files().open(path, OpenMode::kCreate);
  }
  void restart(Crash how = {}) {
    runtime.crash("n", how);
    node = &runtime.add_node("n");
  }

  SimRuntime runtime;
  Node* node;
};

ByteBuffer counting(size_t size) {
  ByteBuffer bytes(size);
  std::iota(bytes.begin(), bytes.end(), uint8_t{0});
  return bytes;
}

TEST(SimDiskTest, WhatWasSyncedSurvives) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    Machine machine(seed);
    const auto file = machine.create("/d/a");
    file->pwrite(counting(10'000), 0);
    file->sync();
    machine.files().sync_dir("/d");
    file->pwrite(ByteBuffer(5'000, 0xff), 10'000);
    machine.restart();
    const ByteBuffer found = read_file(machine.files(), "/d/a");
    ASSERT_GE(found.size(), 10'000u);
    ASSERT_EQ(ByteBuffer(found.begin(), found.begin() + 10'000), counting(10'000));
  }
}

TEST(SimDiskTest, WhatWasNotSyncedTearsByPage) {
  std::set<std::string> outcomes;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    Machine machine(seed);
    const auto file = machine.create("/d/a");
    file->pwrite(ByteBuffer(3 * 4096, 'o'), 0);
    file->sync();
    machine.files().sync_dir("/d");
    file->pwrite(ByteBuffer(3 * 4096, 'n'), 0);
    machine.restart();
    const ByteBuffer found = read_file(machine.files(), "/d/a");
    std::string pages;
    for (size_t page = 0; page < 3; ++page) {
      pages += static_cast<char>(found[page * 4096]);
      ASSERT_EQ(found[page * 4096], found[page * 4096 + 4095]) << "torn inside a page";
    }
    outcomes.insert(pages);
  }
  EXPECT_EQ(outcomes.size(), 8u) << "every subset of three pages";
}

TEST(SimDiskTest, OldBytesNeverComeBackAmongNewerOnes) {
  std::set<std::string> outcomes;
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    Machine machine(seed);
    const auto file = machine.create("/d/a");
    file->pwrite(ByteBuffer(2 * 4096, 'o'), 0);
    file->sync();
    machine.files().sync_dir("/d");
    file->truncate(0);
    file->pwrite(ByteBuffer(2 * 4096, 'n'), 0);
    machine.restart();
    std::string pages;
    const ByteBuffer found = read_file(machine.files(), "/d/a");
    for (size_t at = 0; at < found.size(); at += 4096) pages += static_cast<char>(found[at]);
    const bool mixed = pages.find('o') != std::string::npos && pages.find('n') != std::string::npos;
    ASSERT_FALSE(mixed) << seed;
    outcomes.insert(pages);
  }
  EXPECT_TRUE(outcomes.contains("oo"));
  EXPECT_TRUE(outcomes.contains("nn"));
  EXPECT_TRUE(outcomes.contains(""));
}

TEST(SimDiskTest, AProcessThatDiesLosesNothingThatItWrote) {
  Machine machine;
  machine.create("/d/a")->pwrite(counting(100), 0);
  machine.restart({.power_loss = false});
  EXPECT_EQ(read_file(machine.files(), "/d/a"), counting(100));
}

TEST(SimDiskTest, AMappedFileIsWrittenBackBySyncOnly) {
  bool lost = false;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    Machine machine(seed);
    const auto mapped = machine.files().map("/d/a", 4096);
    machine.files().sync_dir("/d");
    mapped->bytes()[0] = 1;
    mapped->sync();
    mapped->bytes()[1] = 2;
    machine.restart();
    const ByteBuffer found = read_file(machine.files(), "/d/a");
    ASSERT_EQ(found[0], 1);
    lost |= found[1] == 0;
  }
  EXPECT_TRUE(lost);
}

TEST(SimDiskTest, AFileMayBeMappedAgainLarger) {
  Machine machine;
  machine.files().map("/d/a", 4096)->bytes()[0] = 7;
  const auto larger = machine.files().map("/d/a", 1 << 20);
  EXPECT_EQ(larger->bytes()[0], 7);
}

TEST(SimDiskTest, AFullDiskSaysSo) {
  Machine machine;
  machine.files().limit_bytes = 1000;
  const auto file = machine.create("/d/a");
  file->pwrite(ByteBuffer(900), 0);
  EXPECT_EQ(machine.files().free_bytes("/d"), 100u);
  try {
    file->pwrite(ByteBuffer(200), 900);
    FAIL() << "the disk was not full";
  } catch (const KafkaStorageException& e) {
    EXPECT_THAT(e.what(), testing::HasSubstr("/d/a: No space left on device"));
  }
  file->pwrite(ByteBuffer(100), 900);
}

TEST(SimDiskTest, AnOperationFailsWhenItIsToldTo) {
  Machine machine;
  machine.files().add_fault({DiskOperation::kSync, "/d/a", 1, 1});
  const auto file = machine.create("/d/a");
  file->sync();
  EXPECT_THROW(file->sync(), KafkaStorageException);
  file->sync();
  machine.create("/d/b")->sync();
  machine.files().add_fault({DiskOperation::kRead, "/d"});
  uint8_t byte = 0;
  EXPECT_THROW(file->pread({&byte, 1}, 0), KafkaStorageException);
  machine.files().clear_faults();
  EXPECT_EQ(file->pread({&byte, 1}, 0), 0u);
  EXPECT_EQ(machine.runtime.trace().events().back().kind, std::string("DiskFailed"));
}

TEST(SimDiskTest, ASlowDiskTakesVirtualTime) {
  Machine machine;
  machine.files().speed.sync = 3s;
  machine.runtime.call(*machine.node, [&] { machine.create("/d/a")->sync(); });
  EXPECT_EQ(machine.runtime.scheduler().now(), 3s);
}

TEST(SimDiskTest, SomeOfTheCallsFailByChance) {
  std::set<int> failures;
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    int failed = 0;
    for (int twice = 0; twice < 2; ++twice) {
      Machine machine(seed);
      machine.files().add_fault(
          {.operation = DiskOperation::kSync, .path_prefix = "/d", .chance = 0.3});
      const auto file = machine.create("/d/a");
      int now = 0;
      for (int i = 0; i < 100; ++i) {
        try {
          file->sync();
        } catch (const KafkaStorageException&) {
          ++now;
        }
      }
      EXPECT_TRUE(twice == 0 || now == failed) << "the seed decides";
      failed = now;
    }
    EXPECT_GT(failed, 10);
    EXPECT_LT(failed, 60);
    failures.insert(failed);
  }
  EXPECT_GT(failures.size(), 1u);
}

TEST(SimDiskTest, LargeWritesTakeLonger) {
  Machine machine;
  machine.files().speed.bytes_per_second = 1000;
  machine.runtime.call(*machine.node, [&] { machine.create("/d/a")->pwrite(counting(5000), 0); });
  EXPECT_EQ(machine.runtime.scheduler().now(), 5s);
}

/// A thread that would make the change stops there, one that comes to the disk later too; the
/// crash unwinds both.
TEST(SimDiskTest, ACrashComesBeforeAChange) {
  Machine machine;
  machine.files().crash_after(3);
  for (const char* path : {"/d/a", "/d/b"}) {
    machine.runtime.scheduler().spawn(*machine.node, path, [&machine, path] {
      const auto file = machine.create(path);
      for (uint64_t i = 0; i < 10; ++i) file->pwrite(counting(1), i);
    });
  }
  EXPECT_TRUE(machine.runtime.scheduler().run_until([&] { return machine.files().crashed(); }, 1s));
  EXPECT_EQ(machine.files().changes(), 2 + 3) << "the directory, its sync, and three more";
  machine.restart({.power_loss = false});
  EXPECT_FALSE(machine.files().crashed());
  machine.create("/d/c")->pwrite(counting(1), 0);
}

TEST(SimClockTest, TheWallClockMayBeOffAndRunFastOrStandStill) {
  Machine machine;
  SimClock& clock = machine.runtime.clock("n");
  const int64_t start = clock.wall_ms();
  const auto after_100_s = [&] {
    const int64_t before = clock.wall_ms();
    machine.runtime.scheduler().run_for(100s);
    return clock.wall_ms() - before;
  };
  EXPECT_EQ(after_100_s(), 100'000);
  clock.set_rate(1.01);
  EXPECT_EQ(after_100_s(), 101'000);
  clock.set_rate(0);
  EXPECT_EQ(after_100_s(), 0);
  clock.skew_ms = -3'600'000;
  clock.set_rate(1);
  EXPECT_EQ(after_100_s(), 100'000);
  EXPECT_EQ(clock.wall_ms() - start, 301'000 - 3'600'000);
}

TEST(SimDiskTest, AStoredBitRots) {
  Machine machine;
  machine.create("/d/a")->pwrite(counting(10), 0);
  machine.files().rot("/d/a", 5);
  EXPECT_EQ(read_file(machine.files(), "/d/a")[5], 5 ^ 1);
}

TEST(SimDiskTest, ARenameIsDurableAfterItsDirectoryWasSynced) {
  std::set<std::string> found;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    Machine machine(seed);
    machine.create("/d/a")->sync();
    machine.files().sync_dir("/d");
    machine.files().rename("/d/a", "/d/b");
    if (seed > 25) machine.files().sync_dir("/d");
    machine.restart();
    const std::vector<std::string> names = machine.files().list("/d");
    ASSERT_EQ(names.size(), 1u);
    ASSERT_TRUE(seed <= 25 || names[0] == "b");
    found.insert(names[0]);
  }
  EXPECT_THAT(found, testing::ElementsAre("a", "b"));
}

}  // namespace
}  // namespace kafkascope::sim
