// A client Selector and a SocketServer whose handler echoes: framing, order, muting, limits.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/byte_writer.h"
#include "network/socket_server.h"
#include "protocol/messages/metadata_request.h"
#include "runtime/metrics/metrics_registry.h"
#include "runtime/real/real_runtime.h"

namespace kafkascope {
namespace {

constexpr Duration kPatience = std::chrono::seconds(20);

/// Answers every request with its own frame.
class EchoHandler : public Worker {
 public:
  EchoHandler(Node& node, RequestChannel& channel) : Worker(node, "echo"), channel_(channel) {}

 protected:
  void do_work() override {
    if (auto request =
            channel_.receive_request(node_.clock().monotonic() + std::chrono::milliseconds(100))) {
      const SharedSlice frame = request->frame;
      channel_.send(std::move(request), {frame});
    }
  }

 private:
  RequestChannel& channel_;
};

class EchoTest : public testing::Test {
 protected:
  void start(SocketServerConfig config = {}) {
    config_ = std::move(config);
    config_.listeners = {{"PLAINTEXT", {"127.0.0.1", 0}}};
    config_.num_network_threads = 2;
    server_ = std::make_unique<SocketServer>(*node_, config_, *metrics_);
    handler_ = std::make_unique<EchoHandler>(*node_, server_->request_channel());
    server_->start();
    handler_->start();
    address_ = server_->bound().at(0).address;
  }
  void TearDown() override {
    client_.close_all();
    if (server_ == nullptr) return;
    server_->shutdown();
    handler_->shutdown();
  }

  static SharedSlice request(int32_t id, size_t extra = 0) {
    protocol::MessageWriter writer =
        protocol::encode_request(protocol::MetadataRequest{}, 1, id, std::string(extra, 'x'));
    return SharedSlice::of(writer.take_bytes());
  }
  /// Polls until the condition holds; fails the test after kPatience.
  template <typename Condition>
  void poll_until(Condition condition) {
    const Instant deadline = node_->clock().monotonic() + kPatience;
    while (!condition()) {
      ASSERT_LT(node_->clock().monotonic(), deadline) << "nothing more happens";
      client_.poll(node_->clock().monotonic() + std::chrono::milliseconds(100));
      for (const auto& receive : client_.completed_receives())
        received_[receive.channel].push_back(receive.frame);
      for (const auto& [id, reason] : client_.disconnected()) disconnected_[id] = reason;
    }
  }
  void connect(const std::string& id) {
    client_.connect(id, address_);
    poll_until([&] { return client_.is_ready(id) || disconnected_.contains(id); });
  }

  real::RealRuntime runtime_;
  std::unique_ptr<Node> node_ = runtime_.make_node("test");
  std::unique_ptr<MetricsRegistry> metrics_ = std::make_unique<MetricsRegistry>(*node_);
  SocketServerConfig config_;
  std::unique_ptr<SocketServer> server_;
  std::unique_ptr<EchoHandler> handler_;
  Selector client_{*node_, {}};
  Endpoint address_;
  std::map<std::string, std::vector<SharedSlice>> received_;
  std::map<std::string, std::string> disconnected_;
};

TEST_F(EchoTest, PipelinedRequestsAreAnsweredInOrderOnEachConnection) {
  start();
  constexpr int kRequests = 50;
  for (const std::string id : {"a", "b", "c"}) connect(id);
  std::map<std::string, int> sent;
  poll_until([&] {
    bool done = true;
    for (const std::string id : {"a", "b", "c"}) {
      if (sent[id] < kRequests && !client_.find(id)->send.has_value()) {
        client_.send(NetworkSend(id, {request(sent[id]++)}));
      }
      done &= received_[id].size() == kRequests;
    }
    return done;
  });
  for (const auto& [id, frames] : received_) {
    for (int i = 0; i < kRequests; ++i) {
      EXPECT_TRUE(std::ranges::equal(frames[i].view(), request(i).view())) << id << " " << i;
    }
  }
}

TEST_F(EchoTest, LargeFramesCrossWhole) {
  start();
  connect("a");
  const ByteBuffer large(5'000'000, 7);
  const SharedSlice head = request(1);
  client_.send(NetworkSend("a", {head, SharedSlice::of(large)}));
  poll_until([&] { return !received_["a"].empty(); });
  EXPECT_EQ(received_["a"][0].size(), head.size() + large.size());
}

TEST_F(EchoTest, BadLengthsAndHeadersCloseOnlyTheirOwnConnection) {
  start({.socket_request_max_bytes = 1000});
  connect("good");
  const std::vector<ByteBuffer> bad = {
      {0xff, 0xff, 0xff, 0xff},                              // length -1
      {0x00, 0x00, 0x03, 0xe9, 1, 2, 3},                     // length 1001
      {0, 0, 0, 2, 0, 3},                                    // too short for a header
      {0, 0, 0, 10, 3, 0xe7, 0, 0, 0, 0, 0, 1, 0xff, 0xff},  // api key 999
  };
  for (size_t i = 0; i < bad.size(); ++i) {
    const std::unique_ptr<Connection> raw = node_->network().connect(address_);
    const std::unique_ptr<Poller> poller = node_->network().make_poller();
    poller->set_interest(*raw, kWrite, 1);
    poller->wait(node_->clock().monotonic() + kPatience);
    const ByteView slice(bad[i]);
    ASSERT_EQ(raw->write({&slice, 1}).status, IoStatus::kOk);
    poller->set_interest(*raw, kRead, 1);
    IoResult result{IoStatus::kWouldBlock, 0, {}};
    uint8_t buffer[16];
    const Instant deadline = node_->clock().monotonic() + kPatience;
    while (result.status == IoStatus::kWouldBlock) {
      ASSERT_LT(node_->clock().monotonic(), deadline) << "not closed: " << i;
      poller->wait(deadline);
      result = raw->read(buffer);
    }
    EXPECT_NE(result.status, IoStatus::kOk) << "an answer to bad bytes " << i;
    poller->remove(*raw);
  }
  client_.send(NetworkSend("good", {request(9)}));
  poll_until([&] { return !received_["good"].empty(); });
}

TEST_F(EchoTest, ConnectionsBeyondTheLimitAreClosed) {
  start({.connection_limits = {.per_ip = 2}});
  connect("a");
  connect("b");
  client_.send(NetworkSend("a", {request(1)}));
  client_.send(NetworkSend("b", {request(1)}));
  poll_until([&] { return !received_["a"].empty() && !received_["b"].empty(); });
  client_.connect("c", address_);
  poll_until([&] { return disconnected_.contains("c"); });
  EXPECT_EQ(server_->connection_count(), 2);
}

TEST_F(EchoTest, RequestsInMemoryAreBounded) {
  constexpr size_t kFrame = 200'000;
  constexpr int kRequests = 10;
  start({.queued_max_request_bytes = 300'000});
  const auto used = [&] {
    return metrics_->snapshot()
        .at({"kafka.network", "SocketServer", "MemoryPoolUsed", {}})
        .at("Value");
  };
  const std::vector<std::string> ids = {"a", "b", "c", "d", "e", "f"};
  for (const std::string& id : ids) connect(id);
  const SharedSlice padding = SharedSlice::of(ByteBuffer(kFrame, 1));
  std::map<std::string, int> sent;
  double most = 0;
  poll_until([&] {
    bool done = true;
    for (const std::string& id : ids) {
      if (sent[id] < kRequests && !client_.find(id)->send.has_value())
        client_.send(NetworkSend(id, {request(sent[id]++), padding}));
      done &= received_[id].size() == kRequests;
    }
    most = std::max(most, used());
    return done;
  });
  EXPECT_GT(most, 0);
  EXPECT_LE(most, 300'000 + kFrame + 100) << "the bound, and the frame that was let in last";
  // A frame that never ends gives its share back with its connection.
  const std::unique_ptr<Connection> half = node_->network().connect(address_);
  const ByteBuffer begun = {0, 4, 0, 0, 1, 2, 3};
  const ByteView slice(begun);
  poll_until([&] { return half->finish_connect().status == IoStatus::kOk; });
  ASSERT_EQ(half->write({&slice, 1}).status, IoStatus::kOk);
  poll_until([&] { return used() == 0x40000; });
  half->close();
  poll_until([&] { return used() == 0; });
}

TEST_F(EchoTest, IdleConnectionsAreClosed) {
  start({.connections_max_idle = std::chrono::milliseconds(50)});
  connect("a");
  poll_until([&] { return disconnected_.contains("a"); });
}

TEST_F(EchoTest, NobodyListens) {
  address_ = {"127.0.0.1", 1};
  client_.connect("a", address_);
  poll_until([&] { return disconnected_.contains("a"); });
  EXPECT_EQ(disconnected_["a"], "Connection refused");
}

TEST(NetworkReceiveTest, MemoryGrowsWithWhatCame) {
  NetworkReceive receive(100'000'000);
  ByteWriter length;
  length.write_int32(90'000'000);
  EXPECT_EQ(receive.feed(length.view()), 4u);
  EXPECT_EQ(receive.capacity(), 0u);
  const ByteBuffer some(1000, 1);
  receive.feed(some);
  EXPECT_LE(receive.capacity(), 64u * 1024);
}

TEST(NetworkReceiveTest, TakesOneByteAtATime) {
  NetworkReceive receive(10);
  const ByteBuffer bytes{0, 0, 0, 3, 'a', 'b', 'c', 'd'};
  size_t at = 0;
  while (!receive.complete()) at += receive.feed(ByteView(bytes).subspan(at, 1));
  EXPECT_EQ(at, 7u);
  EXPECT_EQ(to_string(receive.take().view()), "abc");
  EXPECT_FALSE(receive.complete());
}

SharedSlice large_frame(const std::shared_ptr<FrameBuffers>& buffers, int32_t size, uint8_t fill) {
  NetworkReceive receive(10'000'000, buffers);
  ByteWriter length;
  length.write_int32(size);
  receive.feed(length.view());
  receive.feed(ByteBuffer(static_cast<size_t>(size), fill));
  return receive.take();
}

TEST(FrameBuffersTest, MemoryOfAFrameThatIsGoneIsUsedAgain) {
  const auto buffers = std::make_shared<FrameBuffers>();
  const uint8_t* const memory = large_frame(buffers, 200'000, 1).data();
  const SharedSlice second = large_frame(buffers, 150'000, 2);
  EXPECT_EQ(second.data(), memory);
  EXPECT_EQ(second.size(), 150'000u);
  EXPECT_EQ(second.view().back(), 2);
}

TEST(FrameBuffersTest, MemoryOfAFrameInUseIsLeftAlone) {
  const auto buffers = std::make_shared<FrameBuffers>();
  const SharedSlice first = large_frame(buffers, 200'000, 1);
  const SharedSlice second = large_frame(buffers, 200'000, 2);
  EXPECT_EQ(first.view().back(), 1);
  EXPECT_NE(first.data(), second.data());
}

TEST(FrameBuffersTest, OutlivesItsSelectorWhileAFrameIsRead) {
  auto buffers = std::make_shared<FrameBuffers>();
  const SharedSlice frame = large_frame(buffers, 200'000, 3);
  buffers.reset();
  EXPECT_EQ(frame.view().front(), 3);
}

}  // namespace
}  // namespace kafkascope
