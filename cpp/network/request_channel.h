// RequestChannel: between the network threads and the handlers, a queue of requests one way and one
// queue of responses a Processor the other.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "protocol/request_header.h"
#include "runtime/blocking_queue.h"
#include "runtime/network.h"

namespace kafkascope {

class Meter;
class MetricsRegistry;

/// One request from its frame to its answer, with the times that RequestMetrics report.
struct Request {
  int processor = 0;
  std::string connection_id;
  std::string listener_name;
  Endpoint client;
  SharedSlice frame;
  protocol::ParsedHeader parsed;

  Instant received{};   // by the Processor: all parts count from here
  Instant dequeued{};   // by a handler
  Instant completed{};  // KafkaApis returned; what follows is RemoteTimeMs, in a purgatory
  Instant answered{};   // the response was queued

  int16_t version() const { return parsed.header.request_api_version; }
  protocol::ApiKey key() const { return parsed.api->key; }
  SharedSlice body() const {
    return frame.subslice(parsed.body_offset, frame.size() - parsed.body_offset);
  }
};

/// What goes back to a Processor.
struct Response {
  enum class Kind { kSend, kNoOp, kCloseConnection };
  Kind kind = Kind::kNoOp;
  std::shared_ptr<Request> request;
  std::vector<Payload> parts;  // kSend: header and body
};

/// Where a Processor takes its responses from; the channel wakes it when one arrives.
class ResponseSink {
 public:
  virtual ~ResponseSink() = default;
  virtual void enqueue_response(Response response) = 0;
};

/// Kafka's RequestChannel. Any thread may call.
class RequestChannel {
 public:
  /// `capacity`: queued.max.requests. Processors block while it is full, and so stop reading.
  RequestChannel(Node& node, size_t capacity, MetricsRegistry& metrics);
  ~RequestChannel();

  void add_processor(int id, ResponseSink* processor);
  void remove_processor(int id);

  /// False when the channel is closed.
  bool send_request(std::shared_ptr<Request> request) { return requests_.put(std::move(request)); }
  /// Null when none came before the deadline, or the channel is closed.
  std::shared_ptr<Request> receive_request(Instant deadline);
  size_t queued() { return requests_.size(); }

  void send(std::shared_ptr<Request> request, std::vector<Payload> parts);
  /// Answers nothing and goes on reading: acks=0.
  void send_no_operation(std::shared_ptr<Request> request);
  void close_connection(std::shared_ptr<Request> request);
  /// The Processor calls this when the last byte is out.
  void record_metrics(const Request& request, Instant sent);
  /// Wakes all handlers; requests that still wait are handed out first.
  void close() { requests_.close(); }

 private:
  struct RequestTimes;
  void respond(Response response);
  Meter& requests_per_second(const Request& request);
  RequestTimes& times(const protocol::ApiInfo& api);

  Node& node_;
  MetricsRegistry& metrics_;
  BlockingQueue<std::shared_ptr<Request>> requests_;
  SharedMutex mutex_;
  std::map<int, ResponseSink*> processors_ KS_GUARDED_BY(mutex_);
  Mutex times_mutex_;
  std::map<protocol::ApiKey, std::unique_ptr<RequestTimes>> times_ KS_GUARDED_BY(times_mutex_);
};

}  // namespace kafkascope
