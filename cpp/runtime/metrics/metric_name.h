// MetricName: how a metric is called, as Kafka's MBeans are.
#pragma once

#include <compare>
#include <string>
#include <utility>
#include <vector>

namespace kafkascope {

/// "kafka.server:type=BrokerTopicMetrics,name=MessagesInPerSec,topic=x" in its parts. Ordered, so
/// that a snapshot is in the same order on every machine.
struct MetricName {
  std::string domain;  // "kafka.server"
  std::string type;    // "BrokerTopicMetrics"
  std::string name;    // "MessagesInPerSec"
  std::vector<std::pair<std::string, std::string>> tags;

  auto operator<=>(const MetricName&) const = default;

  std::string mbean() const;
  /// "kafka_server_brokertopicmetrics_messagesinpersec": the common rule of JMX exporters.
  std::string prometheus() const;
};

}  // namespace kafkascope
