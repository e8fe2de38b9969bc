// RequestBody: a request of any kind, encoded once the broker's versions are known (Kafka's
// AbstractRequest.Builder).
#pragma once

#include <algorithm>
#include <functional>
#include <memory>

#include "protocol/request_header.h"

namespace kafkascope {

/// Knows which versions it can be sent at, and writes itself at the one that was chosen.
class RequestBody {
 public:
  RequestBody(protocol::ApiKey api, int16_t lowest, int16_t highest)
      : api_(api), lowest_(lowest), highest_(highest) {}
  virtual ~RequestBody() = default;

  protocol::ApiKey api() const { return api_; }
  int16_t lowest_version() const { return lowest_; }
  int16_t highest_version() const { return highest_; }
  /// Header and body. Throws KafkaException(kUnsupportedVersion) when the version cannot carry what
  /// is asked.
  virtual protocol::MessageWriter encode(int16_t version, int32_t correlation_id,
                                         const std::string& client_id) = 0;

 private:
  const protocol::ApiKey api_;
  const int16_t lowest_;
  const int16_t highest_;
};

/// A generated message, with an optional last touch that depends on the version.
template <typename Message>
class MessageBody : public RequestBody {
 public:
  using Adapt = std::function<void(Message&, int16_t version)>;

  MessageBody(Message message, Adapt adapt, int16_t lowest, int16_t highest)
      : RequestBody(static_cast<protocol::ApiKey>(Message::kApiKey),
                    std::max(lowest, Message::kLowestVersion),
                    std::min(highest, Message::kHighestVersion)),
        message_(std::move(message)),
        adapt_(std::move(adapt)) {}

  protocol::MessageWriter encode(int16_t version, int32_t correlation_id,
                                 const std::string& client_id) override {
    if (adapt_) adapt_(message_, version);
    return protocol::encode_request(message_, version, correlation_id, client_id);
  }

 private:
  Message message_;
  Adapt adapt_;
};

template <typename Message>
std::unique_ptr<RequestBody> make_request(Message message,
                                          typename MessageBody<Message>::Adapt adapt = {},
                                          int16_t lowest = 0, int16_t highest = INT16_MAX) {
  return std::make_unique<MessageBody<Message>>(std::move(message), std::move(adapt), lowest,
                                                highest);
}

}  // namespace kafkascope
