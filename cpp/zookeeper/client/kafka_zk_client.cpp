// Requests that are repeated while the connection is lost, the check of the controller's epoch, and
// what works on any node.
#include "zookeeper/client/kafka_zk_client.h"

#include <algorithm>

#include "zookeeper/client/zk_paths.h"

namespace kafkascope {

using zk::ZkError;

namespace {

const char* const kPersistentPaths[] = {"/consumers",
                                        "/brokers/ids",
                                        "/brokers/topics",
                                        "/config/changes",
                                        "/admin/delete_topics",
                                        "/brokers/seqid",
                                        "/isr_change_notification",
                                        "/latest_producer_id_block",
                                        "/log_dir_event_notification",
                                        "/config/topics",
                                        "/config/clients",
                                        "/config/users",
                                        "/config/brokers",
                                        "/config/ips"};

/// The answer to the operation behind the check.
ZkResponse without_check(ZkResponse multi) {
  if (multi.parts.empty()) return multi;  // the connection or the session went
  if (!multi.parts[0].ok()) {
    throw ControllerMovedException("the version of /controller_epoch is another one by now: " +
                                   to_string(multi.parts[0].error));
  }
  return std::move(multi.parts[1]);
}

}  // namespace

std::vector<ZkResponse> KafkaZkClient::retry(std::vector<ZkRequest> requests) {
  std::vector<ZkResponse> responses = zookeeper_.handle_requests(requests);
  for (;;) {
    std::vector<size_t> lost;
    std::vector<ZkRequest> again;
    for (size_t i = 0; i < responses.size(); ++i) {
      if (responses[i].error != ZkError::kConnectionLoss) continue;
      lost.push_back(i);
      again.push_back(requests[i]);
    }
    if (lost.empty()) return responses;
    zookeeper_.wait_until_connected(patience_);
    std::vector<ZkResponse> repeated = zookeeper_.handle_requests(std::move(again));
    for (size_t i = 0; i < lost.size(); ++i) responses[lost[i]] = std::move(repeated[i]);
  }
}

ZkResponse KafkaZkClient::retry(ZkRequest request) {
  return std::move(retry(std::vector<ZkRequest>{std::move(request)}).front());
}

std::vector<ZkResponse> KafkaZkClient::retry_as_controller(std::vector<ZkRequest> requests,
                                                           int32_t controller_epoch_zk_version) {
  if (controller_epoch_zk_version == zk::kAnyVersion) return retry(std::move(requests));
  for (ZkRequest& request : requests) {
    ZkRequest check{znode::kControllerEpoch, ZkRequest::Check{controller_epoch_zk_version}};
    std::string path = request.path;
    ZkRequest::Multi multi;
    multi.operations.push_back(std::move(check));
    multi.operations.push_back(std::move(request));
    request = {std::move(path), std::move(multi)};
  }
  std::vector<ZkResponse> responses = retry(std::move(requests));
  for (ZkResponse& response : responses) response = without_check(std::move(response));
  return responses;
}

ZkResponse KafkaZkClient::retry_as_controller(ZkRequest request,
                                              int32_t controller_epoch_zk_version) {
  return std::move(
      retry_as_controller(std::vector<ZkRequest>{std::move(request)}, controller_epoch_zk_version)
          .front());
}

std::map<std::string, ZkResponse> KafkaZkClient::get_existing(
    const std::vector<std::string>& paths) {
  std::vector<ZkRequest> requests;
  for (const std::string& path : paths) requests.push_back({path, ZkRequest::GetData{}});
  std::map<std::string, ZkResponse> found;
  for (ZkResponse& response : retry(std::move(requests))) {
    if (response.error == ZkError::kNoNode) continue;
    (void)response.value();
    std::string path = response.path;
    found.emplace(std::move(path), std::move(response));
  }
  return found;
}

void KafkaZkClient::create_top_level_paths() {
  zookeeper_.make_sure_chroot_exists();
  for (const char* path : kPersistentPaths) make_sure_persistent_path_exists(path);
}

std::pair<zk::Data, zk::Stat> KafkaZkClient::get_data_and_stat(const std::string& path) {
  ZkResponse response = retry(ZkRequest{path, ZkRequest::GetData{}});
  if (response.error == ZkError::kNoNode) return {};
  (void)response.value();
  return {std::move(response.data), response.stat};
}

bool KafkaZkClient::path_exists(const std::string& path) {
  const ZkResponse response = retry(ZkRequest{path, ZkRequest::Exists{}});
  if (response.error == ZkError::kNoNode) return false;
  (void)response.value();
  return true;
}

void KafkaZkClient::make_sure_persistent_path_exists(const std::string& path) {
  const ZkError error = create_recursive(path, std::nullopt);
  if (error != ZkError::kOk && error != ZkError::kNodeExists) throw zk::ZkException(error, path);
}

ZkError KafkaZkClient::create_recursive(const std::string& path, zk::Data data) {
  const ZkError error = retry(ZkRequest{path, ZkRequest::Create{data}}).error;
  const size_t slash = path.rfind('/');
  if (error != ZkError::kNoNode || slash == 0) return error;
  make_sure_persistent_path_exists(path.substr(0, slash));
  return retry(ZkRequest{path, ZkRequest::Create{std::move(data)}}).error;
}

std::string KafkaZkClient::create_sequential(const std::string& path, const std::string& data) {
  return retry(ZkRequest{path, ZkRequest::Create{zk::to_data(data),
                                                 zk::CreateMode::kPersistentSequential}})
      .value()
      .path;
}

std::vector<std::string> KafkaZkClient::get_children(const std::string& path) {
  ZkResponse response = retry(ZkRequest{path, ZkRequest::GetChildren{}});
  if (response.error == ZkError::kNoNode) return {};
  (void)response.value();
  std::sort(response.children.begin(), response.children.end());
  return std::move(response.children);
}

std::vector<std::string> KafkaZkClient::get_sequence_numbers(const std::string& path,
                                                             const std::string& prefix) {
  std::vector<std::string> numbers;
  for (const std::string& child : get_children(path)) {
    if (child.starts_with(prefix)) numbers.push_back(child.substr(prefix.size()));
  }
  return numbers;
}

void KafkaZkClient::delete_recursive(const std::string& path) {
  delete_recursive(path, zk::kAnyVersion);
}

/// Level by level: all children of a level are asked for at once, then the lowest level goes first.
void KafkaZkClient::delete_recursive(const std::string& path, int32_t controller_epoch_zk_version) {
  std::vector<std::vector<std::string>> levels{{path}};
  while (!levels.back().empty()) {
    std::vector<ZkRequest> requests;
    for (const std::string& node : levels.back()) {
      requests.push_back({node, ZkRequest::GetChildren{.register_watch = false}});
    }
    std::vector<std::string> below;
    for (const ZkResponse& response : retry(std::move(requests))) {
      if (response.error == ZkError::kNoNode) continue;
      for (const std::string& child : response.value().children) {
        below.push_back(response.path + "/" + child);
      }
    }
    levels.push_back(std::move(below));
  }
  for (auto level = levels.rbegin(); level != levels.rend(); ++level) {
    delete_all(*level, controller_epoch_zk_version);
  }
}

void KafkaZkClient::delete_all(const std::vector<std::string>& paths,
                               int32_t controller_epoch_zk_version) {
  std::vector<ZkRequest> requests;
  for (const std::string& path : paths) requests.push_back({path, ZkRequest::Delete{}});
  for (const ZkResponse& response :
       retry_as_controller(std::move(requests), controller_epoch_zk_version)) {
    if (response.error != ZkError::kNoNode) (void)response.value();
  }
}

}  // namespace kafkascope
