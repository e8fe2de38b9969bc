// SimConsumer: a KafkaConsumer in a simulation, with the methods of _core.Consumer.
#include "bindings/consumer_methods.h"
#include "bindings/init.h"
#include "bindings/record_maker.h"
#include "bindings/sim_host.h"
#include "clients/wakeup_exception.h"

namespace py = pybind11;

namespace kafkascope::bindings {
namespace {

class SimConsumer {
  /// Runs fn(consumer, process) on the consumer's node.
  template <typename Function>
  auto run(const char* name, Function fn) {
    using T = decltype(fn(std::declval<KafkaConsumer&>(), std::declval<Process&>()));
    const std::any result =
        host_->run(node_, name, [fn = std::move(fn)](Simulation&, Process& p) -> std::any {
          if constexpr (std::is_void_v<T>) {
            fn(*p.consumer, p);
            return {};
          } else {
            return fn(*p.consumer, p);
          }
        });
    if constexpr (!std::is_void_v<T>) return std::any_cast<T>(result);
  }

 public:
  SimConsumer(std::shared_ptr<SimHost> host, std::string node)
      : host_(std::move(host)), node_(std::move(node)) {}

  py::dict poll(double timeout, std::optional<int32_t> max_records) {
    require_assignment(core());
    const int32_t limit = max_records.value_or(core().config().max_poll_records);
    return maker_.to_dict(run("poll", [timeout, limit](KafkaConsumer& c, Process& p) {
      try {
        return c.poll(deadline_in(p, timeout), limit);
      } catch (const WakeupException&) {
        return ConsumerRecords{};
      }
    }));
  }
  void close(Timeout timeout) {
    if (!host_->simulation().is_running(node_)) return;
    run("close", [timeout](KafkaConsumer& c, Process& p) {
      c.close(deadline_in(p, timeout.value_or(5.0)) - p.node->clock().monotonic());
    });
    host_->simulation().stop(node_);
  }

  KafkaConsumer& core() { return *host_->simulation().process(node_).consumer; }
  const std::string& node() const { return node_; }
  template <typename Function>
  auto at_once(const char* name, Function fn) {
    return run(name, [fn = std::move(fn)](KafkaConsumer& c, Process&) { return fn(c); });
  }
  template <typename Function>
  auto waiting(const char* name, Timeout timeout, Function fn) {
    return run(name, [timeout, fn = std::move(fn)](KafkaConsumer& c, Process& p) {
      return fn(c, timeout ? Deadline(deadline_in(p, timeout)) : Deadline());
    });
  }

 private:
  std::shared_ptr<SimHost> host_;
  std::string node_;
  RecordMaker maker_;
};

}  // namespace

void init_sim_consumer(py::module_& m) {
  py::class_<SimConsumer> cls(m, "SimConsumer");
  cls.def(py::init([](const std::shared_ptr<SimHost>& host, const std::string& node,
                      const ConfigMap& config) {
            host->simulation().add_consumer(node, config);
            return std::make_unique<SimConsumer>(host, node);
          }),
          py::arg("simulation"), py::arg("node"), py::arg("config"))
      .def_property_readonly("node", &SimConsumer::node);
  define_consumer_methods(cls);
}

}  // namespace kafkascope::bindings
