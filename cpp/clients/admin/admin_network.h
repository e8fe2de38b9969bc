// AdminNetwork: one admin request at a time: finds the broker, sends, retries, waits.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "clients/admin/admin_client_config.h"
#include "clients/consumer/consumer_network_client.h"
#include "runtime/threads.h"

namespace kafkascope {

/// Asks for brokers and controller only.
class AdminMetadata : public Metadata {
 public:
  using Metadata::Metadata;

 protected:
  MetadataRequestTopics next_topics(Instant, bool) override { return {}; }
  bool retain_topic(const std::string&, bool, Instant) override { return false; }
};

/// What KafkaAdminClient's calls stand on. Calls hold the mutex; wakeup() may come from any thread.
class AdminNetwork {
 public:
  struct Target {
    enum class Kind { kAny, kController, kBroker } kind = Kind::kAny;
    BrokerId broker = -1;
  };
  using MakeRequest = std::function<std::unique_ptr<RequestBody>()>;

  AdminNetwork(Node& node, AdminClientConfig config);

  Mutex& mutex() { return mutex_; }
  Instant deadline(std::optional<Instant> given) const;

  /// The answer, decoded. Sends again, with backoff, while the connection fails or `retry` says
  /// that the answer is not final (and then with fresh metadata). Throws KafkaException:
  /// kRequestTimedOut with the reason at the deadline, kUnsupportedVersion, WakeupException.
  template <typename Response>
  Response call(Target target, const MakeRequest& make, Instant deadline,
                const std::function<bool(const Response&)>& retry = {}) {
    for (int64_t attempt = 0;; ++attempt) {
      Result<ClientResponse> answer = send_once(target, make, deadline);
      if (answer) {
        Result<Response> decoded = answer->template decode<Response>();
        if (decoded && !(retry && retry(*decoded))) return std::move(decoded).value();
        if (!decoded) throw KafkaException(decoded.error().code, decoded.error().message);
        last_failure_ = "the broker asks to try again";
      } else {
        last_failure_ = answer.error().message;
      }
      back_off(attempt, deadline);
    }
  }
  /// These topics (empty: all of them) as the cluster describes them now, errors included.
  Cluster fetch_topics(const std::optional<std::vector<std::string>>& topics, Instant deadline);
  /// Sleeps on the network until `until` or the deadline, then throws if the deadline has passed.
  void back_off(int64_t attempt, Instant deadline);

  bool await_cluster(Instant deadline);
  void wakeup() { client_.wakeup(); }
  void close();
  const AdminClientConfig& config() const { return config_; }
  const ConnectionReport& report() const { return client_.network().report(); }
  std::vector<InFlightRequestDescription> in_flight() const {
    return client_.network().describe_in_flight();
  }

 private:
  Result<ClientResponse> send_once(Target target, const MakeRequest& make, Instant deadline);
  const BrokerNode* find(Target target, const Cluster& cluster) const;
  [[noreturn]] void throw_timed_out() const;

  Node& node_;
  const AdminClientConfig config_;
  Mutex mutex_;
  AdminMetadata metadata_;
  ConsumerNetworkClient client_;
  ExponentialBackoff backoff_;
  RandomStream random_;
  std::string last_failure_;
  bool closed_ = false;
};

}  // namespace kafkascope
