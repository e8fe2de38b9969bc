// TimingWheel and SystemTimer against a model: never early, at most one tick late, each task once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "manual_node.h"
#include "purgatory/system_timer.h"

namespace kafkascope {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;

class Recorded : public TimerTask {
 public:
  Recorded(Duration delay, Clock& clock, std::string name = "task")
      : TimerTask(delay), clock_(clock), name_(std::move(name)) {}
  void run() override { ran_at_.push_back(clock_.monotonic()); }
  std::string describe() const override { return name_; }
  const std::vector<Instant>& ran_at() const { return ran_at_; }

 private:
  Clock& clock_;
  std::string name_;
  std::vector<Instant> ran_at_;
};

struct TimerTest : ::testing::Test {
  std::shared_ptr<Recorded> add(Duration delay, std::string name = "task") {
    auto task = std::make_shared<Recorded>(delay, node.clock, std::move(name));
    timer.add(task);
    return task;
  }
  void advance(Duration by) {
    node.clock.advance(by);
    timer.advance_clock(Duration(0));
  }
  ManualNode node;
  SystemTimer timer{node.node, "test", 1, 4};
};

TEST_F(TimerTest, runs_a_task_when_its_delay_has_passed) {
  auto task = add(milliseconds(3));
  advance(milliseconds(2));
  EXPECT_TRUE(task->ran_at().empty());
  EXPECT_EQ(timer.size(), 1);
  advance(milliseconds(1));
  EXPECT_EQ(task->ran_at().size(), 1u);
  EXPECT_EQ(timer.size(), 0);
}

TEST_F(TimerTest, no_delay_runs_at_the_next_advance) {
  auto task = add(milliseconds(0));
  EXPECT_TRUE(task->ran_at().empty());
  advance(milliseconds(0));
  EXPECT_EQ(task->ran_at().size(), 1u);
}

TEST_F(TimerTest, a_part_of_a_millisecond_is_never_cut_off) {
  node.clock.advance(std::chrono::microseconds(900));
  auto task = add(milliseconds(1));
  advance(std::chrono::microseconds(999));
  EXPECT_TRUE(task->ran_at().empty());
  advance(std::chrono::microseconds(101));
  EXPECT_EQ(task->ran_at().size(), 1u);
}

TEST_F(TimerTest, a_cancelled_task_never_runs) {
  auto task = add(milliseconds(30));
  task->cancel();
  task->cancel();
  EXPECT_EQ(timer.size(), 0);
  advance(milliseconds(100));
  EXPECT_TRUE(task->ran_at().empty());
}

TEST_F(TimerTest, cancelling_a_task_that_was_never_added_does_nothing) {
  Recorded task(milliseconds(1), node.clock);
  task.cancel();
}

TEST_F(TimerTest, a_delay_without_end_waits) {
  auto task = add(Duration::max());
  advance(std::chrono::hours(1000));
  EXPECT_EQ(timer.size(), 1);
  EXPECT_TRUE(task->ran_at().empty());
}

TEST_F(TimerTest, overflow_wheels_are_made_when_needed_and_described) {
  EXPECT_EQ(timer.describe().levels.size(), 1u);
  add(milliseconds(2), "near");
  add(milliseconds(50), "far");
  const TimerDescription d = timer.describe();
  EXPECT_EQ(d.size, 2);
  ASSERT_EQ(d.levels.size(), 3u);
  EXPECT_EQ(d.levels[1].tick_ms, 4);
  EXPECT_EQ(d.levels[2].tick_ms, 16);
  ASSERT_EQ(d.levels[0].buckets.size(), 1u);
  EXPECT_THAT(d.levels[0].buckets[0].tasks, ElementsAre("near"));
  ASSERT_EQ(d.levels[2].buckets.size(), 1u);
  EXPECT_THAT(d.levels[2].buckets[0].tasks, ElementsAre("far"));
  advance(milliseconds(48));
  const TimerDescription later = timer.describe();
  ASSERT_EQ(later.levels[0].buckets.size(), 1u);
  EXPECT_THAT(later.levels[0].buckets[0].tasks, ElementsAre("far"));
}

TEST_F(TimerTest, close_ends_a_waiting_advance) {
  Thread waiting(node.node, "waiting", [&] { EXPECT_FALSE(timer.advance_clock(kForever)); });
  timer.close();
  waiting.join();
}

TEST_F(TimerTest, an_earlier_task_wakes_the_waiting_thread) {
  add(std::chrono::hours(1));
  auto task = std::make_shared<Recorded>(milliseconds(0), node.clock);
  Thread waiting(node.node, "waiting", [&] { EXPECT_TRUE(timer.advance_clock(kForever)); });
  timer.add(task);
  waiting.join();
  EXPECT_EQ(task->ran_at().size(), 1u);
}

struct Expected {
  std::shared_ptr<Recorded> task;
  Instant due;
  bool cancelled = false;
};

// One random history: adds of very different delays, cancels, jumps of time, at any tick and wheel
// size.
void check_history(uint64_t seed) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  RandomStream random(seed, "history");
  ManualNode node(seed);
  const int64_t tick_ms = 1 + static_cast<int64_t>(random.below(5));
  SystemTimer timer(node.node, "test", tick_ms, 2 + static_cast<int>(random.below(20)));
  std::vector<Expected> all;
  for (int step = 0; step < 400; ++step) {
    const uint64_t what = random.below(10);
    if (what < 5) {
      const Duration delay(random.below(uint64_t{1} << (10 + random.below(28))));
      all.push_back(
          {std::make_shared<Recorded>(delay, node.clock), node.clock.monotonic() + delay});
      timer.add(all.back().task);
    } else if (what < 6 && !all.empty()) {
      Expected& victim = all[random.below(all.size())];
      victim.cancelled = victim.cancelled || victim.task->ran_at().empty();
      victim.task->cancel();
    } else {
      // As the reaper does: awake whenever a bucket is due, so lateness is the wheel's alone.
      for (uint64_t i = random.below(2000); i > 0; --i) {
        node.clock.advance(milliseconds(1));
        timer.advance_clock(Duration(0));
      }
    }
  }
  for (const Expected& e : all) {
    if (e.cancelled) {
      EXPECT_TRUE(e.task->ran_at().empty());
      continue;
    }
    const bool must_have_run = e.due + milliseconds(tick_ms + 1) < node.clock.monotonic();
    if (must_have_run) {
      ASSERT_EQ(e.task->ran_at().size(), 1u);
    }
    for (Instant ran : e.task->ran_at()) {
      EXPECT_GE(ran, e.due);
      EXPECT_LT(ran, e.due + milliseconds(tick_ms + 1));  // the clock itself moves by 1 ms
    }
  }
}

TEST(TimerProperty, never_early_at_most_one_tick_late_each_once) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    check_history(seed);
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace kafkascope
