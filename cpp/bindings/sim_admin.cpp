// SimAdmin: an admin client in a simulation.
#include <pybind11/stl.h>

#include "bindings/admin.h"
#include "bindings/init.h"
#include "bindings/sim_host.h"

namespace py = pybind11;

namespace kafkascope::bindings {
namespace {

constexpr Duration kBootstrapTimeout = std::chrono::seconds(2);

class SimAdmin : public Admin {
 public:
  SimAdmin(std::shared_ptr<SimHost> host, std::string node)
      : host_(std::move(host)), node_(std::move(node)) {}

  void bootstrap() override {
    host_->run(node_, "bootstrap", [](Simulation&, Process& p) -> std::any {
      p.admin->bootstrap(kBootstrapTimeout);
      return {};
    });
  }
  void close() override {
    if (!host_->simulation().is_running(node_)) return;
    host_->run(node_, "close", [](Simulation&, Process& p) -> std::any {
      p.admin->close();
      return {};
    });
    host_->simulation().stop(node_);
  }
  std::string client_id() override {
    return host_->simulation().process(node_).admin->config().client_id;
  }

 protected:
  std::any run(TimeoutMs timeout_ms, const Function& fn) override {
    return host_->run(node_, "admin", [timeout_ms, fn](Simulation&, Process& p) {
      return fn(*p.admin, admin_deadline(*p.node, timeout_ms));
    });
  }

 private:
  std::shared_ptr<SimHost> host_;
  std::string node_;
};

}  // namespace

void init_sim_admin(py::module_& m) {
  py::class_<SimAdmin, Admin>(m, "SimAdmin")
      .def(py::init([](const std::shared_ptr<SimHost>& host, const std::string& node,
                       const ConfigMap& config) {
             host->simulation().add_admin(node, config);
             return std::make_unique<SimAdmin>(host, node);
           }),
           py::arg("simulation"), py::arg("node"), py::arg("config"));
}

}  // namespace kafkascope::bindings
