// What Python sees of a running broker, real or simulated.
#pragma once

#include <pybind11/pybind11.h>

#include <map>
#include <string>
#include <vector>

#include "common/types.h"

namespace kafkascope {
class KafkaServer;
}

namespace kafkascope::bindings {

std::vector<std::string> topics_of(KafkaServer& server);
std::vector<std::string> offline_log_dirs_of(KafkaServer& server);
/// Leader, ISR and offsets of a partition. Throws KafkaException when the broker does not hold it.
pybind11::dict partition_of(KafkaServer& server, const std::string& topic, PartitionIndex index);
/// The partition's log with its batches, read without the GIL. Throws as partition_of.
pybind11::dict log_of(KafkaServer& server, const std::string& topic, PartitionIndex index);
/// The log cleaner: "enabled", "checkpoints" by (topic, partition), and "last_cleanings", each with
/// its topic and partition.
pybind11::dict cleaner_of(KafkaServer& server);
/// "Fetch" or "Produce": what waits in that purgatory, and its timer.
pybind11::dict purgatory_of(KafkaServer& server, const std::string& name);
/// MBean name to attributes.
std::map<std::string, std::map<std::string, double>> metrics_of(KafkaServer& server);

}  // namespace kafkascope::bindings
