// KafkaAdminClient: creates, changes and describes topics, configurations and brokers.
#pragma once

#include <memory>

#include "clients/admin/admin_client_config.h"
#include "clients/admin/admin_types.h"
#include "clients/connection_report.h"

namespace kafkascope {

class MetricsRegistry;

/// Kafka's KafkaAdminClient. Calls block; any thread may call, one at a time is served. Each finds
/// the right broker (controller, leader, or any), retries what is retriable until the deadline
/// (none given: default.api.timeout.ms) and then throws KafkaException(kRequestTimedOut) that says
/// why. Outcomes per item are values.
class KafkaAdminClient {
 public:
  using Deadline = std::optional<Instant>;
  template <typename Key, typename T>
  using Results = std::map<Key, Result<T>>;

  KafkaAdminClient(Node& node, AdminClientConfig config);
  ~KafkaAdminClient();
  KafkaAdminClient(const KafkaAdminClient&) = delete;
  KafkaAdminClient& operator=(const KafkaAdminClient&) = delete;

  /// As KafkaProducer::bootstrap.
  void bootstrap(Duration timeout);

  Results<std::string, CreatedTopic> create_topics(const std::vector<NewTopic>& topics,
                                                   bool validate_only = false,
                                                   Deadline deadline = {});
  Results<std::string, Done> delete_topics(const std::vector<std::string>& topics,
                                           Deadline deadline = {});
  Results<std::string, Done> create_partitions(
      const std::map<std::string, NewPartitions>& partitions, bool validate_only = false,
      Deadline deadline = {});
  /// Deletes what lies before each offset (-1: before the high watermark); answers the new start
  /// offsets.
  Results<TopicPartition, Offset> delete_records(const std::map<TopicPartition, Offset>& before,
                                                 Deadline deadline = {});
  std::vector<TopicInfo> list_topics(bool internal = false, Deadline deadline = {});
  Results<std::string, TopicInfo> describe_topics(const std::vector<std::string>& topics,
                                                  Deadline deadline = {});
  ClusterDescription describe_cluster(Deadline deadline = {});

  struct DescribeConfigsOptions {
    bool synonyms = false;
    bool documentation = false;
  };
  /// Empty key list: all keys.
  Results<ConfigResource, std::vector<ConfigEntry>> describe_configs(
      const std::map<ConfigResource, std::vector<std::string>>& resources,
      DescribeConfigsOptions options, Deadline deadline = {});
  Results<ConfigResource, Done> incremental_alter_configs(
      const std::map<ConfigResource, std::vector<AlterConfigOp>>& changes,
      bool validate_only = false, Deadline deadline = {});
  /// Replaces all values of each resource (KIP-133; incremental_alter_configs is safer).
  Results<ConfigResource, Done> alter_configs(
      const std::map<ConfigResource, std::map<std::string, std::string>>& configs,
      bool validate_only = false, Deadline deadline = {});
  Results<BrokerId, std::vector<LogDirDescription>> describe_log_dirs(
      const std::vector<BrokerId>& brokers, Deadline deadline = {});
  Results<TopicPartition, ListOffsetsResultInfo> list_offsets(
      const std::map<TopicPartition, TimestampMs>& timestamps, Deadline deadline = {});

  /// Ends a call that blocks: it throws WakeupException. Any thread.
  void wakeup();
  void close();
  const ConnectionReport& connections() const;
  MetricsRegistry& metrics();
  const AdminClientConfig& config() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace kafkascope
