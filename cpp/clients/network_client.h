// NetworkClient: requests to brokers and their answers, over connections that it makes and keeps.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "clients/client_config.h"
#include "clients/client_request.h"
#include "clients/cluster_connection_states.h"
#include "clients/connection_report.h"
#include "clients/in_flight_requests.h"
#include "clients/metadata.h"
#include "clients/node_api_versions.h"
#include "protocol/messages/metadata_response.h"

namespace kafkascope {

class Selector;

/// Kafka's NetworkClient. Owned by one thread, which calls everything but wakeup(), report() and
/// the in-flight description. It negotiates versions with each broker, refreshes the Metadata by
/// itself while it is polled, and gives up a connection when a request has no answer within its
/// timeout.
class NetworkClient {
 public:
  NetworkClient(Node& node, const CommonClientConfig& config, Metadata& metadata,
                int32_t max_in_flight);
  ~NetworkClient();

  /// True when a request can be sent now; otherwise starts to connect if that is allowed.
  bool ready(const BrokerNode& broker, Instant now);
  bool is_ready(BrokerId id, Instant now) const;
  bool connection_failed(BrokerId id) const;
  bool is_blacked_out(BrokerId id, Instant now) const { return states_.is_blacked_out(id, now); }
  /// How long to wait before it makes sense to try this broker again.
  Duration connection_delay(BrokerId id, Instant now) const {
    return states_.connection_delay(id, now);
  }
  /// Throttled by the broker (KIP-219).
  void throttle(BrokerId id, int32_t throttle_ms, Instant now);

  ClientRequest new_request(BrokerId destination, std::unique_ptr<RequestBody> body,
                            RequestCompletionHandler callback, Instant now);
  /// The broker must be ready. What cannot be sent at the broker's versions is answered by the next
  /// poll with kUnsupportedVersion.
  void send(ClientRequest request, Instant now);
  /// Does what can be done, sleeping at most `timeout`; then runs the callbacks of what was
  /// answered or failed.
  void poll(Duration timeout, Instant now);

  /// A connected broker with the fewest requests under way, else one that can be connected. The
  /// seed decides ties.
  const BrokerNode* least_loaded_node(Instant now);
  bool has_in_flight(BrokerId id) const { return in_flight_.count(id) > 0; }
  bool has_in_flight() const { return in_flight_.count() > 0; }
  /// A broker of the metadata, or a bootstrap address; null when unknown.
  const NodeApiVersions* api_versions(BrokerId id) const;
  void disconnect(BrokerId id, Instant now);
  void close();
  /// Any thread: ends a poll that sleeps.
  void wakeup();

  ConnectionReport& report() { return report_; }
  const ConnectionReport& report() const { return report_; }
  std::vector<InFlightRequestDescription> describe_in_flight() const {
    return in_flight_.describe();
  }

 private:
  bool can_send(BrokerId id, Instant now) const;
  void initiate_connect(const BrokerNode& broker, Instant now);
  void do_send(ClientRequest& request, bool internal, int16_t version, Instant now);
  void connection_lost(BrokerId id, const std::string& why, Instant now);

  void handle_connections();
  void handle_completed_sends(Instant now);
  void handle_completed_receives(Instant now);
  void handle_receive(BrokerId id, const SharedSlice& frame, Instant now);
  void handle_disconnections(Instant now);
  void handle_timeouts(Instant now);
  void complete_responses();

  void send_api_versions(BrokerId id, int16_t highest, Instant now);
  void handle_api_versions(const ClientResponse& response, Instant now);

  // The metadata updater.
  Duration maybe_update_metadata(Instant now);
  Duration request_metadata_from(const BrokerNode& broker, Instant now);
  void handle_metadata(const ClientResponse& response, const MetadataRequestTopics& requested,
                       Instant now);
  void greet_cluster(const Cluster& cluster, Instant now);

  Node& node_;
  const CommonClientConfig config_;
  Metadata& metadata_;
  std::unique_ptr<Selector> selector_;
  ClusterConnectionStates states_;
  InFlightRequests in_flight_;
  ConnectionReport report_;
  RandomStream random_;
  std::map<BrokerId, NodeApiVersions> api_versions_;
  std::map<BrokerId, int16_t> api_versions_to_send_;  // connected, ApiVersions not sent yet
  std::shared_ptr<const Cluster> cluster_;  // of the last look: least_loaded_node points into it
  std::vector<std::pair<RequestCompletionHandler, ClientResponse>> completed_;
  int32_t correlation_ = 0;
  bool metadata_in_progress_ = false;
  bool closed_ = false;
};

}  // namespace kafkascope
