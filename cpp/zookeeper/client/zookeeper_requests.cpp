// How ZooKeeperClient sends requests: in order, as many at a time as its configuration allows.
#include "zookeeper/client/client_cnxn.h"
#include "zookeeper/client/zookeeper_client.h"
#include "zookeeper/client/zookeeper_client_metrics.h"

namespace kafkascope {

using zk::ZkError;

namespace {

/// The answers to the requests of one call, as they come. Shared with their callbacks.
struct Batch {
  Batch(Node& node, size_t size)
      : mutex(node, "zookeeper batch"),
        complete(node, "zookeeper batch"),
        responses(size),
        missing(size) {}

  void set(size_t index, ZkResponse response) {
    Lock lock(mutex);
    responses[index] = std::move(response);
    if (--missing == 0) complete.notify_all();
  }
  std::vector<ZkResponse> wait() {
    Lock lock(mutex);
    complete.wait(lock, [this] { return missing == 0; });
    return std::move(responses);
  }

  Mutex mutex;
  ConditionVariable complete;
  std::vector<ZkResponse> responses KS_GUARDED_BY(mutex);
  size_t missing KS_GUARDED_BY(mutex);
};

void to_server_paths(ZkRequest& request, const Chroot& chroot) {
  if (auto* multi = std::get_if<ZkRequest::Multi>(&request.operation)) {
    for (ZkRequest& part : multi->operations) to_server_paths(part, chroot);
  } else {
    request.path = chroot.to_server(request.path);
  }
}

void to_client_paths(ZkResponse& response, const Chroot& chroot) {
  response.path = chroot.to_client(response.path);
  for (ZkResponse& part : response.parts) to_client_paths(part, chroot);
}

}  // namespace

std::vector<ZkResponse> ZooKeeperClient::handle_requests(std::vector<ZkRequest> requests) {
  std::vector<ZkPacket> packets;
  for (ZkRequest& request : requests) {
    const bool watch = has_watch(request);
    to_server_paths(request, servers_.chroot);
    packets.push_back({std::move(request), watch, {}});
  }
  std::vector<ZkResponse> responses = send_all(std::move(packets));
  for (ZkResponse& response : responses) to_client_paths(response, servers_.chroot);
  return responses;
}

ZkResponse ZooKeeperClient::handle_request(ZkRequest request) {
  std::vector<ZkRequest> requests;
  requests.push_back(std::move(request));
  return std::move(handle_requests(std::move(requests)).front());
}

bool ZooKeeperClient::has_watch(const ZkRequest& request) const {
  Lock lock(mutex_);
  if (const auto* children = std::get_if<ZkRequest::GetChildren>(&request.operation)) {
    return children->register_watch && child_change_handlers_.contains(request.path);
  }
  const bool reads = std::holds_alternative<ZkRequest::Exists>(request.operation) ||
                     std::holds_alternative<ZkRequest::GetData>(request.operation);
  return reads && change_handlers_.contains(request.path);
}

std::vector<ZkResponse> ZooKeeperClient::send_all(std::vector<ZkPacket> packets) {
  const auto batch = std::make_shared<Batch>(node_, packets.size());
  if (packets.empty()) return {};
  const std::shared_ptr<ClientCnxn> current = connection();
  for (size_t i = 0; i < packets.size(); ++i) {
    take_slot();
    packets[i].done = [this, batch, i, sent = node_.clock().monotonic()](ZkResponse response) {
      answered(node_.clock().monotonic() - sent);
      batch->set(i, std::move(response));
    };
    current->submit(std::move(packets[i]));
  }
  return batch->wait();
}

void ZooKeeperClient::take_slot() {
  Lock lock(slots_mutex_);
  slot_free_.wait(lock, [this] { return in_flight_ < config_.max_in_flight_requests; });
  ++in_flight_;
}

void ZooKeeperClient::answered(Duration latency) {
  if (metrics_ != nullptr) metrics_->on_answer(latency);
  Lock lock(slots_mutex_);
  --in_flight_;
  slot_free_.notify_one();
}

void ZooKeeperClient::make_sure_chroot_exists() {
  const std::string& path = servers_.chroot.path();
  for (size_t end = path.find('/', 1); !path.empty(); end = path.find('/', end + 1)) {
    std::vector<ZkPacket> packets;
    packets.push_back({{path.substr(0, end), ZkRequest::Create{}}, false, {}});
    const ZkResponse made = std::move(send_all(std::move(packets)).front());
    if (made.error != ZkError::kNodeExists) (void)made.value();
    if (end == std::string::npos) return;
  }
}

}  // namespace kafkascope
