// KafkaZkClient: brokers, their ids, and the cluster's.
#include <algorithm>

#include "common/errors.h"
#include "common/logging.h"
#include "zookeeper/client/kafka_zk_client.h"
#include "zookeeper/client/zk_json_support.h"
#include "zookeeper/client/zk_paths.h"

namespace kafkascope {

using zk::ZkError;

std::optional<std::string> KafkaZkClient::get_cluster_id() {
  const auto [data, stat] = get_data_and_stat(znode::kClusterId);
  if (!data) return std::nullopt;
  return zk_json::read_cluster_id(data);
}

std::string KafkaZkClient::create_or_get_cluster_id(const std::string& proposed) {
  const ZkError error =
      create_recursive(znode::kClusterId, zk::to_data(zk_json::write_cluster_id(proposed)));
  if (error == ZkError::kOk) return proposed;
  if (error != ZkError::kNodeExists) throw zk::ZkException(error, znode::kClusterId);
  return get_cluster_id().value_or(proposed);
}

BrokerEpoch KafkaZkClient::register_broker(const Broker& broker) {
  const zk::Stat stat = create_ephemeral(znode::broker(broker.id),
                                         zk_json::write_broker(broker, node_.clock().wall_ms()));
  KS_TRACE(node_, "BrokerRegistered", {"broker", int64_t{broker.id}}, {"epoch", stat.czxid});
  return stat.czxid;
}

/// A node that is there may be ours: made by a request whose answer was lost, or by the session
/// that this one replaced, which the server has not cleaned up yet (KAFKA-7165).
zk::Stat KafkaZkClient::create_ephemeral(const std::string& path, const std::string& data) {
  for (;;) {
    ZkRequest::Multi create;  // the second one's answer has the Stat
    create.operations.push_back({path, ZkRequest::Create{{}, zk::CreateMode::kEphemeral}});
    create.operations.push_back({path, ZkRequest::SetData{zk::to_data(data), 0}});
    const ZkResponse made = retry(ZkRequest{path, std::move(create)});
    if (made.error != ZkError::kNodeExists) {
      registered_session_ = zookeeper_.session_id();
      return made.value().parts.at(1).stat;
    }
    const ZkResponse found = retry(ZkRequest{path, ZkRequest::GetData{}});
    if (found.error == ZkError::kNoNode) continue;  // went meanwhile
    const zk::SessionId owner = found.value().stat.ephemeral_owner;
    if (owner == zookeeper_.session_id()) {
      registered_session_ = owner;
      return found.stat;
    }
    if (owner == 0 || owner != registered_session_) {
      KS_LOG(kError, node_.name(), "{} belongs to session 0x{:x}, not to ours 0x{:x}", path, owner,
             zookeeper_.session_id());
      throw zk::ZkException(ZkError::kNodeExists, path);
    }
    const ZkResponse removed = retry(ZkRequest{path, ZkRequest::Delete{}});
    if (removed.error != ZkError::kNoNode) (void)removed.value();
  }
}

std::optional<Broker> KafkaZkClient::get_broker(BrokerId id) {
  const auto [data, stat] = get_data_and_stat(znode::broker(id));
  if (stat.czxid == 0) return std::nullopt;
  return zk_json::read_broker(id, data);
}

std::map<BrokerId, std::pair<Broker, BrokerEpoch>> KafkaZkClient::get_all_brokers_and_epochs() {
  const std::vector<BrokerId> ids = get_sorted_broker_list();
  std::vector<std::string> paths;
  for (const BrokerId id : ids) paths.push_back(znode::broker(id));
  const std::map<std::string, ZkResponse> found = get_existing(paths);
  std::map<BrokerId, std::pair<Broker, BrokerEpoch>> brokers;
  for (const BrokerId id : ids) {
    if (const auto node = found.find(znode::broker(id)); node != found.end()) {
      brokers[id] = {zk_json::read_broker(id, node->second.data), node->second.stat.czxid};
    }
  }
  return brokers;
}

std::vector<BrokerId> KafkaZkClient::get_sorted_broker_list() {
  std::vector<BrokerId> ids;
  for (const std::string& child : get_children(znode::kBrokerIds)) {
    ids.push_back(zk_json::number_of<BrokerId>("broker id", child));
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

/// The version of a node that everybody writes: it grows by one each time.
BrokerId KafkaZkClient::generate_broker_sequence_id() {
  ZkRequest next{znode::kBrokerSequenceId, ZkRequest::SetData{ByteBuffer{}}};
  ZkResponse response = retry(next);
  if (response.error == ZkError::kNoNode) {
    make_sure_persistent_path_exists(znode::kBrokerSequenceId);
    response = retry(next);
  }
  return response.value().stat.version;
}

/// Conditional on the version read; when the answer was lost, what stands there says whose it is.
ProducerId KafkaZkClient::allocate_producer_id_block(BrokerId broker, int64_t size) {
  for (;;) {
    const auto [data, stat] = get_data_and_stat(znode::kProducerIdBlock);
    const bool first = !data || data->empty();
    const ProducerId start = first ? 0 : zk_json::read_producer_id_block(data).end + 1;
    if (start > INT64_MAX - size) {
      throw KafkaException(ErrorCode::kUnknownServerError, "no producer ids are left");
    }
    const ProducerIdBlock block{broker, start, start + size - 1};
    const ZkResponse response = retry(ZkRequest{
        znode::kProducerIdBlock,
        ZkRequest::SetData{zk::to_data(zk_json::write_producer_id_block(block)), stat.version}});
    if (response.error == ZkError::kBadVersion) {
      const zk::Data now = get_data_and_stat(znode::kProducerIdBlock).first;
      if (!now || now->empty() || zk_json::read_producer_id_block(now) != block) continue;
    } else {
      (void)response.value();
    }
    KS_TRACE(node_, "ProducerIdBlockAllocated", {"broker", int64_t{broker}}, {"start", start});
    return start;
  }
}

}  // namespace kafkascope
