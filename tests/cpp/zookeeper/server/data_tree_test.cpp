// The tree: what requests become, and what transactions do.
#include "zookeeper/server/data_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "zookeeper/server/prep_request_processor.h"
#include "zookeeper/server/sha1.h"
#include "zookeeper/server/zk_path.h"

namespace kafkascope::zk {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

constexpr SessionId kSession = 0x77;

Data text(std::string_view text) { return ByteBuffer(text.begin(), text.end()); }

/// A tree with the session 0x77 working on it.
class DataTreeTest : public testing::Test {
 protected:
  ZkError run(OpCode type, const auto& body) {
    try {
      const TxnRecord record =
          PrepRequestProcessor(tree_, kSession, who_).prepare(WriteRequest{type, body});
      const TxnHeader header{kSession, 1, tree_.last_zxid() + 1, 1000, type};
      events_ = tree_.apply(header, decode_round(type, record));
      if (const auto* created = std::get_if<CreateTxn>(&record)) created_ = created->path;
      return ZkError::kOk;
    } catch (const ZkException& e) {
      return e.code();
    }
  }
  ZkError create(const std::string& path, CreateMode mode = CreateMode::kPersistent,
                 const AclList& acl = open_acl()) {
    return run(OpCode::kCreate, CreateRequest{path, text("x"), acl, mode});
  }
  ZkError remove(const std::string& path, int32_t version = kAnyVersion) {
    return run(OpCode::kDelete, PathVersionRequest{path, version});
  }
  ZkError set(const std::string& path, int32_t version = kAnyVersion) {
    return run(OpCode::kSetData, SetDataRequest{path, text("new"), version});
  }
  Stat stat(const std::string& path) { return DataTree::stat_of(*tree_.find(path)); }
  /// Through the bytes of the log.
  static TxnRecord decode_round(OpCode type, const TxnRecord& record) {
    const ByteBuffer bytes = encode_txn_record(record);
    JuteReader reader(bytes);
    return decode_txn_record(type, reader);
  }

  DataTree tree_;
  std::vector<AuthId> who_ = {{"ip", "10.0.0.7"}};
  std::string created_;
  std::vector<TreeEvent> events_;
};

TEST_F(DataTreeTest, CountsVersionsAsZooKeeperDoes) {
  ASSERT_EQ(create("/a"), ZkError::kOk);
  EXPECT_EQ(stat("/a").czxid, 1);
  ASSERT_EQ(create("/a/b"), ZkError::kOk);
  EXPECT_EQ(stat("/a").cversion, 1);
  EXPECT_EQ(stat("/a").pzxid, 2);
  ASSERT_EQ(set("/a", 0), ZkError::kOk);
  EXPECT_EQ(set("/a", 0), ZkError::kBadVersion);
  EXPECT_EQ(stat("/a").version, 1);
  EXPECT_EQ(stat("/a").mzxid, 3);
  EXPECT_EQ(stat("/a").data_length, 3);
  ASSERT_EQ(remove("/a/b"), ZkError::kOk);
  EXPECT_EQ(stat("/a").cversion, 2);
  EXPECT_EQ(stat("/a").pzxid, 4);
  EXPECT_EQ(stat("/a").num_children, 0);
}

TEST_F(DataTreeTest, RefusesWhatZooKeeperRefuses) {
  ASSERT_EQ(create("/a"), ZkError::kOk);
  ASSERT_EQ(create("/a/e", CreateMode::kEphemeral), ZkError::kOk);
  EXPECT_EQ(stat("/a/e").ephemeral_owner, kSession);
  EXPECT_EQ(create("/a"), ZkError::kNodeExists);
  EXPECT_EQ(create("/"), ZkError::kNodeExists);
  EXPECT_EQ(create("/b/c"), ZkError::kNoNode);
  EXPECT_EQ(create("/a/e/c"), ZkError::kNoChildrenForEphemerals);
  EXPECT_EQ(create("/c", CreateMode::kContainer), ZkError::kUnimplemented);
  EXPECT_EQ(create("/c", static_cast<CreateMode>(99)), ZkError::kBadArguments);
  EXPECT_EQ(remove("/a"), ZkError::kNotEmpty);
  EXPECT_EQ(remove("/nothing"), ZkError::kNoNode);
  EXPECT_EQ(remove("/a/e", 3), ZkError::kBadVersion);
  EXPECT_EQ(remove("/zookeeper/quota"), ZkError::kBadArguments);
  EXPECT_EQ(set("/nothing"), ZkError::kNoNode);
  EXPECT_EQ(create("a"), ZkError::kBadArguments);
}

TEST_F(DataTreeTest, SequentialNamesCountCreations) {
  ASSERT_EQ(create("/q"), ZkError::kOk);
  ASSERT_EQ(create("/q/n-", CreateMode::kPersistentSequential), ZkError::kOk);
  EXPECT_EQ(created_, "/q/n-0000000000");
  ASSERT_EQ(remove(created_), ZkError::kOk);
  ASSERT_EQ(create("/q/", CreateMode::kEphemeralSequential), ZkError::kOk);
  EXPECT_EQ(created_, "/q/0000000001");
}

TEST_F(DataTreeTest, AClosedSessionTakesItsEphemeralsAlong) {
  create("/a");
  create("/a/e", CreateMode::kEphemeral);
  create("/a/f", CreateMode::kEphemeral);
  EXPECT_THAT(tree_.ephemerals_of(kSession), ElementsAre("/a/e", "/a/f"));
  events_ = tree_.apply({kSession, 0, 4, 0, OpCode::kCloseSession}, CloseSessionTxn{});
  EXPECT_EQ(events_.size(), 4U);
  EXPECT_EQ(events_[0].type, EventType::kNodeDeleted);
  EXPECT_EQ(events_[1].path, "/a");
  EXPECT_TRUE(tree_.ephemerals().empty());
  EXPECT_EQ(tree_.count_below("/"), 4);
  EXPECT_EQ(tree_.count_below("/zookeeper"), 2);
}

TEST_F(DataTreeTest, APartOfAMultiSeesThePartsBefore) {
  PrepRequestProcessor prep(tree_, kSession, who_);
  const auto plan = [&](OpCode type, const auto& body) { return prep.prepare({type, body}); };
  plan(OpCode::kCreate, CreateRequest{"/a", {}, open_acl(), {}});
  const auto create = plan(
      OpCode::kCreate, CreateRequest{"/a/n", {}, open_acl(), CreateMode::kPersistentSequential});
  EXPECT_EQ(std::get<CreateTxn>(create).path, "/a/n0000000000");
  plan(OpCode::kSetData, SetDataRequest{"/a", {}, 0});
  plan(OpCode::kCheck, PathVersionRequest{"/a", 1});
  EXPECT_THROW(plan(OpCode::kDelete, PathVersionRequest{"/a"}), ZkException);
  plan(OpCode::kDelete, PathVersionRequest{"/a/n0000000000"});
  plan(OpCode::kDelete, PathVersionRequest{"/a"});
  EXPECT_THROW(plan(OpCode::kCheck, PathVersionRequest{"/a"}), ZkException);
  EXPECT_EQ(tree_.find("/a"), nullptr);  // nothing was done yet
}

TEST_F(DataTreeTest, AclsDecideWhoMayDoWhat) {
  const AclList subnet_reads = {{kRead, "ip", "10.0.0.0/8"}};
  ASSERT_EQ(create("/a", {}, subnet_reads), ZkError::kOk);
  EXPECT_EQ(create("/a/b"), ZkError::kNoAuth);
  EXPECT_EQ(set("/a"), ZkError::kNoAuth);
  EXPECT_EQ(run(OpCode::kSetAcl, SetAclRequest{"/a", open_acl()}), ZkError::kNoAuth);
  EXPECT_EQ(create("/c", {}, {}), ZkError::kInvalidAcl);
  EXPECT_EQ(create("/c", {}, {{kPermAll, "digest", "no hash"}}), ZkError::kInvalidAcl);
  EXPECT_EQ(create("/c", {}, {{kPermAll, "auth", ""}}), ZkError::kInvalidAcl);
  who_.push_back(*authenticate("digest", text("user:secret"), ""));
  ASSERT_EQ(create("/c", {}, {{kPermAll, "auth", ""}}), ZkError::kOk);
  EXPECT_EQ(tree_.find("/c")->acl[0].scheme, "digest");
  EXPECT_EQ(mask_acl(tree_.find("/c")->acl)[0].id, "user:x");
  EXPECT_EQ(set("/c"), ZkError::kOk);
  who_.pop_back();
  EXPECT_EQ(set("/c"), ZkError::kNoAuth);
  EXPECT_FALSE(is_allowed(subnet_reads, kRead, {{"ip", "11.0.0.7"}}));
}

TEST(Sha1Test, KnownAnswers) {
  // FIPS 180-4's examples, and the one of ZooKeeper's guide to ACLs.
  EXPECT_EQ(sha1(as_bytes("abc"))[0], 0xa9);
  EXPECT_EQ(sha1(as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))[19], 0xf1);
  EXPECT_EQ(authenticate("digest", text("user:password"), "")->id,
            "user:tpUq/4Pn5A64fVZyQ0gOJ8ZWqkY=");
}

TEST(ZkPathTest, AllowsWhatZooKeeperAllows) {
  for (const char* good : {"/", "/a", "/a/b", "/a.b/..c", "/\u00fc\u4e2d", "/ "})
    EXPECT_TRUE(is_valid_path(good)) << good;
  for (const char* bad : {"", "a", "/a/", "//", "/a//b", "/.", "/a/../b", "/\x01", "/\x7f", "/\xff",
                          "/\xc3", "/\xed\xa0\x80", "/\xf0\x9f\x98\x80", "/\xc0\xaf", "/\uf8ff"})
    EXPECT_FALSE(is_valid_path(bad)) << bad;
  EXPECT_FALSE(is_valid_path(std::string("/a\0b", 4)));
  EXPECT_EQ(parent_of("/a/b"), "/a");
  EXPECT_EQ(parent_of("/a"), "/");
  EXPECT_EQ(name_of("/a/b"), "b");
}

}  // namespace
}  // namespace kafkascope::zk
