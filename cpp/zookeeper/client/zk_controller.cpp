// KafkaZkClient: the controller's election.
#include "common/logging.h"
#include "zookeeper/client/kafka_zk_client.h"
#include "zookeeper/client/zk_paths.h"

namespace kafkascope {

using zk::ZkError;

/// /controller and the epoch change together: whoever is elected has an epoch of its own, and every
/// later change checks it.
ControllerEpoch KafkaZkClient::register_controller_and_increment_epoch(BrokerId id) {
  const ControllerEpoch current = controller_epoch_or_first();
  const int32_t epoch = current.epoch + 1;
  ZkRequest::Multi election;
  election.operations.push_back(
      {znode::kController,
       ZkRequest::Create{zk::to_data(zk_json::write_controller(id, node_.clock().wall_ms())),
                         zk::CreateMode::kEphemeral}});
  election.operations.push_back(
      {znode::kControllerEpoch,
       ZkRequest::SetData{zk::to_data(std::to_string(epoch)), current.zk_version}});
  const ZkResponse response = retry(ZkRequest{znode::kController, std::move(election)});
  const bool taken =
      response.error == ZkError::kNodeExists || response.error == ZkError::kBadVersion;
  const ControllerEpoch elected =
      taken ? check_elected(id, epoch)
            : ControllerEpoch{epoch, response.value().parts.at(1).stat.version};
  KS_TRACE(node_, "ControllerElected", {"broker", int64_t{id}}, {"epoch", int64_t{epoch}});
  KS_LOG(kInfo, node_.name(), "broker {} is the controller, epoch {}", id, epoch);
  return elected;
}

ControllerEpoch KafkaZkClient::controller_epoch_or_first() {
  if (const auto found = get_controller_epoch()) return *found;
  const std::string first = std::to_string(kInitialControllerEpoch);
  const ZkError error =
      retry(ZkRequest{znode::kControllerEpoch, ZkRequest::Create{zk::to_data(first)}}).error;
  if (error == ZkError::kOk) return {kInitialControllerEpoch, 0};
  if (error != ZkError::kNodeExists) throw zk::ZkException(error, znode::kControllerEpoch);
  if (const auto found = get_controller_epoch()) return *found;
  throw zk::ZkException(ZkError::kNoNode, znode::kControllerEpoch);
}

/// Somebody was elected: we ourselves, if the answer to our request was lost.
ControllerEpoch KafkaZkClient::check_elected(BrokerId id, int32_t epoch) {
  const std::optional<BrokerId> winner = get_controller_id();
  if (winner == id) {
    const auto found = get_controller_epoch();
    if (found && found->epoch == epoch) return *found;
  }
  throw ControllerMovedException("broker " + std::to_string(id) + " was not elected: broker " +
                                 (winner ? std::to_string(*winner) : "nobody") +
                                 " is the controller");
}

std::optional<BrokerId> KafkaZkClient::get_controller_id() {
  const auto [data, stat] = get_data_and_stat(znode::kController);
  if (stat.czxid == 0) return std::nullopt;
  return zk_json::read_controller(data);
}

std::optional<ControllerEpoch> KafkaZkClient::get_controller_epoch() {
  const auto [data, stat] = get_data_and_stat(znode::kControllerEpoch);
  if (stat.czxid == 0) return std::nullopt;
  return ControllerEpoch{zk_json::read_controller_epoch(data), stat.version};
}

void KafkaZkClient::delete_controller(int32_t controller_epoch_zk_version) {
  delete_all({znode::kController}, controller_epoch_zk_version);
}

}  // namespace kafkascope
