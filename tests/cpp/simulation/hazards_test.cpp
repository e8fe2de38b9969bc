// What bites fibers, each hazard with its test; and what a run that cannot go on says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/blocking_queue.h"
#include "runtime/sim/sim_runtime.h"

namespace kafkascope::sim {
namespace {

TEST(HazardsTest, AnExceptionBeingCaughtStaysItsFibersOwn) {
  SimRuntime runtime({});
  Node& node = runtime.add_node("n");
  std::vector<std::string> seen;
  const auto body = [&](const std::string& name) {
    try {
      throw std::runtime_error(name);
    } catch (const std::exception&) {
      node.sleep(std::chrono::milliseconds(1));  // the other one throws and catches meanwhile
      try {
        throw;
      } catch (const std::exception& e) {
        seen.emplace_back(e.what());
      }
    }
  };
  runtime.call(node, [&] {
    Thread a(node, "a", [&] { body("from a"); });
    Thread b(node, "b", [&] { body("from b"); });
    a.join();
    b.join();
  });
  EXPECT_THAT(seen, testing::ElementsAre("from a", "from b"));
}

/// A workload whose fibers hold locks, wait in queues and sleep, on a node that is killed after
/// every possible turn.
TEST(HazardsTest, KillingAtEveryTurnUnwindsEverything) {
  bool finished = false;
  for (int turns = 0; !finished; ++turns) {
    ASSERT_LT(turns, 10'000);
    SimRuntime runtime({.seed = 1, .policy = Policy::kRandom});
    Node& node = runtime.add_node("n");
    auto alive = std::make_shared<int>(0);
    runtime.scheduler().spawn(node, "main", [&node, &finished, alive] {
      Mutex mutex(node, "m");
      BlockingQueue<int> queue(node, "q", 2);
      Thread producer(node, "producer", [&, alive] {
        for (int i = 0; i < 10; ++i) {
          Lock lock(mutex);
          node.point("inside");
          lock.unlock();
          queue.put(i);
        }
        queue.close();
      });
      while (queue.take()) {
        Lock lock(mutex);
        node.sleep(std::chrono::milliseconds(1));
      }
      producer.join();
      finished = true;
    });
    for (int i = 0; i < turns; ++i) runtime.scheduler().step();
    runtime.crash("n");
    EXPECT_EQ(alive.use_count(), 1) << "something was not unwound after " << turns << " turns";
  }
}

TEST(HazardsTest, ADeadlockSaysWhoHoldsWhat) {
  SimRuntime runtime({});
  Node& node = runtime.add_node("broker-1");
  try {
    runtime.call(node, [&] {
      Mutex first(node, "first");
      Mutex second(node, "second");
      Thread other(node, "other", [&] {
        Lock b(second);
        node.sleep(std::chrono::milliseconds(1));
        Lock a(first);
      });
      Lock a(first);
      node.sleep(std::chrono::milliseconds(1));
      {
        Lock b(second);
      }
      other.join();
    });
    FAIL() << "no deadlock was found";
  } catch (const Deadlock& e) {
    EXPECT_THAT(
        e.what(),
        testing::HasSubstr("broker-1 / other: waits for mutex \"first\", held by broker-1 / call"));
    EXPECT_THAT(e.what(),
                testing::HasSubstr("waits for mutex \"second\", held by broker-1 / other"));
  }
}

TEST(HazardsTest, ALostWakeUpSaysWhoWaits) {
  SimRuntime runtime({});
  Node& node = runtime.add_node("broker-1");
  try {
    runtime.call(node, [&] {
      Mutex mutex(node, "m");
      ConditionVariable changed(node, "changed");
      changed.notify_one();  // nobody waits yet: the notification is lost
      Lock lock(mutex);
      changed.wait(lock);
    });
    FAIL() << "the lost wake-up was not found";
  } catch (const Deadlock& e) {
    EXPECT_THAT(e.what(), testing::HasSubstr("broker-1 / call: waits for condition \"changed\""));
  }
}

TEST(HazardsTest, AnExceptionInAThreadEndsTheRun) {
  SimRuntime runtime({});
  Node& node = runtime.add_node("n");
  EXPECT_THROW(runtime.call(node, [] { throw std::runtime_error("from the call"); }),
               std::runtime_error);
}

TEST(HazardsTest, AThreadThatNeverBlocksIsFound) {
  SimRuntime runtime({});
  Node& node = runtime.add_node("broker-1");
  try {
    runtime.call(node, [&] {
      for (;;) node.point("spinning");
    });
    FAIL() << "the loop was not found";
  } catch (const Livelock& e) {
    EXPECT_THAT(e.what(), testing::HasSubstr("broker-1 / call called 1000000 seams in one turn"));
    EXPECT_THAT(e.what(), testing::HasSubstr("spinning"));
  }
}

TEST(HazardsTest, ALoopOnTheClockIsFound) {
  SimRuntime runtime({});
  Node& node = runtime.add_node("n");
  EXPECT_THROW(runtime.call(node,
                            [&] {
                              while (node.clock().monotonic() < std::chrono::seconds(1)) continue;
                            }),
               Livelock);
}

TEST(HazardsTest, ThreadsThatWakeEachOtherForEverAreFound) {
  SimRuntime runtime({});
  Node& node = runtime.add_node("n");
  const auto there = std::make_shared<BlockingQueue<int>>(node, "there");
  const auto back = std::make_shared<BlockingQueue<int>>(node, "back");
  runtime.scheduler().spawn(node, "echo", [there, back] {
    while (auto item = there->take()) back->put(*item);
  });
  EXPECT_THROW(runtime.call(node,
                            [there, back] {
                              for (;;) there->put(1), back->take();
                            }),
               Livelock);
}

/// CPython guards its stack by address: what is Python's runs on the stack that called step().
TEST(HazardsTest, AnErrandRunsOnTheSchedulersStack) {
  SimRuntime runtime({});
  Node& node = runtime.add_node("n");
  const char outside = 0;
  const auto far_from_outside = [&](const char& local) {
    return std::abs(&local - &outside) > 200 * 1024;
  };
  bool fiber_is_far = false;
  bool errand_is_far = true;
  std::string answer;
  runtime.call(node, [&] {
    const char local = 0;
    fiber_is_far = far_from_outside(local);
    node.outside([&] {
      const char inner = 0;
      errand_is_far = far_from_outside(inner);
    });
    try {
      node.outside([] { throw std::runtime_error("from outside"); });
    } catch (const std::exception& e) {
      answer = e.what();
    }
  });
  EXPECT_TRUE(fiber_is_far);
  EXPECT_FALSE(errand_is_far);
  EXPECT_EQ(answer, "from outside");
}

TEST(HazardsTest, ACallWhoseNodeCrashesIsLost) {
  SimRuntime runtime({});
  Node& node = runtime.add_node("n");
  const auto waiting = runtime.scheduler().start(node, "waits", [&] { node.sleep(kForever); });
  const auto unborn = runtime.scheduler().start(node, "never ran", [] {});
  runtime.scheduler().step();
  EXPECT_FALSE(waiting->done);
  runtime.crash("n");
  for (const auto& call : {waiting, unborn}) {
    ASSERT_TRUE(call->done);
    EXPECT_THROW(std::rethrow_exception(call->failure), CallLost);
  }
}

TEST(HazardsTest, TheStacksHighWaterMarkIsTold) {
  SimRuntime runtime({});
  Node& node = runtime.add_node("n");
  runtime.call(node, [] {});
  const size_t before = runtime.scheduler().stack_high_water();
  runtime.call(node, [&] {
    volatile char large[100'000];
    large[0] = 1;
    node.point(large[0] == 1 ? "written" : "");
  });
  EXPECT_LT(before, 50'000u);
  EXPECT_GT(runtime.scheduler().stack_high_water(), 100'000u);
}

TEST(PauseTest, APausedNodeStandsStillWhileTimeGoesOn) {
  SimRuntime runtime({});
  Node& node = runtime.add_node("n");
  int rounds = 0;
  runtime.scheduler().spawn(node, "worker", [&] {
    for (;; ++rounds) node.sleep(std::chrono::seconds(1));
  });
  runtime.scheduler().run_for(std::chrono::milliseconds(3500));
  EXPECT_EQ(rounds, 3);
  runtime.scheduler().pause("n");
  runtime.scheduler().run_for(std::chrono::seconds(60));
  EXPECT_EQ(rounds, 3);
  EXPECT_THAT(runtime.scheduler().report(), testing::HasSubstr("n / worker: its node is paused"));
  runtime.scheduler().resume("n");
  runtime.scheduler().run_for(std::chrono::milliseconds(1500));
  EXPECT_EQ(rounds, 5) << "the wait that was over, and one more";
}

TEST(CauseTest, AnEventFollowsFromWhatWokeItsThread) {
  SimRuntime runtime({});
  Node& node = runtime.add_node("n");
  runtime.call(node, [&] {
    BlockingQueue<int> queue(node, "q");
    Thread consumer(node, "consumer", [&] {
      queue.take();
      node.tracer()->emit("Taken", {});
    });
    node.sleep(std::chrono::seconds(1));
    node.tracer()->emit("Put", {});
    queue.put(1);
    consumer.join();
  });
  const auto& events = runtime.trace().events();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(std::string(events[1].kind), "Taken");
  EXPECT_EQ(events[1].cause, events[0].id);
}

TEST(VirtualTimeTest, JumpsToTheNextTimer) {
  SimRuntime runtime({});
  Node& node = runtime.add_node("n");
  runtime.call(node, [&] { node.sleep(std::chrono::hours(24)); });
  EXPECT_EQ(runtime.scheduler().now(), std::chrono::hours(24));
  EXPECT_LT(runtime.scheduler().turns(), 10u);
  runtime.clock("n").skew_ms = -3'600'000;
  EXPECT_EQ(node.clock().wall_ms(), 1'700'000'000'000 + 23 * 3'600'000);
}

TEST(VirtualTimeTest, ATimerThatWakesNobodyDoesNotCarryTimePastTheLimit) {
  SimRuntime runtime({});
  runtime.scheduler().at(std::chrono::milliseconds(5), [] {});
  runtime.scheduler().at(std::chrono::hours(1), [] {});
  runtime.scheduler().run_for(std::chrono::milliseconds(10));
  EXPECT_EQ(runtime.scheduler().now(), std::chrono::milliseconds(10));
}

}  // namespace
}  // namespace kafkascope::sim
