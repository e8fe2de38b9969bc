// ControllerConfig: what KafkaController needs of a broker's configuration.
#pragma once

#include <string>

#include "clients/client_config.h"
#include "metadata/metadata_version.h"
#include "runtime/clock.h"

namespace kafkascope {

/// Planted bugs, for tests that show which invariant notices. All off in a broker.
struct ControllerDefects {
  /// AlterPartition changes the ISR whatever leader epoch and partition epoch it knows.
  bool accept_stale_alter_partition = false;
  /// Writes to ZooKeeper do not check /controller_epoch: a controller that was replaced goes on.
  bool ignore_controller_epoch = false;
  /// Requests of a broker's earlier life count.
  bool accept_old_broker_epoch = false;
  /// Elected after its session was lost, the controller does not notice brokers and topics that
  /// come and go.
  bool no_watch_after_session_loss = false;
};

/// Defaults are Kafka's.
struct ControllerConfig {
  BrokerId broker_id = 0;
  ProtocolFeatures protocol;
  std::string inter_broker_listener = "PLAINTEXT";
  bool delete_topic_enable = true;
  bool unclean_leader_election_enable = false;  // topics may say otherwise
  bool auto_leader_rebalance_enable = true;
  Duration leader_imbalance_check_interval = std::chrono::seconds(300);
  int leader_imbalance_per_broker_percentage = 10;
  Duration controller_socket_timeout = std::chrono::seconds(30);
  CommonClientConfig inter_broker_client;  // how brokers connect to each other
  ControllerDefects defects;
};

}  // namespace kafkascope
