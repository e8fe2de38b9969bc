// Broker: a KafkaServer on real sockets, in this process.
#include <pybind11/stl.h>

#include "bindings/broker_views.h"
#include "bindings/casters.h"
#include "bindings/controller_views.h"
#include "bindings/host.h"
#include "bindings/init.h"
#include "bindings/leader_selector.h"
#include "runtime/metrics/metrics_registry.h"
#include "server/kafka_server.h"

namespace py = pybind11;

namespace kafkascope::bindings {
namespace {

class Broker {
 public:
  Broker(const std::map<std::string, std::string>& config,
         const SelectorFunctions& leader_selectors) {
    KafkaConfig parsed = KafkaConfig::parse(config);
    node_ = make_real_node("broker-" + std::to_string(parsed.broker_id));
    parsed.leader_selectors = leader_selector_factory(leader_selectors)(*node_);
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

 private:
  std::unique_ptr<Node> node_;
  std::unique_ptr<KafkaServer> server_;
  bool running_ = false;
};

}  // namespace

void init_broker(py::module_& m) {
  py::class_<Broker>(m, "Broker", "A broker on real sockets, started when it is made.")
      .def(py::init<const std::map<std::string, std::string>&, const SelectorFunctions&>(),
           py::arg("config"), py::arg("leader_selectors") = SelectorFunctions{})
      .def("shutdown", &Broker::shutdown, "Stops cleanly. Idempotent.")
      .def_property_readonly("broker_id", [](Broker& b) { return b.server().broker_id(); })
      .def_property_readonly("host", [](Broker& b) { return b.endpoint().host; })
      .def_property_readonly("port", [](Broker& b) { return b.endpoint().port; })
      .def_property_readonly("log_dirs",
                             [](Broker& b) { return b.server().config().logs.log_dirs; })
      .def_property_readonly(
          "offline_log_dirs", [](Broker& b) { return offline_log_dirs_of(b.server()); },
          "Those that failed; their partitions answer KAFKA_STORAGE_ERROR.")
      .def_property_readonly(
          "failure", [](Broker& b) { return b.server().failure(); },
          "Why it serves no more; empty while it does.")
      .def("cleaner", [](Broker& b) { return cleaner_of(b.server()); })
      .def(
          "controller", [](Broker& b) { return controller_of(b.server()); },
          "Its controller, None when it stands alone.")
      .def(
          "fetchers", [](Broker& b) { return fetchers_of(b.server()); },
          "Its fetcher threads, None when it stands alone.")
      .def("topics", [](Broker& b) { return topics_of(b.server()); })
      .def(
          "partition",
          [](Broker& b, const std::string& topic, PartitionIndex index) {
            return partition_of(b.server(), topic, index);
          },
          py::arg("topic"), py::arg("partition"), "Leader, ISR and offsets of a partition.")
      .def(
          "log",
          [](Broker& b, const std::string& topic, PartitionIndex index) {
            return log_of(b.server(), topic, index);
          },
          py::arg("topic"), py::arg("partition"), "Segments, indexes and batches of a log.")
      .def(
          "purgatory",
          [](Broker& b, const std::string& name) { return purgatory_of(b.server(), name); },
          py::arg("name"), "What waits in the purgatory 'Fetch' or 'Produce'.")
      .def(
          "metrics", [](Broker& b) { return metrics_of(b.server()); }, "MBean name to attributes.")
      .def(
          "prometheus", [](Broker& b) { return b.server().metrics().prometheus_text(); },
          "The metrics in Prometheus' text format.")
      .def("__repr__", [](Broker& b) {
        return "<Broker " + std::to_string(b.server().broker_id()) + " at " +
               b.endpoint().to_string() + ">";
      });
}

}  // namespace kafkascope::bindings
