#include "clients/in_flight_requests.h"

#include "common/check.h"

namespace kafkascope {

ClientResponse InFlightRequest::response(Instant received) const {
  ClientResponse response;
  response.api = api;
  response.version = version;
  response.destination = destination;
  response.correlation_id = correlation_id;
  response.created = created;
  response.received = received;
  return response;
}

void InFlightRequests::add(InFlightRequest request) {
  Lock lock(mutex_);
  requests_[request.destination].push_back(std::move(request));
}

InFlightRequest InFlightRequests::complete_next(BrokerId id) {
  Lock lock(mutex_);
  std::deque<InFlightRequest>& queue = requests_[id];
  KS_CHECK(!queue.empty(), "a response without a request");
  InFlightRequest request = std::move(queue.front());
  queue.pop_front();
  return request;
}

InFlightRequest InFlightRequests::complete_last_sent(BrokerId id) {
  Lock lock(mutex_);
  std::deque<InFlightRequest>& queue = requests_[id];
  KS_CHECK(!queue.empty(), "a completed send without a request");
  InFlightRequest request = std::move(queue.back());
  queue.pop_back();
  return request;
}

bool InFlightRequests::last_sent_expects_response(BrokerId id) const {
  Lock lock(mutex_);
  const auto found = requests_.find(id);
  return found == requests_.end() || found->second.empty() || found->second.back().expects_response;
}

int32_t InFlightRequests::next_correlation_id(BrokerId id) const {
  Lock lock(mutex_);
  const auto found = requests_.find(id);
  return found == requests_.end() || found->second.empty() ? -1
                                                           : found->second.front().correlation_id;
}

bool InFlightRequests::can_send_more(BrokerId id) const { return count(id) < max_per_connection_; }

std::vector<InFlightRequest> InFlightRequests::clear_all(BrokerId id) {
  Lock lock(mutex_);
  std::vector<InFlightRequest> cleared;
  if (const auto found = requests_.find(id); found != requests_.end()) {
    for (InFlightRequest& request : found->second) cleared.push_back(std::move(request));
    requests_.erase(found);
  }
  return cleared;
}

std::vector<BrokerId> InFlightRequests::nodes_with_expired(Instant now) const {
  Lock lock(mutex_);
  std::vector<BrokerId> nodes;
  for (const auto& [id, queue] : requests_) {
    for (const InFlightRequest& request : queue) {
      if (!request.expired(now)) continue;
      nodes.push_back(id);
      break;
    }
  }
  return nodes;
}

Instant InFlightRequests::next_expiry() const {
  Lock lock(mutex_);
  Instant next = kForever;
  for (const auto& [id, queue] : requests_) {
    for (const InFlightRequest& request : queue)
      next = std::min(next, deadline_after(request.sent, request.timeout));
  }
  return next;
}

int32_t InFlightRequests::count(BrokerId id) const {
  Lock lock(mutex_);
  const auto found = requests_.find(id);
  return found == requests_.end() ? 0 : static_cast<int32_t>(found->second.size());
}

int32_t InFlightRequests::count() const {
  Lock lock(mutex_);
  size_t total = 0;
  for (const auto& [id, queue] : requests_) total += queue.size();
  return static_cast<int32_t>(total);
}

std::vector<InFlightRequestDescription> InFlightRequests::describe() const {
  const Instant now = node_.clock().monotonic();
  Lock lock(mutex_);
  std::vector<InFlightRequestDescription> descriptions;
  for (const auto& [id, queue] : requests_) {
    for (const InFlightRequest& request : queue) {
      descriptions.push_back({id, std::string(protocol::api_info(request.api).camel),
                              request.version, request.correlation_id, now - request.sent,
                              request.size_bytes});
    }
  }
  return descriptions;
}

}  // namespace kafkascope
