#include "network/request_channel.h"

#include "runtime/metrics/metrics_registry.h"

namespace kafkascope {

/// kafka.network:type=RequestMetrics of one API. Made when its first request is answered: most APIs
/// never come.
struct RequestChannel::RequestTimes {
  RequestTimes(MetricsRegistry& metrics, std::string_view api)
      : queue(histogram(metrics, "RequestQueueTimeMs", api)),
        local(histogram(metrics, "LocalTimeMs", api)),
        remote(histogram(metrics, "RemoteTimeMs", api)),
        send(histogram(metrics, "ResponseSendTimeMs", api)),
        total(histogram(metrics, "TotalTimeMs", api)),
        bytes(histogram(metrics, "RequestBytes", api)) {}

  static MetricName name(const char* metric, std::string_view api) {
    return {"kafka.network", "RequestMetrics", metric, {{"request", std::string(api)}}};
  }
  static Histogram& histogram(MetricsRegistry& metrics, const char* metric, std::string_view api) {
    return metrics.histogram(name(metric, api));
  }

  Histogram& queue;
  Histogram& local;
  Histogram& remote;
  Histogram& send;
  Histogram& total;
  Histogram& bytes;
  std::map<int16_t, Meter*> requests;  // by version
};

namespace {

int64_t ms_between(Instant from, Instant to) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(to - from).count();
}

}  // namespace

RequestChannel::RequestChannel(Node& node, size_t capacity, MetricsRegistry& metrics)
    : node_(node),
      metrics_(metrics),
      requests_(node, "request channel", capacity),
      mutex_(node, "request channel processors"),
      times_mutex_(node, "request metrics") {
  metrics_.gauge({"kafka.network", "RequestChannel", "RequestQueueSize", {}},
                 [this] { return static_cast<double>(queued()); });
}

RequestChannel::~RequestChannel() {
  metrics_.remove({"kafka.network", "RequestChannel", "RequestQueueSize", {}});
}

void RequestChannel::add_processor(int id, ResponseSink* processor) {
  WriteLock lock(mutex_);
  processors_[id] = processor;
}

void RequestChannel::remove_processor(int id) {
  WriteLock lock(mutex_);
  processors_.erase(id);
}

std::shared_ptr<Request> RequestChannel::receive_request(Instant deadline) {
  std::optional<std::shared_ptr<Request>> request = requests_.poll(deadline);
  if (!request) return nullptr;
  (*request)->dequeued = node_.clock().monotonic();
  return std::move(*request);
}

void RequestChannel::send(std::shared_ptr<Request> request, std::vector<Payload> parts) {
  respond({Response::Kind::kSend, std::move(request), std::move(parts)});
}

void RequestChannel::send_no_operation(std::shared_ptr<Request> request) {
  respond({Response::Kind::kNoOp, std::move(request), {}});
}

void RequestChannel::close_connection(std::shared_ptr<Request> request) {
  respond({Response::Kind::kCloseConnection, std::move(request), {}});
}

void RequestChannel::respond(Response response) {
  response.request->answered = node_.clock().monotonic();
  const int id = response.request->processor;
  ReadLock lock(mutex_);
  // A Processor that has gone took its connections with it: nobody waits for this answer.
  if (const auto found = processors_.find(id); found != processors_.end()) {
    found->second->enqueue_response(std::move(response));
  }
}

void RequestChannel::record_metrics(const Request& request, Instant sent) {
  RequestTimes& found = times(*request.parsed.api);
  const Instant completed = std::max(request.completed, request.dequeued);
  const Instant handled = std::min(completed, request.answered);
  found.queue.update(ms_between(request.received, request.dequeued));
  found.local.update(ms_between(request.dequeued, handled));
  found.remote.update(ms_between(handled, request.answered));
  found.send.update(ms_between(request.answered, sent));
  found.total.update(ms_between(request.received, sent));
  found.bytes.update(static_cast<int64_t>(request.frame.size()));
  requests_per_second(request).mark();
}

Meter& RequestChannel::requests_per_second(const Request& request) {
  RequestTimes& found = times(*request.parsed.api);
  Lock lock(times_mutex_);
  Meter*& meter = found.requests[request.version()];
  if (meter == nullptr) {
    MetricName name = RequestTimes::name("RequestsPerSec", request.parsed.api->camel);
    name.tags.emplace_back("version", std::to_string(request.version()));
    meter = &metrics_.meter(name);
  }
  return *meter;
}

RequestChannel::RequestTimes& RequestChannel::times(const protocol::ApiInfo& api) {
  Lock lock(times_mutex_);
  std::unique_ptr<RequestTimes>& found = times_[api.key];
  if (found == nullptr) found = std::make_unique<RequestTimes>(metrics_, api.camel);
  return *found;
}

}  // namespace kafkascope
