// Snapshots and logs: their bytes, what damage does, and a crash before every change of the disk.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/errors.h"
#include "raw_client.h"
#include "sim_server.h"

namespace kafkascope::zk {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::ThrowsMessage;

CreateTxn create(const std::string& path) { return {path, ByteBuffer(3, 7), open_acl(), false, 1}; }

ByteBuffer log_of(int count) {
  sim::SimRuntime sim({});
  Node& node = sim.add_node("n");
  FileTxnSnapLog log(node, {.data_dir = "/d", .log_dir = "/d"});
  for (int i = 1; i <= count; ++i)
    log.append({{.zxid = i, .type = OpCode::kCreate}, create("/n" + std::to_string(i))});
  log.commit();
  return read_file(node.files(), "/d/version-2/log.1");
}

std::vector<Zxid> zxids_of(ByteView bytes, LogScan& scan) {
  std::vector<Zxid> zxids;
  scan = scan_log(bytes, [&](const Txn& txn) { zxids.push_back(txn.header.zxid); });
  return zxids;
}

TEST(FileTxnLogTest, BeginsAsApacheZooKeepersDoes) {
  const ByteBuffer bytes = log_of(1);
  EXPECT_EQ(as_text(ByteView(bytes).first(4)), "ZKLG");
  EXPECT_EQ(bytes[7], 2);
  EXPECT_EQ(bytes.back(), 'B');
}

TEST(FileTxnLogTest, EveryCutIsFoundWhereTheLastWholeEntryEnds) {
  const ByteBuffer bytes = log_of(3);
  LogScan whole;
  EXPECT_THAT(zxids_of(bytes, whole), ElementsAre(1, 2, 3));
  EXPECT_EQ(whole.valid_bytes, bytes.size());
  for (size_t size = 0; size < bytes.size(); ++size) {
    LogScan scan;
    const size_t found = zxids_of(ByteView(bytes).first(size), scan).size();
    EXPECT_LT(found, 3U);
    EXPECT_LE(scan.valid_bytes, size);
    // An entry begins with four zeros.
    EXPECT_EQ(scan.torn, scan.valid_bytes == 0 ? size > 0 : size > scan.valid_bytes + 4);
  }
}

TEST(FileTxnLogTest, ABitThatTurnedEndsTheLog) {
  const ByteBuffer bytes = log_of(2);
  LogScan scan;
  for (size_t at = kFileHeaderSize; at < bytes.size(); ++at) {
    ByteBuffer damaged = bytes;
    damaged[at] ^= 0x10;
    EXPECT_LT(zxids_of(damaged, scan).size(), 2U) << at;
  }
}

TEST(FileTxnLogTest, ZerosBehindAreNoDamage) {
  ByteBuffer bytes = log_of(2);
  const size_t size = bytes.size();
  bytes.resize(size + 5000);
  LogScan scan;
  EXPECT_EQ(zxids_of(bytes, scan).size(), 2U);
  EXPECT_EQ(scan.valid_bytes, size);
  EXPECT_FALSE(scan.torn);
}

TEST(FileSnapTest, GivesBackWhatItGot) {
  DataTree tree;
  tree.apply({.session = 5, .zxid = 1}, CreateTxn{"/a", {}, {{1, "ip", "10.0.0.1"}}, true, 1});
  tree.apply({.session = 5, .zxid = 2, .time = 9}, create("/b"));
  const SessionTimeouts sessions = {{5, 4000}, {6, 8000}};
  const ByteBuffer bytes = encode_snapshot(tree, sessions);
  EXPECT_EQ(as_text(ByteView(bytes).first(4)), "ZKSN");
  DataTree read;
  SessionTimeouts read_sessions;
  decode_snapshot(bytes, read, read_sessions);
  EXPECT_EQ(read_sessions, sessions);
  EXPECT_EQ(encode_snapshot(read, read_sessions), bytes);
  EXPECT_EQ(read.find("/a")->acl[0].id, "10.0.0.1");
  EXPECT_EQ(read.find("/a")->data, std::nullopt);
  EXPECT_THAT(read.ephemerals_of(5), ElementsAre("/a"));
}

TEST(FileSnapTest, RefusesEveryCutAndEveryBitThatTurned) {
  DataTree tree;
  tree.apply({.zxid = 1}, create("/a"));
  const ByteBuffer bytes = encode_snapshot(tree, {{5, 4000}});
  SessionTimeouts sessions;
  for (size_t size = 0; size + 5 < bytes.size(); ++size)  // the mark at the end says nothing more
    EXPECT_THROW(decode_snapshot(ByteView(bytes).first(size), tree, sessions),
                 SerializationException);
  for (size_t at = 0; at + 5 < bytes.size(); ++at) {
    ByteBuffer damaged = bytes;
    damaged[at] ^= 1;
    EXPECT_THROW(decode_snapshot(damaged, tree, sessions), SerializationException) << at;
  }
}

/// Creates /n0, /n1 ... until the server is gone; returns how many were answered.
int create_until_the_end(SimServer& sim, int most) {
  int answered = 0;
  sim.run([&] {
    RawClient client(sim.client_node, sim.address);
    if (client.hung_up() || client.connect().session_id == 0) return;
    while (answered < most &&
           client.create("/n" + std::to_string(answered), "data") == ZkError::kOk)
      ++answered;
  });
  return answered;
}

// With snapshots and purges under way. What was answered is there; what was not may be.
TEST(CrashTest, BeforeEveryChangeOfTheDisk) {
  int changes = 0;
  for (bool finished = false; !finished; ++changes) {
    SimServer sim(static_cast<uint64_t>(changes) + 1);
    sim.config.snap_count = 4;
    sim.config.purge_interval_hours = 1;
    ASSERT_TRUE(sim.start());
    sim.sim.disk("zk").crash_after(changes);
    const int answered = create_until_the_end(sim, 25);
    finished = answered == 25 && !sim.sim.disk_crashed("zk");
    sim.crash();
    ASSERT_TRUE(sim.start()) << changes;
    for (int i = 0; i < answered; ++i)
      ASSERT_TRUE(sim.server().get("/n" + std::to_string(i))) << changes << ": " << i;
    EXPECT_LE(static_cast<int>(sim.server().nodes().size()), 4 + answered + 1);
    EXPECT_GE(sim.server().sessions().size(), answered > 0 ? 1U : 0U);
    const int expected = sim.server().get("/n0") ? 0 : 1;
    EXPECT_EQ(create_until_the_end(sim, 1), expected);
  }
  EXPECT_GT(changes, 60);
}

TEST(RestoreTest, KeepsThreeSnapshotsAndTheLogsTheyNeed) {
  SimServer sim(1);
  sim.config.snap_count = 5;
  sim.config.purge_interval_hours = 1;
  ASSERT_TRUE(sim.start());
  EXPECT_EQ(create_until_the_end(sim, 40), 40);
  const auto files = sim.sim.disk("zk").list("/zk/version-2");
  EXPECT_EQ(std::ranges::count_if(files, [](auto& f) { return f.starts_with("snapshot."); }), 3);
  EXPECT_LE(files.size(), 7U);
  sim.stop();
  ASSERT_TRUE(sim.start());
  EXPECT_TRUE(sim.server().get("/n39"));
}

TEST(RestoreTest, DamageInTheMiddleIsToldAndNotCutOff) {
  SimServer sim(1);
  sim.config.snap_count = 5;
  ASSERT_TRUE(sim.start());
  create_until_the_end(sim, 12);
  sim.crash();
  auto& disk = sim.sim.disk("zk");
  for (const std::string& path : disk.paths()) {
    // Without snapshots all depends on the first log.
    if (path.find("snapshot.") != std::string::npos && !path.ends_with("snapshot.0"))
      disk.remove(path);
  }
  disk.rot("/zk/version-2/log.1", 100);
  EXPECT_THAT([&] { sim.start(); },
              ThrowsMessage<SerializationException>(HasSubstr("newer logs follow")));
}

TEST(RestoreTest, ADiskThatFailsEndsTheServer) {
  SimServer sim(1);
  ASSERT_TRUE(sim.start());
  sim.sim.disk("zk").add_fault({.operation = sim::DiskOperation::kSync});
  EXPECT_EQ(create_until_the_end(sim, 5), 0);
  EXPECT_THAT(sim.server().failure(), HasSubstr("Input/output error"));
}

}  // namespace
}  // namespace kafkascope::zk
