// Admin: KafkaAdminClient, answering in dicts.
#include <pybind11/stl.h>

#include "bindings/admin.h"
#include "bindings/casters.h"
#include "bindings/host.h"
#include "bindings/init.h"

namespace py = pybind11;

namespace kafkascope::bindings {
namespace {

constexpr Duration kBootstrapTimeout = std::chrono::seconds(2);

/// name, partitions, replication factor, assignments, configs: what Python's NewTopic holds.
using NewTopicTuple =
    std::tuple<std::string, int32_t, int16_t, std::map<int32_t, std::vector<BrokerId>>,
               std::map<std::string, std::string>>;

py::dict outcome(ErrorCode code, const std::string& message) {
  py::dict dict;
  dict["error_code"] = static_cast<int>(code);
  dict["error_message"] = message.empty() ? py::object(py::none()) : py::str(message);
  return dict;
}

template <typename T>
py::dict outcomes(const std::map<std::string, Result<T>>& results) {
  py::dict dict;
  for (const auto& [name, result] : results) {
    dict[py::str(name)] = outcome(result.code(), result.ok() ? "" : result.error().message);
  }
  return dict;
}

py::dict topic_to_dict(const TopicInfo& topic) {
  py::list partitions;
  for (const PartitionInfo& info : topic.partitions) {
    py::dict one;
    one["error_code"] = static_cast<int>(info.error);
    one["partition_index"] = info.partition;
    one["leader_id"] = info.leader;
    one["leader_epoch"] = info.leader_epoch;
    one["replica_nodes"] = info.replicas;
    one["isr_nodes"] = info.in_sync_replicas;
    one["offline_replicas"] = info.offline_replicas;
    partitions.append(one);
  }
  py::dict dict;
  dict["error_code"] = static_cast<int>(topic.error);
  dict["name"] = topic.name;
  dict["topic_id"] = topic.id.to_string();
  dict["is_internal"] = topic.is_internal;
  dict["partitions"] = partitions;
  return dict;
}

/// An admin client on the sockets of this process.
class RealAdmin : public Admin {
 public:
  explicit RealAdmin(const ConfigMap& config) : node_(make_real_node("admin")) {
    admin_ = std::make_unique<KafkaAdminClient>(*node_, AdminClientConfig::parse(config));
  }
  ~RealAdmin() override { close(); }

  void close() override {
    if (std::exchange(closed_, true)) return;
    const py::gil_scoped_release released;
    admin_->close();
  }
  void bootstrap() override {
    run_interruptible(*node_, [this] { admin_->bootstrap(kBootstrapTimeout); }, [] {});
  }
  std::string client_id() override { return admin_->config().client_id; }

 protected:
  std::any run(TimeoutMs timeout_ms, const Function& fn) override {
    if (closed_) throw KafkaException(ErrorCode::kNone, "the admin client is closed");
    std::any result;
    run_interruptible(
        *node_, [&] { result = fn(*admin_, admin_deadline(*node_, timeout_ms)); },
        [this] { admin_->wakeup(); });
    return result;
  }

 private:
  std::unique_ptr<Node> node_;
  std::unique_ptr<KafkaAdminClient> admin_;
  bool closed_ = false;
};

template <typename T>
using ByName = KafkaAdminClient::Results<std::string, T>;

py::dict create_topics(Admin& admin, const std::vector<NewTopicTuple>& topics, TimeoutMs timeout_ms,
                       bool validate_only) {
  std::vector<NewTopic> wanted;
  for (const auto& [name, partitions, factor, assignments, configs] : topics) {
    wanted.push_back({name, partitions, factor, assignments, configs});
  }
  return outcomes(admin.call<ByName<CreatedTopic>>(timeout_ms, [=](auto& client, auto deadline) {
    return client.create_topics(wanted, validate_only, deadline);
  }));
}

py::dict create_partitions(
    Admin& admin,
    const std::map<std::string,
                   std::pair<int32_t, std::optional<std::vector<std::vector<BrokerId>>>>>& wanted,
    TimeoutMs timeout_ms, bool validate_only) {
  std::map<std::string, NewPartitions> partitions;
  for (const auto& [name, counts] : wanted) {
    partitions[name] = {counts.first, counts.second.value_or(std::vector<std::vector<BrokerId>>())};
  }
  return outcomes(admin.call<ByName<Done>>(timeout_ms, [=](auto& client, auto deadline) {
    return client.create_partitions(partitions, validate_only, deadline);
  }));
}

py::dict delete_records(Admin& admin, const std::map<PythonPartition, Offset>& before,
                        TimeoutMs timeout_ms) {
  std::map<TopicPartition, Offset> wanted;
  for (const auto& [pair, offset] : before) wanted[to_partition(pair)] = offset;
  using Found = KafkaAdminClient::Results<TopicPartition, Offset>;
  const Found found = admin.call<Found>(timeout_ms, [=](auto& client, auto deadline) {
    return client.delete_records(wanted, deadline);
  });
  py::dict dict;
  for (const auto& [partition, result] : found) {
    py::dict one = outcome(result.code(), result.ok() ? "" : result.error().message);
    one["low_watermark"] = result.ok() ? *result : kNoOffset;
    dict[py::make_tuple(partition.topic, partition.partition)] = one;
  }
  return dict;
}

py::list describe_topics(Admin& admin, const std::optional<std::vector<std::string>>& names) {
  py::list list;
  if (!names) {
    const auto all = admin.call<std::vector<TopicInfo>>(
        {}, [](auto& client, auto deadline) { return client.list_topics(true, deadline); });
    for (const TopicInfo& topic : all) list.append(topic_to_dict(topic));
    return list;
  }
  const auto found = admin.call<ByName<TopicInfo>>(
      {}, [=](auto& client, auto deadline) { return client.describe_topics(*names, deadline); });
  for (const auto& [name, result] : found) {
    list.append(
        topic_to_dict(result.ok() ? *result : TopicInfo{.name = name, .error = result.code()}));
  }
  return list;
}

py::dict describe_cluster(Admin& admin) {
  const auto found = admin.call<ClusterDescription>(
      {}, [](auto& client, auto deadline) { return client.describe_cluster(deadline); });
  py::list brokers;
  for (const BrokerNode& broker : found.brokers) {
    py::dict one;
    one["node_id"] = broker.id;
    one["host"] = broker.endpoint.host;
    one["port"] = broker.endpoint.port;
    one["rack"] = broker.rack;
    brokers.append(one);
  }
  py::dict dict;
  dict["cluster_id"] = found.cluster_id;
  dict["controller_id"] = found.controller_id;
  dict["brokers"] = brokers;
  return dict;
}

using ResourceKeys = std::tuple<int8_t, std::string, std::optional<std::vector<std::string>>>;

py::dict describe_configs(Admin& admin, const std::vector<ResourceKeys>& resources, bool synonyms) {
  std::map<ConfigResource, std::vector<std::string>> wanted;
  for (const auto& [type, name, keys] : resources) {
    wanted[{static_cast<ConfigResourceType>(type), name}] =
        keys.value_or(std::vector<std::string>());
  }
  using Found = KafkaAdminClient::Results<ConfigResource, std::vector<ConfigEntry>>;
  const Found found = admin.call<Found>({}, [=](auto& client, auto deadline) {
    return client.describe_configs(wanted, {.synonyms = synonyms, .documentation = false},
                                   deadline);
  });
  py::dict dict;
  for (const auto& [resource, result] : found) {
    if (!result.ok())
      throw KafkaException(result.error().code, resource.name + ": " + result.error().message);
    py::dict entries;
    for (const ConfigEntry& entry : *result) {
      py::dict one;
      one["value"] = entry.value;
      one["read_only"] = entry.read_only;
      one["is_default"] = entry.is_default;
      one["is_sensitive"] = entry.is_sensitive;
      one["config_source"] = entry.source;
      one["config_type"] = entry.type;
      py::list all;
      for (const ConfigSynonym& synonym : entry.synonyms) {
        all.append(py::make_tuple(synonym.name, synonym.value, synonym.source));
      }
      one["synonyms"] = all;
      entries[py::str(entry.name)] = one;
    }
    dict[py::str(resource.name)] = entries;
  }
  return dict;
}

using ResourceChanges =
    std::tuple<int8_t, std::string, std::map<std::string, std::optional<std::string>>>;

py::dict alter_configs(Admin& admin, const std::vector<ResourceChanges>& resources,
                       bool validate_only, bool incremental) {
  using Found = KafkaAdminClient::Results<ConfigResource, Done>;
  std::map<ConfigResource, std::vector<AlterConfigOp>> changes;
  std::map<ConfigResource, std::map<std::string, std::string>> replacements;
  for (const auto& [type, name, configs] : resources) {
    const ConfigResource resource{static_cast<ConfigResourceType>(type), name};
    changes[resource];
    replacements[resource];
    for (const auto& [key, value] : configs) {
      changes[resource].push_back(
          {key, value ? AlterConfigOpType::kSet : AlterConfigOpType::kDelete, value});
      if (value) replacements[resource][key] = *value;
    }
  }
  const Found found = admin.call<Found>({}, [=](auto& client, auto deadline) {
    return incremental ? client.incremental_alter_configs(changes, validate_only, deadline)
                       : client.alter_configs(replacements, validate_only, deadline);
  });
  py::dict dict;
  for (const auto& [resource, result] : found) {
    dict[py::str(resource.name)] =
        outcome(result.code(), result.ok() ? "" : result.error().message);
  }
  return dict;
}

py::list describe_log_dirs(Admin& admin) {
  const auto cluster = admin.call<ClusterDescription>(
      {}, [](auto& client, auto deadline) { return client.describe_cluster(deadline); });
  std::vector<BrokerId> ids;
  for (const BrokerNode& broker : cluster.brokers) ids.push_back(broker.id);
  using Found = KafkaAdminClient::Results<BrokerId, std::vector<LogDirDescription>>;
  const Found found = admin.call<Found>(
      {}, [=](auto& client, auto deadline) { return client.describe_log_dirs(ids, deadline); });
  py::list list;
  for (const auto& [id, result] : found) {
    if (!result.ok()) throw KafkaException(result.error().code, result.error().message);
    for (const LogDirDescription& dir : *result) {
      py::list replicas;
      for (const ReplicaDescription& replica : dir.replicas) {
        py::dict one;
        one["topic"] = replica.topic_partition.topic;
        one["partition"] = replica.topic_partition.partition;
        one["size_bytes"] = replica.size_bytes;
        replicas.append(one);
      }
      py::dict one;
      one["broker"] = id;
      one["log_dir"] = dir.path;
      one["error_code"] = static_cast<int>(dir.error);
      one["usable_bytes"] = dir.usable_bytes;
      one["replicas"] = replicas;
      list.append(one);
    }
  }
  return list;
}

py::dict list_offsets(Admin& admin, const std::map<PythonPartition, TimestampMs>& specs,
                      TimeoutMs timeout_ms) {
  std::map<TopicPartition, TimestampMs> wanted;
  for (const auto& [pair, spec] : specs) wanted[to_partition(pair)] = spec;
  using Found = KafkaAdminClient::Results<TopicPartition, ListOffsetsResultInfo>;
  const Found found = admin.call<Found>(timeout_ms, [=](auto& client, auto deadline) {
    return client.list_offsets(wanted, deadline);
  });
  py::dict dict;
  for (const auto& [partition, result] : found) {
    py::dict one = outcome(result.code(), result.ok() ? "" : result.error().message);
    if (result.ok()) {
      one["offset"] = result->offset;
      one["timestamp"] = result->timestamp;
      one["leader_epoch"] = result->leader_epoch;
    }
    dict[py::make_tuple(partition.topic, partition.partition)] = one;
  }
  return dict;
}

}  // namespace

void init_admin(py::module_& m) {
  py::class_<Admin>(m, "Admin")
      .def("bootstrap", &Admin::bootstrap)
      .def("create_topics", &create_topics, py::arg("topics"), py::arg("timeout_ms"),
           py::arg("validate_only"))
      .def(
          "delete_topics",
          [](Admin& admin, const std::vector<std::string>& names, TimeoutMs timeout_ms) {
            return outcomes(admin.call<ByName<Done>>(timeout_ms, [=](auto& client, auto deadline) {
              return client.delete_topics(names, deadline);
            }));
          },
          py::arg("topics"), py::arg("timeout_ms"))
      .def("create_partitions", &create_partitions, py::arg("partitions"), py::arg("timeout_ms"),
           py::arg("validate_only"))
      .def("delete_records", &delete_records, py::arg("before"), py::arg("timeout_ms"))
      .def("list_topics",
           [](Admin& admin) {
             const auto all = admin.call<std::vector<TopicInfo>>(
                 {},
                 [](auto& client, auto deadline) { return client.list_topics(false, deadline); });
             std::vector<std::string> names;
             for (const TopicInfo& topic : all) names.push_back(topic.name);
             return names;
           })
      .def("describe_topics", &describe_topics, py::arg("topics") = py::none())
      .def("describe_cluster", &describe_cluster)
      .def("describe_configs", &describe_configs, py::arg("resources"), py::arg("include_synonyms"))
      .def("alter_configs", &alter_configs, py::arg("resources"), py::arg("validate_only"),
           py::arg("incremental"))
      .def("describe_log_dirs", &describe_log_dirs)
      .def("list_offsets", &list_offsets, py::arg("specs"), py::arg("timeout_ms"))
      .def(
          "close", [](Admin& admin, const std::optional<double>&) { admin.close(); },
          py::arg("timeout"))
      .def_property_readonly("client_id", [](Admin& admin) { return admin.client_id(); });
  py::class_<RealAdmin, Admin>(m, "RealAdmin").def(py::init<const ConfigMap&>(), py::arg("config"));
}

}  // namespace kafkascope::bindings
