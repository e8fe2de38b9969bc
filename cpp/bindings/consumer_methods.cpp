#include "bindings/consumer_methods.h"

namespace py = pybind11;

namespace kafkascope::bindings {

std::vector<TopicPartition> to_partitions(const PythonPartitions& pairs) {
  std::vector<TopicPartition> partitions;
  for (const PythonPartition& pair : pairs) partitions.push_back(to_partition(pair));
  return partitions;
}

py::set to_set(const std::set<TopicPartition>& partitions) {
  py::set set;
  for (const TopicPartition& partition : partitions) set.add(py::cast(to_pair(partition)));
  return set;
}

py::dict offsets_to_dict(const KafkaConsumer::Offsets& offsets) {
  py::dict dict;
  for (const auto& [partition, offset] : offsets) dict[py::cast(to_pair(partition))] = offset;
  return dict;
}

py::dict times_to_dict(const std::map<TopicPartition, std::optional<OffsetAndTimestamp>>& times) {
  py::dict dict;
  for (const auto& [partition, entry] : times) {
    py::object found = py::none();
    if (entry) found = py::make_tuple(entry->offset, entry->timestamp, entry->leader_epoch);
    dict[py::cast(to_pair(partition))] = found;
  }
  return dict;
}

std::vector<std::string> matching_topics(const std::set<std::string>& topics,
                                         const std::string& pattern) {
  const py::object matches = py::module_::import("re").attr("compile")(pattern).attr("match");
  std::vector<std::string> chosen;
  for (const std::string& name : topics) {
    if (!name.starts_with("__") && !matches(name).is_none()) chosen.push_back(name);
  }
  return chosen;
}

std::set<std::string> topic_names(KafkaConsumer& consumer) {
  std::set<std::string> names;
  for (const auto& [name, partitions] : consumer.list_topics()) names.insert(name);
  return names;
}

bool is_connected(const KafkaConsumer& consumer) {
  for (const NodeConnection& connection : consumer.connections().connections()) {
    if (connection.connected) return true;
  }
  return false;
}

void require_assignment(const KafkaConsumer& consumer) {
  if (consumer.assignment().empty() && consumer.subscription().empty())
    throw KafkaException(ErrorCode::kNone, "nothing to read: call subscribe() or assign() first");
}

}  // namespace kafkascope::bindings
