// Invariant: each operation completes exactly once, never early, at most one tick late, and leaves
// nothing behind. Random histories in virtual time; at every switch point another random action may
// run, as another thread's would.
#include <gtest/gtest.h>

#include "manual_node.h"
#include "purgatory/delayed_operation_purgatory.h"

namespace kafkascope {
namespace {

using std::chrono::milliseconds;

/// A scheduler of one fiber: where it might switch, it calls `interrupt` instead.
class InterruptingScheduler : public Scheduler {
 public:
  std::function<void()> interrupt = [] {};

  void switch_point(const char*) override { interrupt(); }
  bool wait(WaitQueue& queue, Instant) override {
    KS_CHECK(false, std::string("an action was interrupted with a lock held: ") + queue.name);
  }
  void wake_one(WaitQueue&) override {}
  void wake_all(WaitQueue&) override {}
  sim::Fiber* current() override { return reinterpret_cast<sim::Fiber*>(this); }
  bool unwinding() override { return false; }
  sim::Fiber* spawn(Node&, std::string, std::function<void()>) override { return nullptr; }
  void join(sim::Fiber*) override {}
  void outside(const std::function<void()>& fn) override { fn(); }
};

/// Satisfied when the value of its key has reached a goal.
class ReachGoal : public DelayedOperation {
 public:
  ReachGoal(Clock& clock, Duration delay, const std::map<int64_t, int>& values, int64_t key)
      : DelayedOperation(delay),
        clock_(clock),
        due(clock.monotonic() + delay),
        values_(values),
        key_(key),
        goal_(values.at(key) + 1) {}

  bool satisfied() const { return values_.at(key_) >= goal_; }
  int completions = 0;
  bool early = false;
  Instant completed_at{};

 protected:
  bool try_complete() override { return satisfied() && force_complete(); }
  void on_complete() override {
    ++completions;
    completed_at = clock_.monotonic();
    early = !satisfied() && completed_at < due;
  }
  void on_expiration() override {}

 private:
  Clock& clock_;

 public:
  const Instant due;

 private:
  const std::map<int64_t, int>& values_;
  const int64_t key_;
  const int goal_;
};

class History {
 public:
  explicit History(uint64_t seed)
      : random_(seed, "history"),
        base_(seed),
        node_("test", {base_.clock, base_.node.network(), base_.node.files(), Random(seed),
                       &scheduler_, nullptr}),
        purgatory_(node_, "Property", nullptr, 20) {
    for (int64_t key = 0; key < kKeys; ++key) values_[key] = 0;
  }

  void run() {
    scheduler_.interrupt = [this] {
      // A switch point may also stand inside an interrupting action; two deep is enough.
      if (depth_ < 2 && random_.chance(0.2)) act();
    };
    for (int i = 0; i < 300; ++i) {
      act();
      expect_nobody_was_forgotten();
    }
    scheduler_.interrupt = [] {};
    for (int i = 0; i < 200; ++i) tick();
    check();
  }

 private:
  static constexpr int64_t kKeys = 4;

  void act() {
    ++depth_;
    const auto key = static_cast<int64_t>(random_.below(kKeys));
    const uint64_t what = random_.below(10);
    if (what < 4) {
      const Duration delay = std::chrono::microseconds(random_.below(150'000));
      auto operation = std::make_shared<ReachGoal>(base_.clock, delay, values_, key);
      all_.push_back(operation);
      purgatory_.try_complete_else_watch(operation, {key, (key + 1) % kKeys});
    } else if (what < 7) {
      ++values_[key];
      purgatory_.check_and_complete(key);
    } else if (!ticking_) {
      tick();
    }
    --depth_;
  }

  // Between actions nobody is on the way to look: what is satisfied must have been completed.
  void expect_nobody_was_forgotten() {
    int64_t waiting = 0;
    for (const auto& operation : all_) {
      waiting += operation->is_completed() ? 0 : 1;
      ASSERT_TRUE(operation->is_completed() || !operation->satisfied()) << "a change was missed";
    }
    ASSERT_LE(purgatory_.num_delayed(), waiting) << "a completed operation was left in the timer";
  }

  // Only the reaper advances the clock of a purgatory, and it is one thread.
  void tick() {
    ticking_ = true;
    base_.clock.advance(milliseconds(1));
    purgatory_.advance_clock(Duration(0));
    ticking_ = false;
  }

  void check() {
    for (const auto& operation : all_) {
      ASSERT_EQ(operation->completions, 1);
      EXPECT_FALSE(operation->early);
      // One tick of the wheel, and one of the clock that the history moves in milliseconds. An
      // operation that is added while the reaper is interrupted waits for its next round.
      EXPECT_LE(operation->completed_at, operation->due + milliseconds(3));
    }
    purgatory_.purge_completed();
    EXPECT_EQ(purgatory_.watched(), 0);
    EXPECT_EQ(purgatory_.num_delayed(), 0);
    EXPECT_TRUE(purgatory_.describe().watchers.empty());
  }

  RandomStream random_;
  ManualNode base_;
  InterruptingScheduler scheduler_;
  Node node_;
  DelayedOperationPurgatory<int64_t> purgatory_;
  std::map<int64_t, int> values_;
  std::vector<std::shared_ptr<ReachGoal>> all_;
  int depth_ = 0;
  bool ticking_ = false;
};

TEST(PurgatoryProperty, completes_once_never_early_one_tick_late_whatever_interrupts) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    History(seed).run();
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace kafkascope
