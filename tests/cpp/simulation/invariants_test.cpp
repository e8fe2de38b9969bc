// Invariants hold in runs full of faults, and each of them can fail.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clients/producer/kafka_producer.h"
#include "log/log_file_names.h"
#include "replication/replica_manager.h"
#include "server/kafka_server.h"
#include "simulation/explorer/explorer.h"
#include "simulation/explorer/ledger.h"
#include "simulation/invariants/all.h"
#include "simulation/simulation.h"

namespace kafkascope {
namespace {

using namespace std::chrono_literals;

TEST(ExplorerTest, InvariantsHoldUnderFaults) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    const ExplorerReport report = explore({.seed = seed});
    ASSERT_EQ(report.failure, "");
    EXPECT_EQ(report.lost, 0u);
    EXPECT_GT(report.acknowledged, 0u);
  }
}

TEST(ExplorerTest, OneSeedOneRun) {
  const ExplorerReport once = explore({.seed = 9});
  const ExplorerReport again = explore({.seed = 9});
  EXPECT_EQ(once.digest, again.digest);
  EXPECT_EQ(once.turns, again.turns);
}

/// What acks promise on one replica: not that a power loss spares what was never synced.
TEST(ExplorerTest, AcknowledgedRecordsAreLostWhenTheyWereNotSynced) {
  size_t lost = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const ExplorerReport report = explore({.seed = seed, .sync_every_append = false});
    ASSERT_EQ(report.failure, "");
    lost += report.lost;
  }
  EXPECT_GT(lost, 0u);
}

/// A broker with one topic and all invariants watched.
class InvariantTest : public testing::Test {
 protected:
  InvariantTest() {
    watch_all_invariants(simulation);
    simulation.add_producer("p", {{"bootstrap.servers", "broker-1:9092"}});
    send();
  }
  void send() {
    const auto sent = simulation.start("p", "send", [](Simulation&, Process& p) -> std::any {
      return p.producer->send({.topic = "t", .value = as_bytes("v")}).get().ok();
    });
    simulation.wait(sent);
  }
  Log& log() {
    return *simulation.process("broker-1")
                .server->replica_manager()
                .log_manager()
                .get_log({"t", 0});
  }
  /// What the invariants say when this happens on the broker.
  std::string violation(const char* kind, TraceFields fields) {
    try {
      simulation.act(
          "emit", [=](Simulation& s) { s.process("broker-1").node->tracer()->emit(kind, fields); });
      simulation.run_for(1s);
    } catch (const InvariantViolated& e) {
      return e.what();
    }
    return "none";
  }

  Simulation simulation{{.broker_config = {{"log.flush.interval.messages", "1"}}}};
};

TEST_F(InvariantTest, AStartThatGoesBackIsSeen) {
  log().truncate_fully_and_start_at(5);
  simulation.run_for(1s);
  log().truncate_fully_and_start_at(0);
  EXPECT_THAT(violation("TopicCreated", {}), testing::HasSubstr("t-0: start 0 (before 5)"));
}

TEST_F(InvariantTest, ARottenByteIsSeenByTheFetchThatReturnsIt) {
  const std::string path = log_file_path("/data/t-0", 0, kLogSuffix);
  const size_t size = simulation.runtime().disk("broker-1").content(path)->size();
  simulation.act("rot", [=](Simulation& s) { s.runtime().disk("broker-1").rot(path, size - 1); });
  // The checksum in the header is as it was: what shows it is the batch as a whole.
  simulation.act("rot", [=](Simulation& s) { s.runtime().disk("broker-1").rot(path, 17); });
  EXPECT_THAT(violation("RecordsFetched", {{"partition", "t-0"},
                                           {"offset", int64_t{0}},
                                           {"segment", int64_t{0}},
                                           {"position", int64_t{0}},
                                           {"bytes", static_cast<int64_t>(size)}}),
              testing::HasSubstr("is not what was appended"));
}

TEST_F(InvariantTest, AFetchThatMissesItsOffsetIsSeen) {
  EXPECT_THAT(violation("RecordsFetched", {{"partition", "t-0"},
                                           {"offset", int64_t{7}},
                                           {"segment", int64_t{0}},
                                           {"position", int64_t{0}},
                                           {"bytes", int64_t{1000}}}),
              testing::HasSubstr("does not cover the asked offset 7"));
}

TEST_F(InvariantTest, ALostSyncedRecordIsSeenAtTheNextStart) {
  simulation.crash("broker-1", {.power_loss = false});
  simulation.act("lose the log", [](Simulation& s) {
    s.runtime()
        .disk("broker-1")
        .open(log_file_path("/data/t-0", 0, kLogSuffix), OpenMode::kTruncate);
  });
  try {
    simulation.boot("broker-1");
    FAIL() << "not seen";
  } catch (const InvariantViolated& e) {
    EXPECT_THAT(e.what(), testing::HasSubstr("t-0: it ends at 0, but 1 was synced"));
  }
}

TEST_F(InvariantTest, AnAnswerOutOfTurnIsSeen) {
  EXPECT_THAT(violation("ResponseSent",
                        {{"connection", "c"}, {"api", "FETCH"}, {"correlation_id", int64_t{4}}}),
              testing::HasSubstr("c: FETCH 4 was answered, nothing is open"));
}

TEST_F(InvariantTest, AnOperationCompletedTwiceIsSeen) {
  EXPECT_THAT(
      violation("OperationCompleted", {{"purgatory", "Fetch"},
                                       {"number", int64_t{999}},
                                       {"operation", "fetch"},
                                       {"expired", false}}),
      testing::HasSubstr("Fetch operation 999 of broker-1 (fetch) completes for the second"));
}

TEST_F(InvariantTest, AnOperationThatIsForgottenIsSeen) {
  EXPECT_THAT(violation("OperationWatched", {{"purgatory", "Fetch"},
                                             {"number", int64_t{999}},
                                             {"operation", "fetch"},
                                             {"delay_ms", int64_t{10}}}),
              testing::HasSubstr("Fetch operation 999 of broker-1 is"));
}

TEST(LedgerTest, NamesAnomalies) {
  const auto anomalies = [](const std::function<void(Ledger&)>& history) {
    Ledger ledger;
    history(ledger);
    return ledger.anomalies();
  };
  EXPECT_EQ(
      anomalies([](Ledger& l) { l.acknowledged({"t", 0}, 0, "a"), l.read({"t", 0}, 0, "a"); }), "");
  EXPECT_EQ(anomalies([](Ledger& l) { l.unknown("a"), l.read({"t", 0}, 0, "a"); }), "");
  EXPECT_EQ(anomalies([](Ledger& l) { l.read({"t", 0}, 0, "a"); }),
            "a was read, but its send failed");
  EXPECT_EQ(anomalies([](Ledger& l) {
              l.unknown("a"), l.read({"t", 0}, 0, "a"), l.read({"t", 0}, 1, "a");
            }),
            "duplicate: a at 0 and 1 of t-0");
  EXPECT_EQ(anomalies([](Ledger& l) {
              l.unknown("a"), l.unknown("b"), l.read({"t", 0}, 0, "a"), l.read({"t", 0}, 0, "b");
            }),
            "inconsistent-offsets: a and b at t-0 0");
  Ledger ledger;
  ledger.acknowledged({"t", 0}, 3, "a");
  EXPECT_THAT(ledger.lost(), testing::ElementsAre("unseen: a at 3 of t-0"));
}

}  // namespace
}  // namespace kafkascope
