#include "clients/admin/admin_network.h"

#include <fmt/core.h>

#include "clients/metadata_response.h"
#include "protocol/messages/metadata_request.h"

namespace kafkascope {
namespace {

constexpr int32_t kMaxInFlight = 100;
constexpr int16_t kFirstVersionWithAutoCreate = 4;

}  // namespace

AdminNetwork::AdminNetwork(Node& node, AdminClientConfig config)
    : node_(node),
      config_(std::move(config)),
      mutex_(node, "admin client"),
      metadata_(node, config_.retry_backoff, config_.retry_backoff_max, config_.metadata_max_age),
      client_(node, config_, metadata_, kMaxInFlight),
      backoff_(config_.retry_backoff, config_.retry_backoff_max),
      random_(node.random().stream("admin backoff")) {
  metadata_.bootstrap(config_.bootstrap_servers);
}

Instant AdminNetwork::deadline(std::optional<Instant> given) const {
  return given.value_or(deadline_after(node_.clock().monotonic(), config_.default_api_timeout));
}

const BrokerNode* AdminNetwork::find(Target target, const Cluster& cluster) const {
  return cluster.broker(target.kind == Target::Kind::kController ? cluster.controller_id
                                                                 : target.broker);
}

Result<ClientResponse> AdminNetwork::send_once(Target target, const MakeRequest& make,
                                               Instant deadline) {
  if (closed_) throw KafkaException(ErrorCode::kInvalidRequest, "the admin client is closed");
  RequestFuture<ClientResponse> future;
  if (target.kind == Target::Kind::kAny) {
    future = client_.send_to_any(make());
  } else {
    if (metadata_.fetch()->is_bootstrap && !client_.await_metadata_update(deadline))
      throw_timed_out();
    const std::shared_ptr<const Cluster> cluster = metadata_.fetch();
    const BrokerNode* broker = find(target, *cluster);
    if (broker == nullptr) {
      (void)metadata_.request_update();
      return Error{ErrorCode::kBrokerNotAvailable,
                   target.kind == Target::Kind::kController
                       ? "the cluster has no controller now"
                       : fmt::format("broker {} is not in the cluster", target.broker)};
    }
    future = client_.send(*broker, make());
  }
  if (!client_.poll(future, deadline)) throw_timed_out();
  if (!future.result() && future.result().code() == ErrorCode::kUnsupportedVersion) {
    throw KafkaException(ErrorCode::kUnsupportedVersion, future.result().error().message);
  }
  return future.result();
}

void AdminNetwork::back_off(int64_t attempt, Instant deadline) {
  (void)metadata_.request_update();
  const Instant until =
      std::min(deadline, node_.clock().monotonic() + backoff_.backoff(attempt, random_));
  while (node_.clock().monotonic() < until) client_.poll(until);
  if (node_.clock().monotonic() >= deadline) throw_timed_out();
}

void AdminNetwork::throw_timed_out() const {
  std::string why = report().explain();
  if (why.empty()) why = last_failure_;
  throw KafkaException(ErrorCode::kRequestTimedOut,
                       why.empty() ? "no answer in time" : "no answer in time: " + why);
}

Cluster AdminNetwork::fetch_topics(const std::optional<std::vector<std::string>>& topics,
                                   Instant deadline) {
  const auto make = [&topics] {
    protocol::MetadataRequest request;
    if (!topics.has_value())
      request.topics.reset();
    else
      for (const std::string& topic : *topics) request.topics->emplace_back().name = topic;
    request.allow_auto_topic_creation = false;
    return make_request(
        std::move(request),
        [](protocol::MetadataRequest& message, int16_t version) {
          if (version < kFirstVersionWithAutoCreate) message.allow_auto_topic_creation = true;
        },
        1);
  };
  return cluster_from_response(call<protocol::MetadataResponse>({}, make, deadline));
}

bool AdminNetwork::await_cluster(Instant deadline) {
  while (!report().reached_cluster() && node_.clock().monotonic() < deadline) {
    client_.poll(deadline, [this] { return report().reached_cluster(); });
  }
  return report().reached_cluster();
}

void AdminNetwork::close() {
  if (closed_) return;
  closed_ = true;
  metadata_.close();
  client_.close();
}

}  // namespace kafkascope
