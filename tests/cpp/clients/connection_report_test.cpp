#include "clients/connection_report.h"

#include <gtest/gtest.h>

#include "manual_node.h"

namespace kafkascope {
namespace {

class ConnectionReportTest : public testing::Test {
 protected:
  void fail(const BrokerNode& node, const std::string& why) {
    report.connecting(node);
    report.failed(node.id, why);
  }
  void reach(const BrokerNode& node) {
    report.connecting(node);
    report.connected(node.id);
    report.answered(node.id);
  }

  ManualNode test;
  ConnectionReport report{test.node};
  const BrokerNode seed{-1, {"seed", 9092}, std::nullopt};
  const BrokerNode broker{1, {"inner", 9093}, std::nullopt};
};

TEST_F(ConnectionReportTest, NothingHasFailed) {
  EXPECT_EQ(report.explain(), "");
  report.connecting(seed);
  EXPECT_EQ(report.explain_or_waiting(), "no answer in time from seed:9092");
}

TEST_F(ConnectionReportTest, NothingListens) {
  fail(seed, "Connection refused");
  EXPECT_EQ(report.explain(),
            "no bootstrap server answers (seed:9092: Connection refused). Is a cluster running? "
            "Start one with "
            "`kafkascope start`.");
}

TEST_F(ConnectionReportTest, AdvertisedAddressIsDead) {
  reach(seed);
  fail(broker, "Connection refused");
  EXPECT_FALSE(report.reached_cluster());
  EXPECT_EQ(report.explain(),
            "bootstrap server seed:9092 answered, but broker 1 advertises inner:9093: Connection "
            "refused. Clients must "
            "reach the address in the broker's advertised.listeners.");
}

TEST_F(ConnectionReportTest, ABrokerWentAway) {
  reach(seed);
  reach(broker);
  EXPECT_TRUE(report.reached_cluster());
  report.failed(1, "closed by the peer");
  EXPECT_EQ(report.explain(), "lost the connection to broker 1 at inner:9093: closed by the peer");
  reach(broker);
  EXPECT_EQ(report.explain(), "");
}

TEST_F(ConnectionReportTest, AMovedBrokerStartsAnew) {
  fail(broker, "Connection refused");
  report.connecting({1, {"elsewhere", 1}, std::nullopt});
  EXPECT_EQ(report.explain(), "");
  EXPECT_EQ(report.connections()[0].attempts, 1);
}

}  // namespace
}  // namespace kafkascope
