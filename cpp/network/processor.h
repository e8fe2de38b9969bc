// Processor: a network thread. Reads requests from its connections into the RequestChannel, and
// writes the answers.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "network/connection_quotas.h"
#include "network/request_channel.h"
#include "network/selector.h"
#include "runtime/worker.h"

namespace kafkascope {

class Meter;
class MetricsRegistry;

/// Kafka's Processor. A connection with a request under way is muted until its answer is out, so
/// answers leave in the order of requests.
class Processor : public Worker, public ResponseSink {
 public:
  Processor(Node& node, int id, std::string listener_name, const SocketServerConfig& config,
            RequestChannel& channel, ConnectionQuotas& quotas,
            std::shared_ptr<MemoryPool> memory_pool, MetricsRegistry& metrics);
  ~Processor() override;

  int id() const { return id_; }
  /// Hands over an accepted connection, already counted by the quotas. The Acceptor's thread.
  /// False: stopped.
  bool accept(std::unique_ptr<Connection> connection);
  void enqueue_response(Response response) override;
  /// Connections as of the last round.
  int connection_count() const { return connection_count_.load(std::memory_order_relaxed); }

 protected:
  void do_work() override;
  void wakeup() override { selector_.wakeup(); }
  void on_stopped() override;

 private:
  struct Client {
    Endpoint address;
    std::shared_ptr<Request> in_flight;  // its answer is being sent
  };

  void configure_new_connections();
  void process_new_responses();
  void process_completed_receives();
  void process_completed_sends();
  void process_disconnected();
  void handle_frame(const std::string& id, SharedSlice frame);
  /// Why a connection ends: the client sent what no client sends, the peer or the network ended it,
  /// or this broker did.
  enum class Cause { kClient, kNetwork, kOurs };
  void drop(const std::string& id, const std::string& reason, Cause cause);
  void forget(const std::string& id, const std::string& reason, Cause cause);

  const int id_;
  const std::string listener_name_;
  RequestChannel& channel_;
  ConnectionQuotas& quotas_;
  Meter& malformed_;
  Selector selector_;
  BlockingQueue<std::unique_ptr<Connection>> new_connections_;
  BlockingQueue<Response> responses_;
  std::map<std::string, Client> clients_;
  int next_index_ = 0;
  std::atomic<int> connection_count_{0};
};

}  // namespace kafkascope
