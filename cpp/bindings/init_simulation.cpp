// Simulation: a broker and its clients in virtual time, stepped from Python.
#include <pybind11/functional.h>
#include <pybind11/stl.h>

#include "bindings/broker_views.h"
#include "bindings/controller_views.h"
#include "bindings/host.h"
#include "bindings/init.h"
#include "bindings/leader_selector.h"
#include "bindings/sim_faults.h"
#include "server/kafka_server.h"

namespace py = pybind11;

namespace kafkascope::bindings {
namespace {

using Seconds = std::chrono::duration<double>;

double to_seconds(Duration duration) {
  return std::chrono::duration_cast<Seconds>(duration).count();
}
sim::Policy to_policy(const std::string& name) {
  if (name == "round_robin") return sim::Policy::kRoundRobin;
  if (name == "random") return sim::Policy::kRandom;
  if (name == "pct") return sim::Policy::kPriorities;
  throw py::value_error("policy '" + name + "': expected 'round_robin', 'random' or 'pct'");
}

/// (id, time, node, thread, kind, fields, cause), what kafkascope.simulation makes TraceEvents of.
py::tuple to_tuple(const TraceEvent& event) {
  py::dict fields;
  for (const auto& [name, value] : event.fields)
    fields[name] = std::visit([](const auto& held) { return py::object(py::cast(held)); }, value);
  return py::make_tuple(event.id, to_seconds(event.time), event.node, event.thread, event.kind,
                        fields,
                        event.cause == kNoEvent ? py::none() : py::object(py::int_(event.cause)));
}

py::list events(SimHost& host, EventId after, const std::optional<std::string>& kind,
                const std::optional<std::string>& node, const std::optional<std::string>& thread) {
  py::list found;
  for (const TraceEvent& event : host.simulation().runtime().trace().events()) {
    const bool wanted = event.id > after && (!kind || event.kind == *kind) &&
                        (!node || event.node == *node) && (!thread || event.thread == *thread);
    if (wanted) found.append(to_tuple(event));
  }
  return found;
}

/// There may be a server that is only starting, or ending.
KafkaServer& started(SimHost& host, const std::string& node) {
  const Process& process = host.simulation().process(node);
  if (process.ready && process.server != nullptr && process.server->is_started())
    return *process.server;
  throw KafkaException(ErrorCode::kInvalidRequest, node + " does not serve now");
}

using TurnTuple = std::tuple<uint64_t, double, std::string, std::string, std::string>;

std::optional<TurnTuple> step(SimHost& host) {
  const sim::Turn turn = host.simulation().step();
  if (turn.number == 0) return {};
  return TurnTuple{turn.number, to_seconds(turn.time), turn.node, turn.thread, turn.stopped_at};
}

/// Field values of Python as those of the core's events.
TraceFields to_fields(const std::map<std::string, py::object>& given) {
  TraceFields fields;
  for (const auto& [name, value] : given) {
    if (py::isinstance<py::bool_>(value)) {
      fields.emplace_back(name.c_str(), value.cast<bool>());
    } else if (py::isinstance<py::int_>(value)) {
      fields.emplace_back(name.c_str(), value.cast<int64_t>());
    } else {
      fields.emplace_back(name.c_str(), value.cast<std::string>());
    }
  }
  return fields;
}

py::object run_until_event(SimHost& host, const std::string& kind,
                           const std::map<std::string, py::object>& fields, double limit) {
  const sim::SimTracer& trace = host.simulation().runtime().trace();
  const TraceFields wanted = to_fields(fields);
  EventId seen = trace.count();
  bool found = false;
  host.run_until(
      [&] {
        while (!found && seen < trace.count()) found = trace.event(++seen).matches(kind, wanted);
        return found;
      },
      seconds(limit));
  return found ? py::object(to_tuple(trace.event(seen))) : py::none();
}

std::shared_ptr<SimHost> replay(SimHost& host, std::optional<uint64_t> turn,
                                std::optional<EventId> event) {
  const auto there = [&](const Simulation& s) {
    return (turn && s.runtime().scheduler().turns() >= *turn) ||
           (event && s.runtime().trace().count() >= *event);
  };
  std::unique_ptr<Simulation> copy;
  {
    const py::gil_scoped_release released;
    copy = host.simulation().replay(there);
  }
  return std::make_shared<SimHost>(std::move(copy));
}

void define_run(py::class_<SimHost, std::shared_ptr<SimHost>>& cls) {
  cls.def("step", &step)
      .def(
          "run_for", [](SimHost& h, double s) { h.run_until([] { return false; }, seconds(s)); },
          py::arg("seconds"))
      .def("run_until_event", &run_until_event, py::arg("kind"), py::arg("fields"),
           py::arg("limit"))
      .def("start_next", &SimHost::start_next, py::arg("on"))
      .def("supply_next", &SimHost::supply_next, py::arg("call"))
      .def(
          "done", [](SimHost& h, Simulation::CallId call) { return h.simulation().done(call); },
          py::arg("call"))
      .def("wait", &SimHost::wait, py::arg("call"))
      .def("replay", &replay, py::arg("turn") = py::none(), py::arg("event") = py::none())
      .def("journal", [](SimHost& h) {
        py::list entries;
        for (const JournalEntry& entry : h.simulation().journal())
          entries.append(py::make_tuple(entry.at.ticks, to_seconds(entry.at.time), entry.what));
        return entries;
      });
}

void define_looks(py::class_<SimHost, std::shared_ptr<SimHost>>& cls) {
  cls.def_property_readonly("seed", [](SimHost& h) { return h.simulation().options().seed; })
      .def_property_readonly("now",
                             [](SimHost& h) { return to_seconds(h.simulation().position().time); })
      .def_property_readonly(
          "turns", [](SimHost& h) { return h.simulation().runtime().scheduler().turns(); })
      .def_property_readonly("nodes", [](SimHost& h) { return h.simulation().nodes(); })
      .def_property_readonly("brokers", [](SimHost& h) { return h.simulation().options().brokers; })
      .def_property_readonly("bootstrap_servers",
                             [](SimHost& h) { return h.simulation().bootstrap_servers(); })
      .def(
          "is_running",
          [](SimHost& h, const std::string& n) { return h.simulation().is_running(n); },
          py::arg("node"))
      .def("report", [](SimHost& h) { return h.simulation().runtime().scheduler().report(); })
      .def_property_readonly(
          "stack_high_water",
          [](SimHost& h) { return h.simulation().runtime().scheduler().stack_high_water(); })
      .def("events", &events, py::arg("after"), py::arg("kind"), py::arg("node"), py::arg("thread"))
      .def_property_readonly("event_count",
                             [](SimHost& h) { return h.simulation().runtime().trace().count(); })
      .def_property_readonly("digest",
                             [](SimHost& h) { return h.simulation().runtime().trace().digest(); })
      .def(
          "broker_topics",
          [](SimHost& h, const std::string& n) { return topics_of(started(h, n)); },
          py::arg("node"))
      .def(
          "broker_controller",
          [](SimHost& h, const std::string& n) { return controller_of(started(h, n)); },
          py::arg("node"))
      .def(
          "broker_fetchers",
          [](SimHost& h, const std::string& n) { return fetchers_of(started(h, n)); },
          py::arg("node"))
      .def(
          "broker_cleaner",
          [](SimHost& h, const std::string& n) { return cleaner_of(started(h, n)); },
          py::arg("node"))
      .def(
          "broker_partition",
          [](SimHost& h, const std::string& n, const std::string& topic, PartitionIndex index) {
            return partition_of(started(h, n), topic, index);
          },
          py::arg("node"), py::arg("topic"), py::arg("partition"))
      .def(
          "broker_metrics",
          [](SimHost& h, const std::string& n) { return metrics_of(started(h, n)); },
          py::arg("node"));
}

}  // namespace

void init_simulation(py::module_& m) {
  static const py::handle call_started = py::exception<CallStarted>(m, "CallStarted").release();
  py::register_exception_translator([](std::exception_ptr pointer) {
    try {
      if (pointer) std::rethrow_exception(pointer);
    } catch (const CallStarted& started) {
      PyErr_SetObject(call_started.ptr(), py::int_(started.call).ptr());
    }
  });
  py::class_<SimHost, std::shared_ptr<SimHost>> cls(m, "Simulation");
  cls.def(py::init([](uint64_t seed, const std::string& policy, int brokers,
                      const ConfigMap& config, const std::map<BrokerId, ConfigMap>& own_config,
                      const SelectorFunctions& leader_selectors) {
            SimulationOptions options{seed, to_policy(policy), config, brokers, own_config};
            options.leader_selectors = leader_selector_factory(leader_selectors);
            return std::make_shared<SimHost>(std::make_unique<Simulation>(std::move(options)));
          }),
          py::arg("seed"), py::arg("policy"), py::arg("brokers"), py::arg("config"),
          py::arg("own_config"), py::arg("leader_selectors"));
  define_run(cls);
  define_looks(cls);
  define_faults(cls);
}

}  // namespace kafkascope::bindings
