// Lessons: a setting that loses records, the anomaly that shows it, and the setting that does not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation/explorer/cluster_state.h"
#include "simulation/explorer/workload.h"
#include "simulation/invariants/cluster_view.h"

namespace kafkascope {
namespace {

using namespace std::chrono_literals;

constexpr uint64_t kRuns = 10;

struct Setting {
  const char* acks;
  const char* min_in_sync;
  const char* unclean;
};

/// A partition of three replicas and what its clients were told.
class Lesson {
 public:
  Lesson(uint64_t seed, const Setting& setting)
      : simulation_(options(seed, setting)),
        random_(Random(seed).stream("lesson")),
        workload_(simulation_, random_,
                  {.partitions = 1,
                   .producers = 1,
                   .producer_config = {{"acks", setting.acks},
                                       {"enable.idempotence", "false"},
                                       {"max.in.flight.requests.per.connection", "1"},
                                       {"delivery.timeout.ms", "3600000"}}}) {
    send(1, 10s);
    leader_ = broker_node(cluster_.state(0)->leader);
  }

  void send(int count, Duration time) {
    for (int i = 0; i < count; ++i) workload_.send();
    simulation_.run_for(time);
    workload_.settle_done();
  }
  /// Nothing comes from the leader to its followers any more.
  void cut_followers_off() {
    for (const std::string& broker : followers())
      simulation_.runtime().network().cut(leader_, broker);
  }
  void crash_followers() {
    for (const std::string& broker : followers()) simulation_.crash(broker, {.power_loss = false});
  }
  bool await_isr_of_one() {
    return simulation_.run_until([this] { return cluster_.state(0)->isr.size() == 1; }, 60s);
  }
  /// The leader dies, the others go on or wait, and it comes back.
  std::vector<std::string> lost_when_the_leader_dies() {
    simulation_.crash(leader_, {.power_loss = false});
    simulation_.runtime().network().heal();
    for (const std::string& broker : followers()) {
      if (!simulation_.is_running(broker)) simulation_.boot(broker);
    }
    simulation_.run_for(20s);
    send(2, 5s);
    simulation_.boot(leader_);
    simulation_.run_until([this] { return cluster_.all_in_sync(); }, 120s);
    send(0, 30s);
    workload_.require_settled();
    workload_.read_everything();
    return workload_.ledger().lost();
  }

 private:
  std::vector<std::string> followers() const {
    std::vector<std::string> others = cluster_.brokers();
    std::erase(others, leader_);
    return others;
  }
  static SimulationOptions options(uint64_t seed, const Setting& setting) {
    SimulationOptions options{.seed = seed};
    options.brokers = 3;
    options.broker_config = {{"num.partitions", "1"},
                             {"default.replication.factor", "3"},
                             {"min.insync.replicas", setting.min_in_sync},
                             {"unclean.leader.election.enable", setting.unclean},
                             {"replica.lag.time.max.ms", "5000"},
                             {"zookeeper.session.timeout.ms", "6000"}};
    return options;
  }

  Simulation simulation_;
  RandomStream random_;
  Workload workload_;
  ClusterState cluster_{simulation_, 1};
  std::string leader_;
};

/// A1: acknowledged by the leader alone, which dies before anybody has copied it.
TEST(LessonsTest, A1AcksOfTheLeaderAlone) {
  for (uint64_t seed = 1; seed <= kRuns; ++seed) {
    for (const bool safe : {false, true}) {
      Lesson lesson(seed, {safe ? "all" : "1", "2", "false"});
      lesson.cut_followers_off();
      lesson.send(1, 500ms);
      const auto lost = lesson.lost_when_the_leader_dies();
      if (safe) {
        EXPECT_THAT(lost, testing::IsEmpty());
      } else {
        EXPECT_THAT(lost, testing::ElementsAre(testing::StartsWith("lost-write")));
      }
    }
  }
}

/// A2: the ISR shrinks to the leader, which goes on and dies; a replica that lacks what it wrote
/// is elected.
TEST(LessonsTest, A2AnIsrOfOneAndAnUncleanElection) {
  for (uint64_t seed = 1; seed <= kRuns; ++seed) {
    for (const bool safe : {false, true}) {
      Lesson lesson(seed, {"all", safe ? "2" : "1", safe ? "false" : "true"});
      lesson.crash_followers();
      ASSERT_TRUE(lesson.await_isr_of_one());
      lesson.send(1, 1s);
      const auto lost = lesson.lost_when_the_leader_dies();
      if (safe) {
        EXPECT_THAT(lost, testing::IsEmpty());
      } else {
        EXPECT_THAT(lost, testing::ElementsAre(testing::StartsWith("lost-write")));
      }
    }
  }
}

}  // namespace
}  // namespace kafkascope
