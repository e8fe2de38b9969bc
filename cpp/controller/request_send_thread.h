// RequestSendThread: what the controller has to say to one broker, in order, until it is answered.
#pragma once

#include <functional>

#include "clients/blocking_sender.h"
#include "controller/controller_broker_request_batch.h"
#include "controller/controller_config.h"
#include "runtime/blocking_queue.h"
#include "runtime/metrics/timer.h"
#include "runtime/worker.h"

namespace kafkascope {

/// Called on the send thread.
using ControlResponseHandler = std::function<void(const ControlRequest&, const ClientResponse&)>;

/// Kafka's RequestSendThread. Sends one request at a time, again and again until the broker has
/// answered or the thread is shut down, which happens when the broker's znode is gone.
class RequestSendThread : public Worker {
 public:
  RequestSendThread(Node& node, const ControllerConfig& config, BrokerNode broker, Timer& rate,
                    ControlResponseHandler handler);

  void send(ControlRequest request);
  size_t queue_size() { return queue_.size(); }

 protected:
  void do_work() override;
  void wakeup() override;
  void on_stopped() override { sender_.close(); }

 private:
  struct QueueItem {
    ControlRequest request;
    Instant enqueued;
  };
  ClientResponse send_once(const ControlRequest& request);
  void back_off();

  const ControllerConfig& config_;
  BlockingSender sender_;
  Timer& rate_and_queue_time_;
  const ControlResponseHandler handler_;
  BlockingQueue<QueueItem> queue_;
  Mutex mutex_;
  ConditionVariable stopping_;
};

}  // namespace kafkascope
