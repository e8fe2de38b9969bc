// ControllerChannel: how a broker asks the controller, whichever broker that is now.
#pragma once

#include <memory>

#include "clients/client_request.h"

namespace kafkascope {

/// Kafka's NodeToControllerChannelManager. Any thread may call send().
class ControllerChannel {
 public:
  virtual ~ControllerChannel() = default;
  /// Tries again, at the next controller if need be, until there is an answer. The callback runs
  /// once, on the channel's thread; never once the channel is shut down. `failure` of the answer:
  /// the controller does not know the API at these versions, or refuses the broker.
  virtual void send(std::unique_ptr<RequestBody> body, RequestCompletionHandler callback) = 0;
};

}  // namespace kafkascope
