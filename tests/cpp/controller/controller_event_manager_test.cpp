// One queue, one thread: order, delay, preemption.
#include "controller/controller_event_manager.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/sim/sim_runtime.h"

namespace kafkascope {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class ControllerEventManagerTest : public testing::Test {
 protected:
  void run(const std::function<void()>& fn) { runtime_.call(node_, fn); }
  ControllerEvent event(const std::string& name) {
    return {name, ControllerState::kTopicChange, [this, name] { told_.push_back(name); },
            [this, name] { told_.push_back("no " + name); }};
  }
  void wait_for(size_t count) {
    runtime_.scheduler().run_until([&] { return told_.size() >= count; }, 1min);
  }

  sim::SimRuntime runtime_{{1, sim::Policy::kRandom}};
  Node& node_ = runtime_.add_node("broker-1");
  MetricsRegistry metrics_{node_};
  std::vector<std::string> told_;
  ControllerEventManager manager_{node_, metrics_, [](const ControllerEvent& e) { e.process(); }};
};

TEST_F(ControllerEventManagerTest, InOrderAndWhenDue) {
  run([&] {
    manager_.put_after(2s, event("late"));
    manager_.put(event("a"));
    manager_.put(event("b"));
    EXPECT_THAT(manager_.queued(), ElementsAre("a", "b", "late"));
    manager_.start();
  });
  wait_for(2);
  EXPECT_THAT(told_, ElementsAre("a", "b"));
  wait_for(3);
  EXPECT_THAT(told_, ElementsAre("a", "b", "late"));
  EXPECT_GE(runtime_.scheduler().now(), 2s);
  run([&] { manager_.close(); });
  EXPECT_EQ(metrics_.snapshot()
                .at({"kafka.controller", "ControllerStats", "TopicChangeRateAndTimeMs", {}})
                .at("Count"),
            3);
}

TEST_F(ControllerEventManagerTest, AnExpiryPreemptsWhatWaits) {
  run([&] {
    manager_.put(event("a"));
    Thread expirer(node_, "expirer", [&] { manager_.clear_and_put_and_await(event("expire")); });
    node_.sleep(1ms);
    manager_.put(event("b"));
    manager_.start();
    expirer.join();
  });
  wait_for(3);
  EXPECT_THAT(told_, ElementsAre("no a", "expire", "b"));
  run([&] { manager_.close(); });
}

TEST_F(ControllerEventManagerTest, ClosedItRefusesAll) {
  run([&] {
    manager_.start();
    manager_.put_after(1h, event("a"));
    manager_.close();
    manager_.put(event("b"));
    manager_.clear_and_put_and_await(event("c"));  // does not wait
  });
  EXPECT_THAT(told_, ElementsAre("no a", "no b"));
}

}  // namespace
}  // namespace kafkascope
