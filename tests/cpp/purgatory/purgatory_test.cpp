// DelayedOperationPurgatory: completion by condition or by time, exactly once, and nothing left
// behind.
#include "purgatory/delayed_operation_purgatory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "manual_node.h"

namespace kafkascope {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::Pair;

class Waiting : public DelayedOperation {
 public:
  explicit Waiting(Duration delay) : DelayedOperation(delay) {}

  std::atomic<bool> satisfied{false};
  std::atomic<int> completions{0};
  std::atomic<int> expirations{0};
  std::atomic<int> tries{0};
  std::function<void()> while_trying = [] {};
  std::string describe() const override { return "waiting"; }

 protected:
  bool try_complete() override {
    ++tries;
    while_trying();
    return satisfied && force_complete();
  }
  void on_complete() override { ++completions; }
  void on_expiration() override { ++expirations; }
};

std::shared_ptr<Waiting> waiting(Duration delay = milliseconds(100)) {
  return std::make_shared<Waiting>(delay);
}

struct PurgatoryTest : ::testing::Test {
  ManualNode node;
  MetricsRegistry metrics{node.node};
  DelayedOperationPurgatory<std::string> purgatory{node.node, "Test", &metrics, 10};
};

TEST_F(PurgatoryTest, what_is_satisfied_at_once_is_not_watched) {
  auto operation = waiting();
  operation->satisfied = true;
  EXPECT_TRUE(purgatory.try_complete_else_watch(operation, {"a"}));
  EXPECT_EQ(operation->completions, 1);
  EXPECT_EQ(purgatory.watched(), 0);
  EXPECT_EQ(purgatory.num_delayed(), 0);
}

TEST_F(PurgatoryTest, completes_when_its_key_is_checked) {
  auto operation = waiting();
  EXPECT_FALSE(purgatory.try_complete_else_watch(operation, {"a", "b"}));
  EXPECT_EQ(purgatory.watched(), 2);
  EXPECT_EQ(purgatory.num_delayed(), 1);
  EXPECT_EQ(purgatory.check_and_complete("a"), 0);
  operation->satisfied = true;
  EXPECT_EQ(purgatory.check_and_complete("unrelated"), 0);
  EXPECT_EQ(purgatory.check_and_complete("b"), 1);
  EXPECT_EQ(purgatory.num_delayed(), 0);
  EXPECT_EQ(purgatory.watched(), 1) << "the completed one waits under a for the purge";
  EXPECT_EQ(purgatory.purge_completed(), 1);
  EXPECT_EQ(purgatory.watched(), 0);
  node.clock.advance(milliseconds(200));
  purgatory.advance_clock(Duration(0));
  EXPECT_EQ(operation->completions, 1);
  EXPECT_EQ(operation->expirations, 0);
}

TEST_F(PurgatoryTest, expires_when_its_time_has_passed) {
  auto operation = waiting(milliseconds(100));
  purgatory.try_complete_else_watch(operation, {"a"});
  node.clock.advance(milliseconds(99));
  purgatory.advance_clock(Duration(0));
  EXPECT_EQ(operation->completions, 0);
  node.clock.advance(milliseconds(1));
  purgatory.advance_clock(Duration(0));
  EXPECT_EQ(operation->completions, 1);
  EXPECT_EQ(operation->expirations, 1);
  operation->satisfied = true;
  EXPECT_EQ(purgatory.check_and_complete("a"), 0);
  EXPECT_EQ(purgatory.watched(), 0);
}

TEST_F(PurgatoryTest, satisfied_between_the_first_look_and_the_watching) {
  auto operation = waiting();
  operation->while_trying = [&, o = operation.get()] { o->satisfied = o->tries == 2; };
  EXPECT_TRUE(purgatory.try_complete_else_watch(operation, {"a"}));
  EXPECT_EQ(operation->completions, 1);
  operation->while_trying = [] {};
}

TEST_F(PurgatoryTest, a_change_during_a_try_is_not_missed) {
  auto operation = waiting();
  operation->while_trying = [&, o = operation.get()] {
    if (o->tries != 3) return;
    // While this thread looks, the condition comes true behind its back and another one checks.
    EXPECT_EQ(purgatory.check_and_complete("a"), 0);
    o->while_trying = [o] { o->satisfied = true; };
  };
  purgatory.try_complete_else_watch(operation, {"a"});
  EXPECT_EQ(purgatory.check_and_complete("a"), 1);
  EXPECT_EQ(operation->tries, 4);
  operation->while_trying = [] {};
}

TEST_F(PurgatoryTest, an_exception_of_try_complete_leaves_the_operation_usable) {
  auto operation = waiting();
  purgatory.try_complete_else_watch(operation, {"a"});
  operation->while_trying = [] { throw std::runtime_error("broken"); };
  EXPECT_THROW(purgatory.check_and_complete("a"), std::runtime_error);
  operation->while_trying = [] {};
  operation->satisfied = true;
  EXPECT_EQ(purgatory.check_and_complete("a"), 1);
}

TEST_F(PurgatoryTest, cancel_for_key_hands_back_what_waited) {
  auto operation = waiting();
  purgatory.try_complete_else_watch(operation, {"a"});
  EXPECT_THAT(purgatory.cancel_for_key("a"), ElementsAre(operation));
  EXPECT_EQ(purgatory.watched(), 0);
  EXPECT_EQ(purgatory.num_delayed(), 0);
  EXPECT_EQ(operation->completions, 0);
}

TEST_F(PurgatoryTest, describes_itself_and_counts) {
  purgatory.try_complete_else_watch(waiting(), {"b", "a"});
  const PurgatoryDescription d = purgatory.describe();
  EXPECT_THAT(d.watchers,
              ElementsAre(Pair("a", ElementsAre("waiting")), Pair("b", ElementsAre("waiting"))));
  EXPECT_EQ(d.timer.size, 1);
  const MetricName size{
      "kafka.server", "DelayedOperationPurgatory", "PurgatorySize", {{"delayedOperation", "Test"}}};
  EXPECT_EQ(metrics.snapshot().at(size).at("Value"), 2);
  purgatory.shutdown();
  EXPECT_TRUE(metrics.snapshot().empty());
}

}  // namespace
}  // namespace kafkascope
