#include "simulated_controllers.h"

namespace kafkascope::test {

using namespace std::chrono_literals;
using protocol::ApiKey;
using protocol::LeaderAndIsrRequest;
using protocol::LeaderAndIsrResponse;
using protocol::StopReplicaRequest;
using protocol::StopReplicaResponse;
using protocol::UpdateMetadataRequest;
using protocol::UpdateMetadataResponse;

namespace {

int16_t wire(ErrorCode error) { return static_cast<int16_t>(error); }

ErrorCode error_of(const std::map<TopicPartition, ErrorCode>& errors, const TopicPartition& tp) {
  const auto found = errors.find(tp);
  return found == errors.end() ? ErrorCode::kNone : found->second;
}

}  // namespace

ControllerConfig with_id(ControllerConfig config, BrokerId id) {
  config.broker_id = id;
  CommonClientConfig& client = config.inter_broker_client;
  client.request_timeout = 5s;
  client.reconnect_backoff = client.reconnect_backoff_max = 50ms;
  client.connections_max_idle = 600s;
  client.connection_setup_timeout = client.connection_setup_timeout_max = 2s;
  config.controller_socket_timeout = 5s;
  return config;
}

void BrokerScript::attach(FakeCluster& broker) {
  const auto serve = [&](ApiKey api, auto message) {
    broker.on(api, [this, message](const FakeCluster::Request& request) {
      ++requests;
      const auto decoded = request.decode<decltype(message)>();
      return protocol::encode_response(answer(decoded, request.version()), request.version(),
                                       request.header.correlation_id);
    });
  };
  serve(ApiKey::kLeaderAndIsr, LeaderAndIsrRequest{});
  serve(ApiKey::kStopReplica, StopReplicaRequest{});
  serve(ApiKey::kUpdateMetadata, UpdateMetadataRequest{});
}

bool BrokerScript::is_stale(int32_t epoch) {
  if (epoch < controller_epoch) stale_epochs.insert(epoch);
  controller_epoch = std::max(controller_epoch, epoch);
  return epoch < controller_epoch;
}

LeaderAndIsrResponse BrokerScript::answer(const LeaderAndIsrRequest& request, int16_t version) {
  LeaderAndIsrResponse response;
  if (is_stale(request.controller_epoch)) {
    response.error_code = wire(ErrorCode::kStaleControllerEpoch);
    return response;
  }
  for (const auto& topic : request.topic_states) {
    // Since version 5 the answer names topics by their ids.
    if (version >= 5) response.topics.emplace_back().topic_id = topic.topic_id;
    auto& errors =
        version >= 5 ? response.topics.back().partition_errors : response.partition_errors;
    for (const State& state : topic.partition_states) {
      const TopicPartition tp{topic.topic_name, state.partition_index};
      replicas[tp] = state;
      errors.push_back({version >= 5 ? "" : tp.topic, state.partition_index,
                        wire(error_of(leader_and_isr_errors, tp))});
    }
  }
  return response;
}

StopReplicaResponse BrokerScript::answer(const StopReplicaRequest& request, int16_t) {
  StopReplicaResponse response;
  if (is_stale(request.controller_epoch)) {
    response.error_code = wire(ErrorCode::kStaleControllerEpoch);
    return response;
  }
  for (const auto& topic : request.topic_states) {
    for (const auto& state : topic.partition_states) {
      const TopicPartition tp{topic.topic_name, state.partition_index};
      const ErrorCode error = error_of(delete_errors, tp);
      replicas.erase(tp);
      if (state.delete_partition && error == ErrorCode::kNone) deleted.insert(tp);
      response.partition_errors.push_back({tp.topic, tp.partition, wire(error)});
    }
  }
  return response;
}

UpdateMetadataResponse BrokerScript::answer(const UpdateMetadataRequest& request, int16_t) {
  UpdateMetadataResponse response;
  if (is_stale(request.controller_epoch)) {
    response.error_code = wire(ErrorCode::kStaleControllerEpoch);
    return response;
  }
  for (const auto& topic : request.topic_states) {
    for (const auto& state : topic.partition_states) {
      const TopicPartition tp{topic.topic_name, state.partition_index};
      leaders[tp] = state.leader;
      if (state.leader == kLeaderDuringDelete) leaders.erase(tp);
    }
  }
  live_brokers.clear();
  for (const auto& live : request.live_brokers) live_brokers.insert(live.id);
  return response;
}

SimBroker::SimBroker(Node& node, ControllerConfig config, const Endpoint& zookeeper_at,
                     const std::string& host, uint16_t port)
    : node_(node),
      metrics(node),
      server(node, {.ports = {port}, .host = host.empty() ? node.name() : host}),
      zookeeper(node, {.connect = zookeeper_at.to_string(), .session_timeout = 6s}, node.name()),
      kafka(node, zookeeper),
      controller(node, config, kafka, metrics, [this] { register_broker(); }),
      broker_{config.broker_id, {{"PLAINTEXT", "PLAINTEXT", server.endpoint(1)}}, std::nullopt} {
  script.attach(server);
}

void SimBroker::start() {
  server.start();
  zookeeper.start();
  kafka.create_top_level_paths();
  // Of an earlier life, until its session has expired.
  while (kafka.get_broker(broker_.id).has_value()) node_.sleep(100ms);
  register_broker();
  controller.startup();
}

void SimBroker::stop() {
  controller.shutdown();
  zookeeper.close();
  server.shutdown();
}

void SimulatedControllersTest::start_zookeeper(uint64_t seed) {
  TearDown();
  zookeeper_ = std::make_unique<zk::SimServer>(seed);
  ASSERT_TRUE(zookeeper_->start());
}

void SimulatedControllersTest::TearDown() {
  if (zookeeper_ == nullptr) return;
  leaving_ = true;
  sim().scheduler().wake_all(running_);
  for (const auto& [id, main] : mains_) EXPECT_TRUE(await([&] { return main->done; })) << id;
  for (const auto& [id, main] : mains_) EXPECT_EQ(main->failure, nullptr) << id;
  mains_.clear(), brokers_.clear();
  leaving_ = false;
  zookeeper_.reset();
  tools_ = topics_ = 0;
}

void SimulatedControllersTest::start_broker(BrokerId id) {
  Node& node = sim().add_node("broker-" + std::to_string(id));
  mains_[id] = sim().scheduler().start(node, "main", [this, &node, id] {
    SimBroker broker(node, with_id(config, id));
    broker.start();
    brokers_[id] = &broker;
    while (!leaving_) node.scheduler()->wait(running_, kForever);
    broker.stop();
  });
  ASSERT_TRUE(await([&] { return brokers_.count(id) > 0; }));
}

void SimulatedControllersTest::crash_broker(BrokerId id) {
  brokers_.erase(id), mains_.erase(id);
  sim().crash("broker-" + std::to_string(id));
}

void SimulatedControllersTest::on(BrokerId id, const std::function<void(SimBroker&)>& fn) {
  // A fiber of its own, so that the others go on while it waits.
  bool done = false;
  sim().call(zookeeper_->client_node, [&] {
    fn(broker(id));
    done = true;
  });
  EXPECT_TRUE(done);
}

void SimulatedControllersTest::start_cluster() {
  start_brokers(3);
  ASSERT_TRUE(await([&] { return active() == 1 && context().live_broker_ids().size() == 3; }));
  create_topic("t", {{1, 2, 3}, {2, 3, 1}});
  ASSERT_TRUE(await([&] { return all_online({kT0, kT1}) && is_idle(1); }));
}

bool SimulatedControllersTest::all_online(const std::set<TopicPartition>& partitions) {
  if (active() < 0) return false;
  const ControllerContext now = context();
  return std::all_of(partitions.begin(), partitions.end(), [&](const TopicPartition& tp) {
    return now.partition_state(tp) == controller::PartitionState::kOnlinePartition;
  });
}

bool SimulatedControllersTest::is_idle(BrokerId id) {
  const ControllerDescription now = broker(id).controller.describe();
  if (now.state != ControllerState::kIdle) return false;
  for (const std::string& name : now.queued_events) {
    if (name != "AutoPreferredReplicaLeaderElection") return false;
  }
  return std::all_of(now.queued_requests.begin(), now.queued_requests.end(),
                     [](const auto& queue) { return queue.second == 0; });
}

double SimulatedControllersTest::gauge(BrokerId id, const char* name) {
  return broker(id)
      .metrics.snapshot()
      .at({"kafka.controller", "KafkaController", name, {}})
      .at("Value");
}

BrokerId SimulatedControllersTest::active() {
  BrokerId found = -1;
  for (const auto& [id, broker] : brokers_) {
    if (broker->controller.is_active()) found = id;
  }
  return found;
}

void SimulatedControllersTest::zk(const std::function<void(KafkaZkClient&)>& fn) {
  Node& node = sim().add_node("tool-" + std::to_string(++tools_));
  sim().call(node, [&] {
    ZooKeeperClient zookeeper(node, {.connect = "zk:2181"}, "tool");
    zookeeper.start();
    KafkaZkClient kafka(node, zookeeper);
    fn(kafka);
    zookeeper.close();
  });
}

void SimulatedControllersTest::create_topic(const std::string& topic,
                                            std::vector<std::vector<BrokerId>> replicas) {
  zk([&](KafkaZkClient& kafka) {
    TopicAssignment assignment{topic, Uuid{7, static_cast<uint64_t>(++topics_)}, {}};
    for (size_t i = 0; i < replicas.size(); ++i) {
      assignment.partitions[static_cast<PartitionIndex>(i)] = {replicas[i], {}, {}};
    }
    kafka.create_topic_assignment(assignment);
  });
}

std::optional<LeaderAndIsr> SimulatedControllersTest::state(const TopicPartition& tp) {
  std::optional<LeaderAndIsr> found;
  zk([&](KafkaZkClient& kafka) {
    const auto states = kafka.get_topic_partition_states({tp});
    if (!states.empty()) found = states.begin()->second.leader_and_isr;
  });
  return found;
}

ErrorCode SimulatedControllersTest::code(const protocol::AlterPartitionResponse& response) {
  if (response.error_code != 0) return error_code_from_wire(response.error_code);
  return error_code_from_wire(response.topics.at(0).partitions.at(0).error_code);
}

protocol::AlterPartitionResponse SimulatedControllersTest::alter_isr(const TopicPartition& tp,
                                                                     std::vector<BrokerId> isr) {
  const ControllerContext now = context();
  const LeaderAndIsr current = now.partition_leadership_info(tp)->leader_and_isr;
  protocol::AlterPartitionRequest request;
  request.broker_id = current.leader;
  request.broker_epoch = now.broker_epoch(current.leader).value_or(kNoBrokerEpoch);
  auto& topic = request.topics.emplace_back();
  topic.topic_id = now.topic_id(tp.topic);
  auto& partition = topic.partitions.emplace_back();
  partition.partition_index = tp.partition;
  partition.leader_epoch = current.leader_epoch;
  partition.partition_epoch = current.partition_epoch;
  for (BrokerId id : isr) {
    partition.new_isr_with_epochs.push_back({id, now.broker_epoch(id).value_or(1)});
  }
  return ask<protocol::AlterPartitionResponse>([&](KafkaController& controller, auto answer) {
    controller.alter_partition(request, 3, answer);
  });
}

size_t SimulatedControllersTest::traced(const std::string& kind, const TraceFields& fields) {
  size_t count = 0;
  for (const TraceEvent& event : sim().trace().events()) count += event.matches(kind, fields);
  return count;
}

}  // namespace kafkascope::test
