// One echo scenario over Selectors, on threads and sockets and on fibers in virtual time: the same
// messages in the same order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "network/selector.h"
#include "runtime/real/real_runtime.h"
#include "runtime/sim/sim_runtime.h"
#include "runtime/threads.h"

namespace kafkascope {
namespace {

using namespace std::chrono_literals;

/// What one side saw, in its order.
using Messages = std::vector<std::string>;

constexpr size_t kSizes[] = {1, 0, 17, 1000, 65'536, 300'000, 2'000'000, 2};

std::string described(const char* what, ByteView frame) {
  const size_t sum = std::accumulate(frame.begin(), frame.end(), size_t{0});
  return std::string(what) + " " + std::to_string(frame.size()) + " bytes, sum " +
         std::to_string(sum);
}

ByteBuffer frame_of(size_t size) {
  ByteBuffer bytes(size);
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<uint8_t>(i * 7 + size);
  return bytes;
}

/// Accepts one connection and sends every frame back until the peer closes.
Messages serve(Node& node, Listener& listener) {
  Messages seen;
  const auto poller = node.network().make_poller();
  poller->set_interest(listener, kRead, 0);
  std::unique_ptr<Connection> accepted;
  while (accepted == nullptr) {
    poller->wait(node.clock().monotonic() + 1s);
    accepted = listener.accept();
  }
  poller->remove(listener);
  Selector selector(node, {});
  selector.register_channel("client", std::move(accepted));
  for (;;) {
    selector.poll(node.clock().monotonic() + 1s);
    for (const auto& receive : selector.completed_receives()) {
      seen.push_back(described("received", receive.frame.view()));
      selector.mute("client");  // one at a time, as a Processor does
      selector.send(NetworkSend("client", {receive.frame}));
    }
    for (size_t i = 0; i < selector.completed_sends().size(); ++i) {
      seen.push_back("sent back");
      selector.unmute("client");
    }
    if (!selector.disconnected().empty()) {
      seen.push_back(selector.disconnected().begin()->second);
      return seen;
    }
  }
}

/// Sends a frame of each size and waits for each to come back.
Messages ask(Node& node, const Endpoint& server) {
  Messages seen;
  Selector selector(node, {});
  selector.connect("server", server);
  while (!selector.is_ready("server")) selector.poll(node.clock().monotonic() + 1s);
  seen.push_back("connected");
  for (const size_t size : kSizes) {
    selector.send(NetworkSend("server", {SharedSlice::of(frame_of(size))}));
    for (bool answered = false; !answered;) {
      selector.poll(node.clock().monotonic() + 1s);
      for (const auto& receive : selector.completed_receives()) {
        seen.push_back(described("answered", receive.frame.view()));
        answered = true;
      }
    }
  }
  selector.close("server");
  return seen;
}

/// The whole scenario: a server's thread, and the client on the calling one.
std::pair<Messages, Messages> run(Node& server, Node& client, const std::string& host) {
  const auto listener = server.network().listen({host, 0});
  Messages served;
  Thread thread(server, "server", [&] { served = serve(server, *listener); });
  Messages asked = ask(client, listener->local_endpoint());
  thread.join();
  return {std::move(served), std::move(asked)};
}

TEST(EchoInBothRuntimesTest, TheSameMessages) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer watches threads, not fibers";
#endif
  real::RealRuntime threads;
  const auto server = threads.make_node("server");
  const auto client = threads.make_node("client");
  const auto expected = run(*server, *client, "127.0.0.1");
  EXPECT_EQ(expected.first.size(), 2 * std::size(kSizes) + 1);
  EXPECT_EQ(expected.second.size(), std::size(kSizes) + 1);
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    sim::SimRuntime fibers({.seed = seed, .policy = sim::Policy::kRandom});
    fibers.network().faults.partial_chance = seed % 2 == 0 ? 0.2 : 0;
    Node& simulated_server = fibers.add_node("server");
    Node& simulated_client = fibers.add_node("client");
    std::pair<Messages, Messages> found;
    fibers.call(simulated_client,
                [&] { found = run(simulated_server, simulated_client, "server"); });
    EXPECT_EQ(found, expected) << "seed " << seed;
  }
}

}  // namespace
}  // namespace kafkascope
