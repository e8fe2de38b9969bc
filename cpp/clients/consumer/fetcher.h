// Fetcher: keeps a fetch under way to every leader, and hands out what came.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>

#include "clients/consumer/completed_fetch.h"
#include "clients/consumer/consumer_metadata.h"
#include "clients/consumer/consumer_network_client.h"
#include "clients/consumer/fetch_metrics.h"
#include "clients/consumer/fetch_session_handler.h"

namespace kafkascope {

/// Kafka's Fetcher with its FetchBuffer and FetchCollector. For the polling thread. A partition
/// whose data waits in the buffer is fetched ahead from where that data ends, one response deep, so
/// that the reader need not wait for a round trip between responses.
class Fetcher {
 public:
  Fetcher(Node& node, const ConsumerConfig& config, ConsumerNetworkClient& client,
          ConsumerMetadata& metadata, SubscriptionState& subscriptions, MetricsRegistry& metrics);

  /// Queues one request to each broker that has none under way. Returns how many.
  int send_fetches();
  bool has_completed_fetches() const { return !buffer_.empty(); }
  /// Records up to `max`, in the order of arrival. Throws the error of a partition only when it is
  /// first in line and nothing is returned before it.
  ConsumerRecords collect(int32_t max);
  /// Drops what came for partitions that are not assigned any more.
  void retain_only(const std::set<TopicPartition>& partitions);
  /// Ends the sessions; the requests go out with the next polls. Not where a fetch is under way:
  /// the broker would answer that first, and forgets unused sessions by itself.
  std::vector<RequestFuture<ClientResponse>> close_sessions();
  void describe(ConsumerDescription& into) const;

 private:
  struct AskedRequest {
    BrokerId broker;
    FetchSessionRequest session;
  };
  std::map<BrokerId, FetchPartitions> prepare();
  const CompletedFetch* buffered(const TopicPartition& tp, int& count) const;
  const BrokerNode* choose_broker(const TopicPartition& tp, const Cluster& cluster, Instant now);
  std::unique_ptr<RequestBody> request_for(const FetchSessionRequest& session) const;
  void handle_response(const AskedRequest& asked, const Result<ClientResponse>& response);
  void handle_failure(const AskedRequest& asked, const Error& error);
  void buffer_partitions(const AskedRequest& asked, protocol::FetchResponse& response);
  bool admit(CompletedFetch& fetch);
  void handle_error(const CompletedFetch& fetch);
  bool take_from(CompletedFetch& fetch, int32_t max, ConsumerRecords& into);

  Node& node_;
  const ConsumerConfig& config_;
  ConsumerNetworkClient& client_;
  ConsumerMetadata& metadata_;
  SubscriptionState& subscriptions_;
  FetchMetrics metrics_;
  std::map<BrokerId, FetchSessionHandler> sessions_;
  std::set<BrokerId> pending_;  // brokers with a fetch under way
  std::deque<std::unique_ptr<CompletedFetch>> buffer_;
};

}  // namespace kafkascope
