// KafkaRequestHandlerPool: the threads that take requests and let KafkaApis answer them.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "runtime/worker.h"
#include "server/kafka_apis.h"

namespace kafkascope {

class Meter;

/// Kafka's KafkaRequestHandler: one do_work is one request.
class KafkaRequestHandler : public Worker {
 public:
  KafkaRequestHandler(Node& node, int id, RequestChannel& channel, KafkaApis& apis, Meter& idle,
                      const std::atomic<int>& pool_size);

 protected:
  void do_work() override;

 private:
  RequestChannel& channel_;
  KafkaApis& apis_;
  Meter& idle_;  // nanoseconds waited, shared among the pool's threads
  const std::atomic<int>& pool_size_;
};

/// Kafka's KafkaRequestHandlerPool (num.io.threads).
class KafkaRequestHandlerPool {
 public:
  KafkaRequestHandlerPool(Node& node, RequestChannel& channel, KafkaApis& apis,
                          MetricsRegistry& metrics);

  /// Starts threads, or lets the last ones end after the request they are at: any thread, also one
  /// of them.
  void resize(int threads);
  /// The channel must be closed first; requests that wait are still handled.
  void shutdown();

 private:
  Node& node_;
  RequestChannel& channel_;
  KafkaApis& apis_;
  Meter& idle_;
  std::atomic<int> size_{1};
  Mutex mutex_;
  std::vector<std::shared_ptr<KafkaRequestHandler>> handlers_ KS_GUARDED_BY(mutex_);
  std::vector<std::shared_ptr<KafkaRequestHandler>> retired_ KS_GUARDED_BY(mutex_);
  bool closed_ KS_GUARDED_BY(mutex_) = false;
};

}  // namespace kafkascope
