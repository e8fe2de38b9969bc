#include "clients/consumer/fetch_session_handler.h"

#include <gtest/gtest.h>

namespace kafkascope {
namespace {

class FetchSessionHandlerTest : public testing::Test {
 protected:
  static FetchPartitionData at(Offset offset, uint64_t id = 1) {
    FetchPartitionData data;
    data.topic_id = Uuid{0, id};
    data.fetch_offset = offset;
    return data;
  }
  FetchSessionHandler handler{1};
  const TopicPartition a{"t", 0};
  const TopicPartition b{"t", 1};
};

TEST_F(FetchSessionHandlerTest, SendsOnlyWhatChanged) {
  FetchSessionRequest request = handler.build({{a, at(0)}, {b, at(0)}});
  EXPECT_TRUE(request.is_full());
  EXPECT_EQ(request.to_send.size(), 2u);
  ASSERT_TRUE(handler.handle_response(ErrorCode::kNone, 77, {a, b}));

  request = handler.build({{a, at(10)}, {b, at(0)}});
  EXPECT_EQ(request.session_id, 77);
  EXPECT_EQ(request.session_epoch, 1);
  ASSERT_EQ(request.to_send.size(), 1u);
  EXPECT_EQ(request.to_send.at(a).fetch_offset, 10);
  EXPECT_EQ(request.session_partitions.size(), 2u);
  ASSERT_TRUE(handler.handle_response(ErrorCode::kNone, 77, {a}));

  request = handler.build({{b, at(0)}});
  EXPECT_EQ(request.session_epoch, 2);
  EXPECT_TRUE(request.to_send.empty());
  EXPECT_EQ(request.to_forget.count(a), 1u);
}

TEST_F(FetchSessionHandlerTest, ABrokerWithoutSessionsGetsFullRequests) {
  (void)handler.build({{a, at(0)}});
  ASSERT_TRUE(handler.handle_response(ErrorCode::kNone, kInvalidSessionId, {a}));
  EXPECT_TRUE(handler.build({{a, at(1)}}).is_full());
}

TEST_F(FetchSessionHandlerTest, ErrorsOpenANewSession) {
  (void)handler.build({{a, at(0)}});
  ASSERT_TRUE(handler.handle_response(ErrorCode::kNone, 77, {a}));
  (void)handler.build({{a, at(1)}});
  EXPECT_FALSE(handler.handle_response(ErrorCode::kFetchSessionIdNotFound, 0, {}));
  FetchSessionRequest request = handler.build({{a, at(1)}});
  EXPECT_TRUE(request.is_full());
  EXPECT_EQ(request.session_id, kInvalidSessionId);
  EXPECT_EQ(request.to_send.size(), 1u);

  ASSERT_TRUE(handler.handle_response(ErrorCode::kNone, 78, {a}));
  (void)handler.build({{a, at(2)}});
  EXPECT_FALSE(handler.handle_response(ErrorCode::kInvalidFetchSessionEpoch, 78, {}));
  request = handler.build({{a, at(2)}});
  EXPECT_TRUE(request.is_full());
  EXPECT_EQ(request.session_id, 78) << "the broker drops the old one when it opens the new one";
}

TEST_F(FetchSessionHandlerTest, ALostAnswerOpensANewSession) {
  (void)handler.build({{a, at(0)}});
  ASSERT_TRUE(handler.handle_response(ErrorCode::kNone, 77, {a}));
  (void)handler.build({{a, at(1)}});
  handler.handle_error();
  EXPECT_TRUE(handler.build({{a, at(1)}}).is_full());
}

TEST_F(FetchSessionHandlerTest, PartitionsThatWereNotAskedForAreRefused) {
  (void)handler.build({{a, at(0)}});
  EXPECT_FALSE(handler.handle_response(ErrorCode::kNone, 77, {a, b}));
  (void)handler.build({{a, at(0)}, {b, at(0)}});
  EXPECT_FALSE(handler.handle_response(ErrorCode::kNone, 77, {a})) << "a full answer names all";
}

TEST_F(FetchSessionHandlerTest, ARecreatedTopicReplacesTheOldOne) {
  (void)handler.build({{a, at(0, 1)}});
  ASSERT_TRUE(handler.handle_response(ErrorCode::kNone, 77, {a}));
  const FetchSessionRequest request = handler.build({{a, at(0, 2)}});
  EXPECT_EQ(request.to_forget.at(a), (Uuid{0, 1}));
  EXPECT_EQ(request.to_send.at(a).topic_id, (Uuid{0, 2}));
}

TEST_F(FetchSessionHandlerTest, TopicsWithoutIdsEndASessionWithIds) {
  (void)handler.build({{a, at(0)}});
  ASSERT_TRUE(handler.handle_response(ErrorCode::kNone, 77, {a}));
  const FetchSessionRequest request = handler.build({{a, at(0)}, {b, at(0, 0)}});
  EXPECT_TRUE(request.is_full());
  EXPECT_FALSE(request.uses_topic_ids);
}

TEST_F(FetchSessionHandlerTest, CloseSaysSo) {
  (void)handler.build({{a, at(0)}});
  ASSERT_TRUE(handler.handle_response(ErrorCode::kNone, 77, {a}));
  const FetchSessionRequest request = handler.close();
  EXPECT_EQ(request.session_id, 77);
  EXPECT_EQ(request.session_epoch, kFinalSessionEpoch);
}

}  // namespace
}  // namespace kafkascope
