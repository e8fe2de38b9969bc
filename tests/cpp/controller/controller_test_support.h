// What the controller's tests share: a context in one line, a store and brokers in memory.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "controller/controller_broker_request_batch.h"
#include "controller/controller_context.h"
#include "controller/partition_state_store.h"

namespace kafkascope::test {

inline Broker broker(BrokerId id) {
  const std::string host = "broker-" + std::to_string(id);
  return {id, {{"PLAINTEXT", "PLAINTEXT", {host, 9092}}}, std::nullopt};
}

/// Brokers 1..count, each with epoch 100 + id.
inline ControllerContext context_with_brokers(int count) {
  ControllerContext context;
  context.epoch = 5;
  for (BrokerId id = 1; id <= count; ++id) context.add_live_broker(broker(id), 100 + id);
  return context;
}

inline void add_partition(ControllerContext& context, const TopicPartition& tp,
                          std::vector<BrokerId> replicas) {
  context.all_topics.insert(tp.topic);
  context.update_partition_full_replica_assignment(tp, {std::move(replicas), {}, {}});
}

/// ZooKeeper's part of the state machines' work, in memory.
class FakeStore : public PartitionStateStore {
 public:
  States read(const std::vector<TopicPartition>& partitions) override {
    States found;
    for (const TopicPartition& tp : partitions) {
      if (states.count(tp) > 0) found[tp] = states[tp];
    }
    ++reads;
    return found;
  }
  std::map<TopicPartition, zk::ZkError> create(const States& fresh) override {
    if (moved) throw ControllerMovedException("moved");
    std::map<TopicPartition, zk::ZkError> results;
    for (const auto& [tp, state] : fresh) {
      const bool made = states.emplace(tp, state).second;
      results[tp] = made ? zk::ZkError::kOk : zk::ZkError::kNodeExists;
    }
    ++writes;
    return results;
  }
  UpdateLeaderAndIsrResult update(const Changes& changes) override {
    if (moved) throw ControllerMovedException("moved");
    UpdateLeaderAndIsrResult result;
    for (auto [tp, change] : changes) {
      // A leader that writes at the same time.
      if (interfere.erase(tp) > 0) ++states.at(tp).leader_and_isr.partition_epoch;
      if (states.at(tp).leader_and_isr.partition_epoch != change.partition_epoch) {
        result.to_retry.push_back(tp);
        continue;
      }
      ++change.partition_epoch;
      states[tp] = {change, 5};
      result.finished[tp] = change;
    }
    ++writes;
    return result;
  }
  std::set<std::string> with_unclean_leader_election(const std::set<std::string>& topics) override {
    std::set<std::string> allowed;
    for (const std::string& topic : topics) {
      if (unclean_topics.count(topic) > 0) allowed.insert(topic);
    }
    return allowed;
  }

  States states;
  std::set<TopicPartition> interfere;
  std::set<std::string> unclean_topics;
  bool moved = false;
  int reads = 0, writes = 0;
};

/// Keeps what would go to brokers.
class FakeSender : public ControlRequestSender {
 public:
  void send(ControlRequest request) override { sent.push_back(std::move(request)); }

  /// "LeaderAndIsr to 1", in order; forgets them.
  std::vector<std::string> take() {
    std::vector<std::string> names;
    for (const ControlRequest& request : sent) {
      names.push_back(std::string(request.name()) + " to " + std::to_string(request.broker));
    }
    sent.clear();
    return names;
  }
  template <typename Message>
  std::vector<std::pair<BrokerId, Message>> all() const {
    std::vector<std::pair<BrokerId, Message>> found;
    for (const ControlRequest& request : sent) {
      if (const Message* message = std::get_if<Message>(&request.message))
        found.emplace_back(request.broker, *message);
    }
    return found;
  }

  std::vector<ControlRequest> sent;
};

}  // namespace kafkascope::test
