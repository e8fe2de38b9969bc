#include "log/log_test_support.h"

namespace kafkascope {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class IndexTest : public testing::Test {
 protected:
  void put(const std::string& path, ByteBuffer bytes) {
    write_file_atomically(test.files, path, bytes);
  }
  LogTestNode test;
};

TEST_F(IndexTest, OffsetLookupsFindTheLastEntryNotAbove) {
  OffsetIndex index(test.node, "/data/100.index", 100, 8 * 5000);
  EXPECT_EQ(index.lookup(5000), (OffsetPosition{100, 0})) << "empty: scan from the start";
  for (int i = 1; i <= 4000; ++i) index.append(100 + 10 * i, 7 * i);
  for (const Offset offset : {100, 109, 110, 111, 5000, 30'000, 39'999, 40'100, 99'999}) {
    const Offset entry = std::min<Offset>(4000, (offset - 100) / 10);
    const OffsetPosition expected =
        entry == 0 ? OffsetPosition{100, 0}
                   : OffsetPosition{100 + 10 * entry, static_cast<SegmentPosition>(7 * entry)};
    EXPECT_EQ(index.lookup(offset), expected) << offset;
  }
  EXPECT_EQ(index.upper_bound_of_position(8), 120);
  EXPECT_EQ(index.upper_bound_of_position(14), 120);
  EXPECT_EQ(index.upper_bound_of_position(28'001), std::nullopt);
  index.truncate_to(120);
  EXPECT_THAT(index.all_entries(), ElementsAre(OffsetPosition{110, 7}));
}

TEST_F(IndexTest, FilesAreFullSizeWhileWrittenAndTrimmedAfter) {
  {
    OffsetIndex index(test.node, "/data/0.index", 0, 100);
    EXPECT_EQ(index.max_entries(), 12) << "whole entries only";
    index.append(5, 50);
    index.append(9, 90);
    EXPECT_EQ(test.files.open("/data/0.index", OpenMode::kRead)->size(), 96u);
    index.close();
  }
  EXPECT_EQ(read_file(test.files, "/data/0.index"),
            (ByteBuffer{0, 0, 0, 5, 0, 0, 0, 50, 0, 0, 0, 9, 0, 0, 0, 90}));
  OffsetIndex again(test.node, "/data/0.index", 0, 100);
  EXPECT_EQ(again.entries(), 2);
  EXPECT_TRUE(again.is_full());
  again.resize(800);
  again.append(10, 100);
  EXPECT_EQ(again.last_entry(), (OffsetPosition{10, 100}));
  again.reset(800);
  EXPECT_EQ(again.entries(), 0);
  EXPECT_EQ(again.max_entries(), 100);
}

TEST_F(IndexTest, OffsetsTooFarFromTheBaseDoNotFit) {
  OffsetIndex index(test.node, "/data/0.index", 10, 80);
  EXPECT_TRUE(index.can_append_offset(10LL + INT32_MAX));
  EXPECT_FALSE(index.can_append_offset(11LL + INT32_MAX));
  EXPECT_FALSE(index.can_append_offset(9));
}

TEST_F(IndexTest, ZerosAndDisorderAreNoSoundIndex) {
  put("/data/z.index", ByteBuffer(64));
  EXPECT_THAT(OffsetIndex(test.node, "/data/z.index", 0, 64).sanity_check(),
              HasSubstr("8 entries"));
  put("/data/one.index", ByteBuffer(8));
  EXPECT_NE(OffsetIndex(test.node, "/data/one.index", 0, 64).sanity_check(), "");
  put("/data/d.index", ByteBuffer{0, 0, 0, 9, 0, 0, 0, 9, 0, 0, 0, 5, 0, 0, 0, 5});
  EXPECT_NE(OffsetIndex(test.node, "/data/d.index", 0, 64).sanity_check(), "");
  put("/data/z.timeindex", ByteBuffer(60));
  EXPECT_THAT(TimeIndex(test.node, "/data/z.timeindex", 0, 64).sanity_check(),
              HasSubstr("5 entries"));
}

TEST_F(IndexTest, TimeIndexKeepsOneEntryFreeForTheRoll) {
  TimeIndex index(test.node, "/data/0.timeindex", 0, 36);
  EXPECT_TRUE(index.maybe_append(1000, 1));
  EXPECT_FALSE(index.maybe_append(1000, 2)) << "no later timestamp";
  EXPECT_FALSE(index.maybe_append(999, 2));
  EXPECT_TRUE(index.maybe_append(2000, 5));
  EXPECT_TRUE(index.is_full());
  EXPECT_FALSE(index.maybe_append(3000, 6));
  EXPECT_TRUE(index.maybe_append(3000, 6, true));
  EXPECT_EQ(index.lookup(2999), (TimestampOffset{2000, 5}));
  EXPECT_EQ(index.lookup(999), (TimestampOffset{kNoTimestamp, 0}));
  index.truncate_to(5);
  EXPECT_THAT(index.all_entries(), ElementsAre(TimestampOffset{1000, 1}));
}

TEST_F(IndexTest, AbortedTransactionsAreFoundByRange) {
  TransactionIndex index(test.node, "/data/0.txnindex", 0);
  EXPECT_FALSE(test.files.exists("/data/0.txnindex")) << "no file without an entry";
  const AbortedTxn a{1, 0, 10, 2}, b{2, 2, 15, 16}, c{1, 18, 35, 26}, d{3, 26, 37, 38};
  for (const AbortedTxn& txn : {a, b, c, d}) index.append(txn);
  EXPECT_THROW(index.append(a), KafkaException) << "out of order";
  std::vector<AbortedTransaction> found;
  EXPECT_FALSE(index.collect_aborted(0, 12, found));
  EXPECT_THAT(found, ElementsAre(AbortedTransaction{1, 0}, AbortedTransaction{2, 2}));
  found.clear();
  EXPECT_TRUE(index.collect_aborted(16, 100, found));
  EXPECT_THAT(found, ElementsAre(AbortedTransaction{1, 18}, AbortedTransaction{3, 26}));

  TransactionIndex again(test.node, "/data/0.txnindex", 0);
  EXPECT_EQ(again.all(), index.all());
  EXPECT_EQ(again.sanity_check(), "");
  again.truncate_to(35);
  EXPECT_THAT(again.all(), ElementsAre(a, b));
  EXPECT_EQ(read_file(test.files, "/data/0.txnindex").size(), 2 * AbortedTxn::kSize);
  again.reset();
  EXPECT_TRUE(again.all().empty());
}

TEST_F(IndexTest, DamagedTransactionIndexSaysSo) {
  const ByteBuffer entry = AbortedTxn{1, 0, 10, 2}.encode();
  ByteBuffer cut(entry.begin(), entry.begin() + 20), twice = entry, version = entry;
  twice.insert(twice.end(), entry.begin(), entry.end());
  version[1] = 9;
  for (const ByteBuffer& damaged : {cut, twice, version, ByteBuffer(34, 0xff)}) {
    put("/data/0.txnindex", damaged);
    EXPECT_NE(TransactionIndex(test.node, "/data/0.txnindex", 0).sanity_check(), "");
  }
}

}  // namespace
}  // namespace kafkascope
