// Broker: a KafkaServer on real sockets, in this process.
#include <pybind11/stl.h>

#include "bindings/casters.h"
#include "bindings/host.h"
#include "bindings/init.h"
#include "metadata/metadata_cache.h"
#include "replication/replica_manager.h"
#include "runtime/metrics/metrics_registry.h"
#include "server/kafka_server.h"

namespace py = pybind11;

namespace kafkascope::bindings {
namespace {

class Broker {
 public:
  explicit Broker(const std::map<std::string, std::string>& config) {
    KafkaConfig parsed = KafkaConfig::parse(config);
    node_ = make_real_node("broker-" + std::to_string(parsed.broker_id));
    server_ = std::make_unique<KafkaServer>(*node_, std::move(parsed));
    const py::gil_scoped_release released;
    server_->start();
    running_ = true;
  }
  ~Broker() { shutdown(); }

  void shutdown() {
    if (!std::exchange(running_, false)) return;
    const py::gil_scoped_release released;
    server_->shutdown();
  }

  KafkaServer& server() {
    if (!running_) throw KafkaException(ErrorCode::kNone, "the broker is stopped");
    return *server_;
  }
  const Endpoint& endpoint() { return server().endpoints().front().address; }

  std::map<std::string, std::map<std::string, double>> metrics() {
    std::map<std::string, std::map<std::string, double>> found;
    for (const auto& [name, attributes] : server().metrics().snapshot())
      found[name.mbean()] = attributes;
    return found;
  }

  std::shared_ptr<Partition> partition(const std::string& topic, PartitionIndex index) {
    std::shared_ptr<Partition> found = server().replica_manager().find_partition({topic, index});
    if (found == nullptr) {
      throw KafkaException(ErrorCode::kUnknownTopicOrPartition,
                           "this broker has no partition " + topic + "-" + std::to_string(index));
    }
    return found;
  }

 private:
  std::unique_ptr<Node> node_;
  std::unique_ptr<KafkaServer> server_;
  bool running_ = false;
};

py::dict partition_to_dict(const PartitionDescription& description) {
  py::dict dict;
  dict["topic"] = description.topic_partition.topic;
  dict["partition"] = description.topic_partition.partition;
  dict["leader"] = description.state.leader;
  dict["leader_epoch"] = description.state.leader_epoch;
  dict["replicas"] = description.state.replicas;
  dict["in_sync_replica_ids"] = description.state.isr;
  dict["log_start_offset"] = description.log_start_offset;
  dict["high_watermark"] = description.high_watermark;
  dict["log_end_offset"] = description.log_end_offset;
  return dict;
}

}  // namespace

void init_broker(py::module_& m) {
  py::class_<Broker>(m, "Broker", "A broker on real sockets, started when it is made.")
      .def(py::init<const std::map<std::string, std::string>&>(), py::arg("config"))
      .def("shutdown", &Broker::shutdown, "Stops cleanly. Idempotent.")
      .def_property_readonly("broker_id", [](Broker& b) { return b.server().broker_id(); })
      .def_property_readonly("host", [](Broker& b) { return b.endpoint().host; })
      .def_property_readonly("port", [](Broker& b) { return b.endpoint().port; })
      .def_property_readonly("log_dirs",
                             [](Broker& b) { return b.server().config().logs.log_dirs; })
      .def("topics",
           [](Broker& b) {
             std::vector<std::string> names;
             for (const auto& [name, topic] : b.server().metadata_cache().current()->topics)
               names.push_back(name);
             return names;
           })
      .def(
          "partition",
          [](Broker& b, const std::string& topic, PartitionIndex index) {
            return partition_to_dict(b.partition(topic, index)->describe());
          },
          py::arg("topic"), py::arg("partition"), "Leader, ISR and offsets of a partition.")
      .def("metrics", &Broker::metrics, "MBean name to attributes.")
      .def(
          "prometheus", [](Broker& b) { return b.server().metrics().prometheus_text(); },
          "The metrics in Prometheus' text format.")
      .def("__repr__", [](Broker& b) {
        return "<Broker " + std::to_string(b.server().broker_id()) + " at " +
               b.endpoint().to_string() + ">";
      });
}

}  // namespace kafkascope::bindings
