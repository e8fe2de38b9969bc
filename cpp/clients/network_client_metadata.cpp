// NetworkClient's metadata updater: whom to ask, when, and what to do with the answer.
#include <algorithm>

#include "clients/metadata_response.h"
#include "clients/network_client.h"
#include "common/logging.h"
#include "protocol/messages/metadata_request.h"

namespace kafkascope {
namespace {

constexpr int16_t kFirstVersionWithAutoCreate = 4;
constexpr size_t kGreetedBrokers = 3;

std::unique_ptr<RequestBody> metadata_request(const MetadataRequestTopics& wanted) {
  protocol::MetadataRequest request;
  request.allow_auto_topic_creation = wanted.allow_auto_create;
  if (wanted.all)
    request.topics.reset();
  else
    for (const std::string& topic : wanted.topics) request.topics->emplace_back().name = topic;
  const bool all = wanted.all;
  return make_request(std::move(request),
                      [all](protocol::MetadataRequest& message, int16_t version) {
                        if (version < kFirstVersionWithAutoCreate)
                          message.allow_auto_topic_creation = true;
                        if (version == 0 && all)
                          message.topics.emplace();  // there, an empty list means all
                      });
}

}  // namespace

Duration NetworkClient::maybe_update_metadata(Instant now) {
  if (metadata_in_progress_) return config_.request_timeout;
  const Duration wait = metadata_.time_to_next_update(now);
  if (wait > Duration::zero()) return wait;
  const BrokerNode* broker = least_loaded_node(now);
  if (broker == nullptr) return config_.reconnect_backoff;  // all wait for their next attempt
  return request_metadata_from(*broker, now);
}

Duration NetworkClient::request_metadata_from(const BrokerNode& broker, Instant now) {
  if (can_send(broker.id, now)) {
    const MetadataRequestTopics wanted = metadata_.begin_request(now);
    std::unique_ptr<RequestBody> body = metadata_request(wanted);
    int16_t version = 0;
    try {
      version = api_versions(broker.id)->latest_usable_version(body->api(), body->lowest_version(),
                                                               body->highest_version());
    } catch (const KafkaException& refused) {
      metadata_.fatal_error({refused.code(), refused.what()});
      metadata_.failed_update(now);
      return config_.reconnect_backoff;
    }
    ClientRequest request = new_request(
        broker.id, std::move(body),
        [this, wanted](const ClientResponse& response) {
          handle_metadata(response, wanted, node_.clock().monotonic());
        },
        now);
    metadata_in_progress_ = true;
    do_send(request, true, version, now);
    return config_.request_timeout;
  }
  if (states_.is_preparing(broker.id)) return config_.connection_setup_timeout;
  if (!states_.can_connect(broker.id, now)) return config_.reconnect_backoff;
  initiate_connect(broker, now);
  return config_.reconnect_backoff;
}

void NetworkClient::handle_metadata(const ClientResponse& response,
                                    const MetadataRequestTopics& requested, Instant now) {
  metadata_in_progress_ = false;
  const Result<protocol::MetadataResponse> decoded = response.decode<protocol::MetadataResponse>();
  if (!decoded) {
    metadata_.failed_update(now);
    if (decoded.code() == ErrorCode::kCorruptMessage)
      throw SerializationException(decoded.error().message);
    return;
  }
  throttle(response.destination, decoded->throttle_time_ms, now);
  if (decoded->brokers.empty()) {  // a broker that is only starting knows no one yet
    metadata_.failed_update(now);
    return;
  }
  const bool first = metadata_.fetch()->is_bootstrap;
  Cluster cluster = cluster_from_response(*decoded);
  if (first) greet_cluster(cluster, now);
  metadata_.update(std::move(cluster), requested, now);
}

// The first answer names the real brokers. Some are connected at once: advertised addresses that
// nobody listens on then show early, not when the first record is due; and one broker that is dead
// or stands still does not keep the client from a cluster.
void NetworkClient::greet_cluster(const Cluster& cluster, Instant now) {
  auto next = std::next(cluster.brokers.begin(),
                        static_cast<ptrdiff_t>(random_.below(cluster.brokers.size())));
  for (size_t left = std::min(cluster.brokers.size(), kGreetedBrokers); left > 0; --left) {
    if (states_.can_connect(next->first, now)) initiate_connect(next->second, now);
    if (++next == cluster.brokers.end()) next = cluster.brokers.begin();
  }
}

}  // namespace kafkascope
