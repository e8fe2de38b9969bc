#include "server/admin_manager.h"

#include <fmt/core.h>

#include <algorithm>

#include "common/abstract_config.h"
#include "common/config_tables.h"
#include "log/log_config.h"
#include "server/config/dynamic_only_keys.h"
#include "server/standalone_controller.h"

namespace kafkascope {
namespace {

constexpr size_t kMaxNameLength = 249;

Error no_error() { return {ErrorCode::kNone, {}}; }

/// What the store refuses is an answer like others.
template <typename Change>
Error stored(Change change) {
  try {
    change();
    return no_error();
  } catch (const KafkaException& e) {
    return {e.code(), e.what()};
  }
}

/// As it stands in metric names, where '.' and '_' are the same.
std::string metric_form(std::string name) {
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

/// A pool grows and shrinks by a factor of two at the most in one change.
Error check_threads(const char* name, int now, int next) {
  if (next * 2 >= now && next <= now * 2) return no_error();
  return {
      ErrorCode::kInvalidConfig,
      fmt::format("Dynamic thread count update validation failed for {}={}: the value should be "
                  "at least half the current value {} and at most double it",
                  name, next, now)};
}

}  // namespace

std::string topic_name_problem(const std::string& name) {
  if (name.empty()) return "the empty string is not allowed";
  if (name == "." || name == "..") return fmt::format("'{}' is not allowed", name);
  if (name.size() > kMaxNameLength) {
    return fmt::format("the length of '{}' is longer than the max allowed length {}", name,
                       kMaxNameLength);
  }
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  if (std::all_of(name.begin(), name.end(), allowed)) return {};
  return fmt::format(
      "'{}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'",
      name);
}

AdminManager::AdminManager(Node& node, const KafkaConfig& config, MetadataStore& store,
                           MetadataCache& cache, StandaloneController* standalone)
    : node_(node),
      config_(config),
      store_(store),
      cache_(cache),
      standalone_(standalone),
      mutex_(node, "admin manager"),
      random_(node.random().stream("topic ids")) {}

void AdminManager::load() {
  for (const TopicMetadata& topic : store_.topics())
    standalone_->install(topic, static_cast<PartitionIndex>(topic.assignment.size()));
}

Error AdminManager::check_name(const std::string& name) const {
  if (const std::string problem = topic_name_problem(name); !problem.empty())
    return {ErrorCode::kInvalidTopicException, "Topic name is invalid: " + problem};
  const auto metadata = cache_.current();
  if (metadata->find_topic(name) != nullptr)
    return {ErrorCode::kTopicAlreadyExists, fmt::format("Topic '{}' already exists.", name)};
  const std::string metric = metric_form(name);
  for (const auto& [other, topic] : metadata->topics) {
    if (metric_form(other) == metric) {
      return {ErrorCode::kInvalidTopicException,
              fmt::format("Topic '{}' collides with existing topics: {}", name, other)};
    }
  }
  return no_error();
}

Result<TopicMetadata> AdminManager::create_topic(const TopicRequest& request, bool validate_only) {
  Lock lock(mutex_);
  if (Error error = check_name(request.name); error.code != ErrorCode::kNone) return error;
  try {
    LogConfig::validate(request.configs);
  } catch (const ConfigException& e) {
    return {ErrorCode::kInvalidConfig, e.what()};
  }
  auto assignment = assign(request);
  if (!assignment.ok()) return assignment.error();
  TopicMetadata topic{request.name, Uuid::from_random(random_.next(), random_.next()),
                      std::move(*assignment), request.configs};
  if (validate_only) return topic;
  // The store first: a topic that a client was told of is there after a crash.
  if (Error error = stored([&] { store_.create_topic(topic); }); error.code != ErrorCode::kNone)
    return error;
  if (standalone_ != nullptr) standalone_->install(topic, 0);
  KS_TRACE(node_, "TopicCreated", {"topic", topic.name},
           {"partitions", static_cast<int64_t>(topic.assignment.size())});
  return topic;
}

Result<Assignment> AdminManager::assign(const TopicRequest& request) {
  if (!request.assignments.empty()) {
    if (request.num_partitions != -1 || request.replication_factor != -1) {
      return {ErrorCode::kInvalidRequest,
              "Both numPartitions or replicationFactor and replicasAssignments were set. Both "
              "cannot be used at the "
              "same time."};
    }
    PartitionIndex next = 0;
    for (const auto& [index, replicas] : request.assignments) {
      if (index != next++) {
        return {ErrorCode::kInvalidReplicaAssignment,
                "partitions should be a consecutive 0-based integer sequence"};
      }
      if (Error error = check_assignment(replicas); error.code != ErrorCode::kNone) return error;
    }
    return request.assignments;
  }
  const int32_t partitions =
      request.num_partitions == -1 ? config_.num_partitions : request.num_partitions;
  const int16_t factor = request.replication_factor == -1 ? config_.default_replication_factor
                                                          : request.replication_factor;
  if (partitions <= 0) {
    return {ErrorCode::kInvalidPartitions,
            "Number of partitions was set to an invalid non-positive value."};
  }
  if (factor <= 0) {
    return {ErrorCode::kInvalidReplicationFactor,
            "Replication factor must be larger than 0, or -1 to use the default value."};
  }
  return place(0, partitions, factor, std::nullopt);
}

/// New partitions of a topic go on where its first one began.
Result<Assignment> AdminManager::place(PartitionIndex first, int32_t count,
                                       int16_t replication_factor,
                                       std::optional<BrokerId> first_leader) {
  const auto metadata = cache_.current();
  std::vector<BrokerRack> brokers;
  std::optional<size_t> fixed;
  for (const auto& [id, broker] : metadata->brokers) {
    if (first_leader && !fixed && id >= *first_leader) fixed = brokers.size();
    brokers.push_back({id, broker.rack});
  }
  PlacementStart start;
  if (first_leader) {
    start = {fixed.value_or(0), fixed.value_or(0)};
  } else if (brokers.size() > 1) {
    start = {random_.below(brokers.size()), random_.below(brokers.size())};
  }
  return assign_replicas_to_brokers(brokers, first, count, replication_factor, start);
}

Error AdminManager::check_assignment(const std::vector<BrokerId>& replicas) const {
  if (replicas.empty()) {
    return {ErrorCode::kInvalidReplicaAssignment, "a partition needs at least one replica"};
  }
  const auto metadata = cache_.current();
  for (BrokerId broker : replicas) {
    if (std::count(replicas.begin(), replicas.end(), broker) > 1) {
      return {ErrorCode::kInvalidReplicaAssignment,
              fmt::format("broker {} is named twice", broker)};
    }
    if (!metadata->brokers.contains(broker)) {
      return {ErrorCode::kInvalidReplicaAssignment,
              fmt::format("broker {} is not registered", broker)};
    }
  }
  return no_error();
}

Result<TopicMetadata> AdminManager::delete_topic(const std::string& name) {
  Lock lock(mutex_);
  if (!config_.delete_topics)
    return {ErrorCode::kTopicDeletionDisabled, "delete.topic.enable is false"};
  const auto metadata = cache_.current();
  const TopicMetadata* found = metadata->find_topic(name);
  if (found == nullptr) {
    return {ErrorCode::kUnknownTopicOrPartition, "This server does not host this topic-partition."};
  }
  const TopicMetadata topic = *found;
  if (Error error = stored([&] { store_.remove_topic(name); }); error.code != ErrorCode::kNone)
    return error;
  if (standalone_ != nullptr) standalone_->remove(topic);
  KS_TRACE(node_, "TopicDeleted", {"topic", name});
  return topic;
}

Result<TopicMetadata> AdminManager::create_partitions(
    const std::string& name, int32_t count, const std::vector<std::vector<BrokerId>>& assignments,
    bool validate_only) {
  Lock lock(mutex_);
  const auto metadata = cache_.current();
  const TopicMetadata* found = metadata->find_topic(name);
  if (found == nullptr) {
    return {ErrorCode::kUnknownTopicOrPartition,
            fmt::format("The topic '{}' does not exist.", name)};
  }
  const auto have = static_cast<int32_t>(found->assignment.size());
  if (count <= have) {
    return {ErrorCode::kInvalidPartitions,
            count == have
                ? fmt::format("Topic already has {} partition(s).", have)
                : fmt::format(
                      "The topic {} currently has {} partition(s); {} would not be an increase.",
                      name, have, count)};
  }
  if (!assignments.empty() && static_cast<int32_t>(assignments.size()) != count - have) {
    return {ErrorCode::kInvalidReplicaAssignment,
            fmt::format("Attempted to add {} additional partition(s), but only {} assignment(s) "
                        "were specified.",
                        count - have, assignments.size())};
  }
  TopicMetadata topic = *found;
  const std::vector<BrokerId>& model = topic.assignment.at(0);
  Result<Assignment> placed =
      assignments.empty()
          ? place(have, count - have, static_cast<int16_t>(model.size()), model.front())
          : Assignment();
  if (!placed.ok()) return placed.error();
  for (size_t i = 0; i < assignments.size(); ++i) {
    if (Error error = check_assignment(assignments[i]); error.code != ErrorCode::kNone)
      return error;
    placed->emplace(have + static_cast<PartitionIndex>(i), assignments[i]);
  }
  topic.assignment.merge(*placed);
  if (validate_only) return topic;
  if (Error error = stored([&] { store_.add_partitions(topic); }); error.code != ErrorCode::kNone)
    return error;
  if (standalone_ != nullptr) standalone_->install(topic, have);
  return topic;
}

Error AdminManager::alter_topic_config(const std::string& name, const ConfigMap& configs,
                                       bool validate_only) {
  Lock lock(mutex_);
  if (cache_.current()->find_topic(name) == nullptr) {
    return {ErrorCode::kUnknownTopicOrPartition,
            fmt::format("The topic '{}' does not exist.", name)};
  }
  try {
    LogConfig::validate(configs);
  } catch (const ConfigException& e) {
    return {ErrorCode::kInvalidConfig, e.what()};
  }
  if (validate_only) return no_error();
  if (Error error = stored([&] { store_.put_topic_config(name, configs); });
      error.code != ErrorCode::kNone)
    return error;
  if (standalone_ != nullptr) standalone_->set_config(name, configs);
  return no_error();
}

Error AdminManager::check_broker_config(const std::string& broker, const ConfigMap& configs) {
  const ConfigDef def = broker_config_def();
  for (const auto& [name, value] : configs) {
    if (is_dynamic_only(name)) {
      (void)dynamic_only_value(configs, name);
      continue;
    }
    const ConfigKey* key = def.find(name);
    if (key == nullptr) return {ErrorCode::kInvalidRequest, def.unknown_key_message(name)};
    if (key->update_mode == "read-only") {
      return {ErrorCode::kInvalidRequest,
              fmt::format("Cannot update these configs dynamically: {}", name)};
    }
    if (broker.empty() && key->update_mode == "per-broker") {
      return {ErrorCode::kInvalidRequest,
              fmt::format("Cannot update these configs at default cluster level: {}", name)};
    }
  }
  std::map<std::string, ConfigMap> dynamic = store_.broker_configs();
  dynamic[broker] = configs;
  const ConfigMap next_values = effective_with(std::move(dynamic));
  LogConfig::make(next_values, {});
  const KafkaConfig next = KafkaConfig::parse(next_values);
  const KafkaConfig now = KafkaConfig::parse(effective_broker_config());
  if (Error error = check_threads("num.io.threads", now.num_io_threads, next.num_io_threads);
      error.code != ErrorCode::kNone) {
    return error;
  }
  return check_threads("num.network.threads", now.socket_server.num_network_threads,
                       next.socket_server.num_network_threads);
}

Error AdminManager::alter_broker_config(const std::string& broker, const ConfigMap& configs,
                                        bool validate_only) {
  Lock lock(mutex_);
  try {
    if (Error error = check_broker_config(broker, configs); error.code != ErrorCode::kNone)
      return error;
  } catch (const ConfigException& e) {
    return {ErrorCode::kInvalidConfig, e.what()};
  }
  if (validate_only) return no_error();
  if (Error error = stored([&] { store_.put_broker_config(broker, configs); });
      error.code != ErrorCode::kNone)
    return error;
  if (on_broker_config_) on_broker_config_(effective_broker_config());
  return no_error();
}

ConfigMap AdminManager::effective_with(std::map<std::string, ConfigMap> dynamic) const {
  ConfigMap effective = config_.originals;
  for (const std::string& level : {std::string(), std::to_string(config_.broker_id)}) {
    for (const auto& [name, value] : dynamic[level]) {
      if (!is_dynamic_only(name)) effective[name] = value;
    }
  }
  return effective;
}

ConfigMap AdminManager::effective_broker_config() {
  return effective_with(store_.broker_configs());
}

std::optional<int64_t> AdminManager::dynamic_only(std::string_view key) {
  std::map<std::string, ConfigMap> all = store_.broker_configs();
  const auto own = dynamic_only_value(all[std::to_string(config_.broker_id)], key);
  return own ? own : dynamic_only_value(all[""], key);
}

ConfigMap AdminManager::dynamic_broker_config(const std::string& broker) {
  const std::map<std::string, ConfigMap> all = store_.broker_configs();
  const auto found = all.find(broker);
  return found == all.end() ? ConfigMap() : found->second;
}

}  // namespace kafkascope
