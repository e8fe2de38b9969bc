// ZooKeeperServer: a standalone ZooKeeper on real sockets, in this process.
#include <pybind11/stl.h>

#include "bindings/casters.h"
#include "bindings/host.h"
#include "bindings/init.h"
#include "bindings/zookeeper_views.h"

namespace py = pybind11;

namespace kafkascope::bindings {
namespace {

using zk::ZooKeeperServer;
using zk::ZooKeeperServerConfig;

class ZooKeeper {
 public:
  explicit ZooKeeper(const std::map<std::string, std::string>& properties)
      : node_(make_real_node("zookeeper")),
        server_(*node_, ZooKeeperServerConfig::parse(properties)) {
    const py::gil_scoped_release released;
    server_.startup();
    running_ = true;
  }
  ~ZooKeeper() { shutdown(); }

  void shutdown() {
    if (!std::exchange(running_, false)) return;
    const py::gil_scoped_release released;
    server_.shutdown();
  }
  /// Also when it is stopped: what it had stays to be looked at.
  ZooKeeperServer& server() { return server_; }

 private:
  std::unique_ptr<Node> node_;
  ZooKeeperServer server_;
  bool running_ = false;
};

}  // namespace

void init_zookeeper(py::module_& m) {
  py::class_<ZooKeeper>(m, "ZooKeeperServer", "A standalone ZooKeeper, started when it is made.")
      .def(py::init<const std::map<std::string, std::string>&>(), py::arg("properties"))
      .def("shutdown", &ZooKeeper::shutdown, "Stops cleanly; sessions go on. Idempotent.")
      .def_property_readonly("host", [](ZooKeeper& z) { return z.server().endpoint().host; })
      .def_property_readonly("port", [](ZooKeeper& z) { return z.server().endpoint().port; })
      .def_property_readonly("data_dir", [](ZooKeeper& z) { return z.server().config().data_dir; })
      .def_property_readonly("tick_time_ms",
                             [](ZooKeeper& z) { return z.server().config().tick_time_ms; })
      .def_property_readonly(
          "failure", [](ZooKeeper& z) { return z.server().failure(); },
          "Why it serves no more; empty while it does.")
      .def_property_readonly("last_zxid", [](ZooKeeper& z) { return z.server().last_zxid(); })
      .def("sessions", [](ZooKeeper& z) { return sessions_of(z.server()); })
      .def("watches", [](ZooKeeper& z) { return watches_of(z.server()); })
      .def("nodes", [](ZooKeeper& z) { return nodes_of(z.server()); })
      .def(
          "get", [](ZooKeeper& z, const std::string& path) { return node_of(z.server(), path); },
          py::arg("path"), "A znode, or None.")
      .def(
          "expire_session",
          [](ZooKeeper& z, int64_t session) { z.server().expire_session(session); },
          py::arg("session_id"))
      .def(
          "delay_notifications",
          [](ZooKeeper& z, double s) { z.server().delay_notifications(seconds(s)); },
          py::arg("seconds"));
}

}  // namespace kafkascope::bindings
