#include "controller/kafka_controller.h"

#include "common/logging.h"

namespace kafkascope {
namespace {

const Error kNotController{ErrorCode::kNotController, "This broker is not the active controller."};

/// Only the first answer counts: a request that failed half way may have been answered.
template <typename T>
std::function<void(T)> once(std::function<void(T)> callback) {
  return [callback = std::move(callback), done = std::make_shared<bool>(false)](T answer) {
    if (!std::exchange(*done, true)) callback(std::move(answer));
  };
}

}  // namespace

KafkaController::KafkaController(Node& node, ControllerConfig config, KafkaZkClient& zk,
                                 MetricsRegistry& metrics, std::function<void()> register_broker,
                                 LeaderSelectors selectors)
    : node_(node),
      config_(std::move(config)),
      zk_(zk),
      register_broker_(std::move(register_broker)),
      mutex_(node, "controller"),
      topic_ids_(
          node.random().stream("controller topic ids " + std::to_string(node.clock().wall_ms()))),
      events_(node, metrics, [this](const ControllerEvent& event) { process(event); }),
      channels_(
          node, config_, metrics,
          [this](const auto& request, const auto& response) { on_response(request, response); }),
      store_(config_, context_, zk),
      replica_state_machine_(node, config_, context_, store_, channels_),
      partition_state_machine_(node, config_, context_, store_, channels_, std::move(selectors),
                               ControllerStats::unclean_leader_elections(metrics)),
      topic_deletion_manager_(node, config_, context_, replica_state_machine_,
                              partition_state_machine_, *this),
      stats_(
          metrics, [this] { return is_active() ? 1.0 : 0.0; },
          [this] { return static_cast<double>(events_.state()); }) {}

KafkaController::~KafkaController() = default;

void KafkaController::startup() {
  ZooKeeperClient& zookeeper = zk_.zookeeper();
  zookeeper.register_state_change_handler(std::make_shared<ControllerSessionHandler>(
      [this] {
        events_.clear_and_put_and_await(
            {"Expire", ControllerState::kControllerChange, [this] { process_expire(); }, {}});
      },
      putting("RegisterBrokerAndReelect", ControllerState::kControllerChange,
              &KafkaController::process_register_broker_and_reelect)));
  zookeeper.register_znode_change_handler(std::make_shared<ControllerChangeHandler>(
      putting("ControllerChange", ControllerState::kControllerChange,
              &KafkaController::maybe_resign),
      putting("Reelect", ControllerState::kControllerChange, &KafkaController::process_reelect)));
  put("Startup", ControllerState::kControllerChange, [this] { process_reelect(); });
  events_.start();
}

void KafkaController::shutdown() {
  zk_.zookeeper().unregister_state_change_handler("controller-state-change-handler");
  zk_.zookeeper().unregister_znode_change_handler(znode::kController);
  events_.close();
  Lock lock(mutex_);
  active_controller_id_ = -1;
  on_controller_resignation();
}

ControllerDescription KafkaController::describe() {
  Lock lock(mutex_);
  return {is_active(), active_controller_id_, events_.state(),
          context_,    events_.queued(),      channels_.queue_sizes()};
}

void KafkaController::put(std::string name, ControllerState state, std::function<void()> process,
                          std::function<void()> on_failure) {
  events_.put({std::move(name), state, std::move(process), std::move(on_failure)});
}

PutEvent KafkaController::putting(std::string name, ControllerState state,
                                  void (KafkaController::*process)()) {
  return [this, name = std::move(name), state, process] {
    put(name, state, [this, process] { (this->*process)(); });
  };
}

void KafkaController::process(const ControllerEvent& event) {
  Lock lock(mutex_);
  bool moved = false;
  if (!succeeds(event, moved) && event.preempt) event.preempt();
  if (moved) {
    bool again = false;
    succeeds({"ControllerMoved", event.state, [this] { maybe_resign(); }, {}}, again);
  }
  stats_.update(is_active() ? &context_ : nullptr);
}

bool KafkaController::succeeds(const ControllerEvent& event, bool& moved) {
  // What follows a failure may block, which no fiber may do inside a catch.
  try {
    event.process();
    return true;
  } catch (const ControllerMovedException& exception) {
    moved = true;
    KS_LOG(kInfo, node_.name(), "the controller moved while this one processed {}: {}", event.name,
           exception.what());
  } catch (const std::exception& exception) {
    KS_LOG(kError, node_.name(), "error while processing {}: {}", event.name, exception.what());
  }
  return false;
}

void KafkaController::process_expire() {
  session_was_lost_ = true;
  active_controller_id_ = -1;
  on_controller_resignation();
}

void KafkaController::process_register_broker_and_reelect() {
  register_broker_();
  process_reelect();
}

void KafkaController::process_reelect() {
  maybe_resign();
  elect();
}

void KafkaController::alter_partition(protocol::AlterPartitionRequest request, int16_t version,
                                      Callback<protocol::AlterPartitionResponse> callback) {
  const auto answer = once(std::move(callback));
  put(
      "AlterPartitionReceived", ControllerState::kIsrChange,
      [this, request = std::move(request), version, answer] {
        process_alter_partition(request, version, answer);
      },
      [answer] {
        protocol::AlterPartitionResponse response;
        response.error_code = static_cast<int16_t>(ErrorCode::kNotController);
        answer(std::move(response));
      });
}

void KafkaController::controlled_shutdown(BrokerId id, BrokerEpoch broker_epoch,
                                          Callback<Result<Partitions>> callback) {
  const auto answer = once(std::move(callback));
  put(
      fmt::format("ControlledShutdown({})", id), ControllerState::kControlledShutdown,
      [this, id, broker_epoch, answer] { answer(do_controlled_shutdown(id, broker_epoch)); },
      [answer] { answer(kNotController); });
}

void KafkaController::elect_leaders(Partitions partitions, ElectionType type,
                                    Callback<std::map<TopicPartition, Result<BrokerId>>> callback) {
  const auto answer = once(std::move(callback));
  const auto refuse = [partitions, answer] {
    std::map<TopicPartition, Result<BrokerId>> refused;
    for (const TopicPartition& tp : partitions) refused.emplace(tp, kNotController);
    answer(std::move(refused));
  };
  put(
      "ReplicaLeaderElection", ControllerState::kManualLeaderBalance,
      [this, partitions, type, answer, refuse] {
        is_active() ? answer(elect_on_request(partitions, type)) : refuse();
      },
      refuse);
}

void KafkaController::alter_partition_reassignments(
    Targets targets, Callback<Result<std::map<TopicPartition, Error>>> callback) {
  const auto answer = once(std::move(callback));
  put(
      "ApiPartitionReassignment", ControllerState::kAlterPartitionReassignment,
      [this, targets = std::move(targets), answer] {
        if (!is_active()) return answer(kNotController);
        answer(reassign_on_request(targets));
      },
      [answer] { answer(kNotController); });
}

void KafkaController::list_partition_reassignments(
    std::optional<Partitions> partitions,
    Callback<Result<std::map<TopicPartition, ReplicaAssignment>>> callback) {
  const auto answer = once(std::move(callback));
  put(
      "ListPartitionReassignments", ControllerState::kListPartitionReassignment,
      [this, partitions = std::move(partitions), answer] {
        if (!is_active()) return answer(kNotController);
        std::map<TopicPartition, ReplicaAssignment> moving;
        for (const TopicPartition& tp : partitions.value_or(context_.partitions_being_reassigned)) {
          const ReplicaAssignment& assignment = context_.partition_full_replica_assignment(tp);
          if (assignment.is_being_reassigned()) moving[tp] = assignment;
        }
        answer(std::move(moving));
      },
      [answer] { answer(kNotController); });
}

void KafkaController::allocate_producer_ids(BrokerId id, BrokerEpoch broker_epoch,
                                            Callback<Result<ProducerIdBlock>> callback) {
  const auto answer = once(std::move(callback));
  put(
      "AllocateProducerIds", ControllerState::kIdle,
      [this, id, broker_epoch, answer] {
        if (!is_active()) return answer(kNotController);
        if (!context_.is_live_or_shutting_down(id))
          return answer(ErrorCode::kBrokerIdNotRegistered);
        if (is_stale(id, broker_epoch)) return answer(ErrorCode::kStaleBrokerEpoch);
        const ProducerId first = zk_.allocate_producer_id_block(id, kProducerIdBlockSize);
        answer(ProducerIdBlock{id, first, first + kProducerIdBlockSize - 1});
      },
      [answer] { answer(kNotController); });
}

void KafkaController::set_default_unclean_leader_election(bool enabled) {
  store_.set_unclean_by_default(enabled);
  if (!enabled) return;
  put("UncleanLeaderElectionEnable", ControllerState::kUncleanLeaderElectionEnable, [this] {
    if (is_active()) partition_state_machine_.trigger_online_partition_state_change();
  });
}

void KafkaController::enable_topic_unclean_leader_election(const std::string& topic) {
  put("TopicUncleanLeaderElectionEnable(" + topic + ")",
      ControllerState::kTopicUncleanLeaderElectionEnable, [this, topic] {
        if (is_active()) partition_state_machine_.trigger_online_partition_state_change(&topic);
      });
}

}  // namespace kafkascope
