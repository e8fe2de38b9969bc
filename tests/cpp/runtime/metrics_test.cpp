// Metrics: Kafka's names, rates over virtual time, percentiles, and the text that Prometheus reads.
#include "runtime/metrics/metrics_registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "manual_node.h"

namespace kafkascope {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

const MetricName kMessagesIn{
    "kafka.server", "BrokerTopicMetrics", "MessagesInPerSec", {{"topic", "x"}}};

TEST(MetricName, reads_as_an_mbean) {
  EXPECT_EQ(kMessagesIn.mbean(),
            "kafka.server:type=BrokerTopicMetrics,name=MessagesInPerSec,topic=x");
  EXPECT_EQ(kMessagesIn.prometheus(), "kafka_server_brokertopicmetrics_messagesinpersec");
}

TEST(Meter, a_steady_rate_is_its_average) {
  ManualNode node;
  Meter meter(node.clock);
  for (int i = 0; i < 600; ++i) {
    meter.mark(10);
    node.clock.advance(seconds(1));
  }
  EXPECT_EQ(meter.count(), 6000);
  EXPECT_DOUBLE_EQ(meter.mean_rate(), 10);
  EXPECT_NEAR(meter.one_minute_rate(), 10, 0.01);
  EXPECT_NEAR(meter.fifteen_minute_rate(), 10, 0.01);
}

TEST(Meter, forgets_with_its_time_constant) {
  ManualNode node;
  Meter meter(node.clock);
  meter.mark(50);
  node.clock.advance(seconds(5));
  EXPECT_NEAR(meter.one_minute_rate(), 10, 1e-9);
  node.clock.advance(seconds(60));
  EXPECT_NEAR(meter.one_minute_rate(), 10 / 2.718281828, 1e-3);
  node.clock.advance(seconds(240));
  EXPECT_NEAR(meter.five_minute_rate(), 10 / 2.718281828, 1e-3);
}

TEST(Histogram, figures_of_a_hundred_values) {
  Histogram histogram(RandomStream(1, "h"));
  EXPECT_EQ(histogram.snapshot().max, 0);
  for (int i = 1; i <= 100; ++i) histogram.update(i);
  const Histogram::Snapshot s = histogram.snapshot();
  EXPECT_EQ(s.count, 100);
  EXPECT_EQ(s.min, 1);
  EXPECT_EQ(s.max, 100);
  EXPECT_DOUBLE_EQ(s.mean, 50.5);
  EXPECT_NEAR(s.std_dev, 29.0115, 1e-4);
  EXPECT_DOUBLE_EQ(s.p50, 50.5);
  EXPECT_NEAR(s.p99, 99.99, 1e-9);
}

TEST(Histogram, the_sample_favours_recent_values_and_repeats) {
  Histogram a(RandomStream(7, "h"));
  Histogram b(RandomStream(7, "h"));
  for (int i = 0; i < 20000; ++i) a.update(i), b.update(i);
  EXPECT_GT(a.snapshot().p50, 17000);
  EXPECT_EQ(a.snapshot().p75, b.snapshot().p75);
  EXPECT_EQ(a.snapshot().min, 0);
}

TEST(Timer, measures_also_what_throws) {
  ManualNode node;
  Timer timer(node.clock, RandomStream(1, "t"));
  EXPECT_THROW(timer.time([&] {
    node.clock.advance(std::chrono::milliseconds(3));
    throw std::runtime_error("x");
  }),
               std::runtime_error);
  EXPECT_EQ(timer.micros().snapshot().max, 3000);
  EXPECT_EQ(timer.meter().count(), 1);
}

TEST(MetricsRegistry, gives_one_metric_per_name) {
  ManualNode node;
  MetricsRegistry registry(node.node);
  registry.meter(kMessagesIn).mark();
  registry.meter(kMessagesIn).mark();
  EXPECT_EQ(registry.meter(kMessagesIn).count(), 2);
  EXPECT_DEATH(registry.timer(kMessagesIn), "metric of another kind");
  registry.remove(kMessagesIn);
  EXPECT_TRUE(registry.snapshot().empty());
}

TEST(MetricsRegistry, snapshot_and_prometheus_text) {
  ManualNode node;
  MetricsRegistry registry(node.node);
  registry.meter(kMessagesIn).mark(3);
  registry.gauge({"kafka.server", "ReplicaManager", "PartitionCount", {}}, [] { return 6.0; });
  const MetricName total{"kafka.network", "RequestMetrics", "TotalTimeMs", {{"request", "a\"b"}}};
  registry.timer(total).update(std::chrono::microseconds(1500));
  const auto snapshot = registry.snapshot();
  EXPECT_EQ(snapshot.at(kMessagesIn).at("Count"), 3);
  EXPECT_EQ(snapshot.at(total).at("99thPercentile"), 1.5);
  const std::string text = registry.prometheus_text();
  EXPECT_THAT(text, HasSubstr("kafka_server_brokertopicmetrics_messagesinpersec{topic=\"x\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("kafka_server_replicamanager_partitioncount 6\n"));
  EXPECT_THAT(text, HasSubstr("totaltimems{request=\"a\\\"b\",quantile=\"0.99\"} 1.5\n"));
  EXPECT_THAT(text, HasSubstr("messagesinpersec_oneminuterate{topic=\"x\"} 0\n"));
}

}  // namespace
}  // namespace kafkascope
