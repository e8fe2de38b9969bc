// TestClient: one blocking connection that speaks generated messages to a broker.
#pragma once

#include <gtest/gtest.h>

#include "network/selector.h"
#include "protocol/request_header.h"

namespace kafkascope {

class TestClient {
 public:
  TestClient(Node& node, Endpoint address) : node_(node), selector_(node, {}) {
    selector_.connect("broker", address);
    poll_until([this] { return selector_.is_ready("broker"); });
  }

  /// Sends the request and waits for its answer.
  template <typename Response, typename Request>
  Response call(const Request& request, int16_t version) {
    protocol::MessageWriter writer =
        protocol::encode_request(request, version, ++correlation_id_, "test");
    const SharedSlice frame = exchange(writer.take());
    const auto parsed =
        protocol::parse_response(frame, static_cast<protocol::ApiKey>(Request::kApiKey), version);
    EXPECT_EQ(parsed.correlation_id, correlation_id_);
    return protocol::decode<Response>(parsed.body, version);
  }
  /// Sends raw bytes as a frame; the answer, or nothing when the broker closed the connection.
  SharedSlice exchange(std::vector<Payload> parts) {
    selector_.send(NetworkSend("broker", std::move(parts)));
    SharedSlice answer;
    poll_until([&] {
      if (!selector_.completed_receives().empty())
        answer = selector_.completed_receives().front().frame;
      return answer.size() > 0 || !selector_.has("broker");
    });
    return answer;
  }
  bool connected() const { return selector_.has("broker"); }

 private:
  template <typename Condition>
  void poll_until(Condition condition) {
    const Instant deadline = node_.clock().monotonic() + std::chrono::seconds(20);
    do {  // first a poll: the last one's results must not be taken for this one's
      ASSERT_LT(node_.clock().monotonic(), deadline) << "the broker does not answer";
      selector_.poll(node_.clock().monotonic() + std::chrono::milliseconds(100));
    } while (!condition());
  }

  Node& node_;
  Selector selector_;
  int32_t correlation_id_ = 0;
};

}  // namespace kafkascope
