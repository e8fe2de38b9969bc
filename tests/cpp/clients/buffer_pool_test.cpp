#include "clients/producer/buffer_pool.h"

#include <gtest/gtest.h>

#include "common/errors.h"
#include "runtime/real/real_runtime.h"

namespace kafkascope {
namespace {

using namespace std::chrono_literals;

class BufferPoolTest : public testing::Test {
 protected:
  Instant in(Duration duration) { return node->clock().monotonic() + duration; }

  real::RealRuntime runtime;
  std::unique_ptr<Node> node = runtime.make_node("test");
};

TEST_F(BufferPoolTest, ReusesBuffersOfThePoolableSize) {
  BufferPool pool(*node, 100, 10);
  ByteBuffer buffer = pool.allocate(10, in(0s));
  EXPECT_EQ(pool.available_memory(), 90);
  const uint8_t* memory = buffer.data();
  pool.deallocate(std::move(buffer), 10);
  EXPECT_EQ(pool.available_memory(), 100);
  EXPECT_EQ(pool.describe().free_buffers, 1);
  EXPECT_EQ(pool.allocate(10, in(0s)).data(), memory);
  EXPECT_EQ(pool.describe().free_buffers, 0);
}

TEST_F(BufferPoolTest, LargeRequestsTakeThePooledOnesApart) {
  BufferPool pool(*node, 30, 10);
  std::vector<ByteBuffer> buffers;
  for (int i = 0; i < 3; ++i) buffers.push_back(pool.allocate(10, in(0s)));
  for (ByteBuffer& buffer : buffers) pool.deallocate(std::move(buffer), 10);
  EXPECT_EQ(pool.describe().free_buffers, 3);
  const ByteBuffer large = pool.allocate(25, in(0s));
  EXPECT_GE(large.capacity(), 25u);
  EXPECT_EQ(pool.available_memory(), 5);
}

TEST_F(BufferPoolTest, CountsWhatALaterReaderStillHolds) {
  BufferPool pool(*node, 20, 10);
  (void)pool.allocate(10, in(0s));
  pool.deallocate({}, 10);
  EXPECT_EQ(pool.available_memory(), 20);
  EXPECT_EQ(pool.describe().free_buffers, 0);
}

TEST_F(BufferPoolTest, WaitsUntilMemoryComesBack) {
  BufferPool pool(*node, 10, 10);
  ByteBuffer buffer = pool.allocate(10, in(0s));
  Thread giver(*node, "giver", [&] {
    while (pool.waiting_threads() == 0) std::this_thread::yield();
    pool.deallocate(std::move(buffer), 10);
  });
  EXPECT_GE(pool.allocate(10, in(10s)).capacity(), 10u);
  giver.join();
}

TEST_F(BufferPoolTest, WhoeverWaitsCanBeInterrupted) {
  int calls = 0;
  BufferPool pool(*node, 10, 10, [&] {
    EXPECT_EQ(pool.waiting_threads(), 1);  // it holds no lock
    if (++calls == 2) throw std::runtime_error("interrupted");
  });
  ByteBuffer held = pool.allocate(10, in(0s));
  EXPECT_THROW((void)pool.allocate(10, in(1h)), std::runtime_error);
  EXPECT_EQ(pool.waiting_threads(), 0);
  pool.deallocate(std::move(held), 10);
  EXPECT_GE(pool.allocate(10, in(0s)).capacity(), 10u);
  EXPECT_EQ(calls, 2);
}

TEST_F(BufferPoolTest, SaysWhatWasShortAtTheDeadline) {
  BufferPool pool(*node, 10, 10);
  const ByteBuffer held = pool.allocate(10, in(0s));
  try {
    (void)pool.allocate(10, in(1ms));
    FAIL();
  } catch (const KafkaException& failure) {
    EXPECT_EQ(failure.code(), ErrorCode::kRequestTimedOut);
    EXPECT_NE(std::string(failure.what()).find("buffer.memory"), std::string::npos);
  }
  EXPECT_EQ(pool.waiting_threads(), 0);
  EXPECT_THROW((void)pool.allocate(11, in(1h)), KafkaException);
}

TEST_F(BufferPoolTest, ALargeRequestIsNotOvertaken) {
  BufferPool pool(*node, 20, 10);
  ByteBuffer first = pool.allocate(10, in(0s));
  ByteBuffer second = pool.allocate(10, in(0s));
  std::atomic<bool> large_served{false};
  Thread large(*node, "large", [&] {
    (void)pool.allocate(20, in(10s));
    large_served = true;
    pool.deallocate({}, 20);
  });
  while (pool.waiting_threads() < 1) std::this_thread::yield();
  Thread small(*node, "small", [&] {
    (void)pool.allocate(10, in(10s));
    EXPECT_TRUE(large_served);
  });
  while (pool.waiting_threads() < 2) std::this_thread::yield();
  pool.deallocate(std::move(first), 10);
  EXPECT_FALSE(large_served);
  pool.deallocate(std::move(second), 10);
  large.join();
  small.join();
}

TEST_F(BufferPoolTest, CloseWakesTheWaiting) {
  BufferPool pool(*node, 10, 10);
  const ByteBuffer held = pool.allocate(10, in(0s));
  Thread closer(*node, "closer", [&] {
    while (pool.waiting_threads() == 0) std::this_thread::yield();
    pool.close();
  });
  EXPECT_THROW((void)pool.allocate(10, in(10s)), KafkaException);
  closer.join();
  EXPECT_THROW((void)pool.allocate(10, in(10s)), KafkaException);
}

}  // namespace
}  // namespace kafkascope
