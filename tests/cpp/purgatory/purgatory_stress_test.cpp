// Many real threads on one purgatory: each operation completes exactly once, never early, and
// nothing is left behind. Meant for ThreadSanitizer too.
#include <gtest/gtest.h>

#include <chrono>

#include "manual_node.h"
#include "purgatory/delayed_operation_purgatory.h"

namespace kafkascope {
namespace {

class SteadyClock : public Clock {
 public:
  int64_t wall_ms() override { return monotonic().count() / 1'000'000; }
  Instant monotonic() override { return std::chrono::steady_clock::now().time_since_epoch(); }
};

struct Cell {
  std::atomic<int64_t> value{0};
};

class CountDown {
 public:
  CountDown(Node& node, int count)
      : node_(node), mutex_(node, "count"), zero_(node, "count"), left_(count) {}
  void count() {
    Lock lock(mutex_);
    if (--left_ == 0) zero_.notify_all();
  }
  bool await(Duration timeout) {
    Lock lock(mutex_);
    return zero_.wait_until(lock, node_.clock().monotonic() + timeout, [&] { return left_ <= 0; });
  }

 private:
  Node& node_;
  Mutex mutex_;
  ConditionVariable zero_;
  int left_;
};

/// Waits until its cells have reached a sum.
class ReachSum : public DelayedOperation {
 public:
  ReachSum(Clock& clock, CountDown& done, Duration delay, std::vector<Cell*> cells, int64_t sum)
      : DelayedOperation(delay),
        clock_(clock),
        done_(done),
        due_(clock.monotonic() + delay),
        cells_(std::move(cells)),
        sum_(sum) {}

  std::atomic<int> completions{0};
  std::atomic<bool> wrong{false};

 protected:
  bool reached() const {
    int64_t sum = 0;
    for (const Cell* cell : cells_) sum += cell->value.load();
    return sum >= sum_;
  }
  bool try_complete() override { return reached() && force_complete(); }
  void on_complete() override {
    ++completions;
    if (!reached() && clock_.monotonic() < due_) wrong = true;
    done_.count();
  }
  void on_expiration() override {}

 private:
  Clock& clock_;
  CountDown& done_;
  const Instant due_;
  const std::vector<Cell*> cells_;
  const int64_t sum_;
};

constexpr int kThreads = 4;
constexpr int kOperations = 1500;
constexpr int kKeys = 7;

TEST(PurgatoryStress, each_completes_exactly_once_on_real_threads) {
  TestNode<SteadyClock> node;
  DelayedOperationPurgatory<int64_t> purgatory(node.node, "Stress", nullptr, 50);
  purgatory.start();
  CountDown done(node.node, kThreads * kOperations);
  std::array<Cell, kKeys> cells;
  std::vector<std::vector<std::shared_ptr<ReachSum>>> made(kThreads);
  std::deque<Thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back(node.node, "client", [&, t] {
      RandomStream random(static_cast<uint64_t>(t), "client");
      for (int i = 0; i < kOperations; ++i) {
        const auto a = static_cast<int64_t>(random.below(kKeys));
        const auto b = (a + 1) % kKeys;
        const int64_t now = cells[a].value + cells[b].value;
        made[t].push_back(std::make_shared<ReachSum>(
            node.clock, done, std::chrono::microseconds(random.below(3000)),
            std::vector<Cell*>{&cells[a], &cells[b]}, now + static_cast<int64_t>(random.below(6))));
        purgatory.try_complete_else_watch(made[t].back(), {a, b});
        const auto moved = static_cast<int64_t>(random.below(kKeys));
        ++cells[moved].value;
        purgatory.check_and_complete(moved);
      }
    });
  }
  for (Thread& thread : threads) thread.join();
  EXPECT_TRUE(done.await(std::chrono::seconds(60)));
  purgatory.shutdown();
  for (const auto& operations : made) {
    for (const auto& operation : operations) {
      EXPECT_EQ(operation->completions, 1);
      EXPECT_FALSE(operation->wrong) << "completed early";
    }
  }
  purgatory.purge_completed();
  EXPECT_EQ(purgatory.watched(), 0);
}

}  // namespace
}  // namespace kafkascope
