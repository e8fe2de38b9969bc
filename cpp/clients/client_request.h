// ClientRequest and ClientResponse: what goes through a NetworkClient, whatever its kind.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "clients/request_body.h"
#include "common/errors.h"
#include "common/types.h"
#include "runtime/clock.h"

namespace kafkascope {

/// The answer to one request, or the reason why there is none.
struct ClientResponse {
  protocol::ApiKey api{};
  int16_t version = 0;
  BrokerId destination = -1;
  int32_t correlation_id = 0;
  Instant created{};
  Instant received{};
  std::optional<Error>
      failure;  // kNetworkException: the connection ended first; kUnsupportedVersion: never sent
  SharedSlice body;

  bool disconnected() const {
    return failure.has_value() && failure->code == ErrorCode::kNetworkException;
  }
  /// The message, or the failure; bytes that are no such message give kCorruptMessage.
  template <typename Message>
  Result<Message> decode() const {
    if (failure.has_value()) return *failure;
    try {
      return protocol::decode<Message>(body, version);
    } catch (const SerializationException& malformed) {
      return Error{ErrorCode::kCorruptMessage,
                   std::string("malformed response: ") + malformed.what()};
    }
  }
};

/// Runs on the thread that polls the client.
using RequestCompletionHandler = std::function<void(const ClientResponse&)>;

struct ClientRequest {
  BrokerId destination = -1;
  std::unique_ptr<RequestBody> body;
  int32_t correlation_id = 0;
  Instant created{};
  bool expects_response = true;
  Duration timeout{};
  RequestCompletionHandler callback;  // may be empty
};

}  // namespace kafkascope
