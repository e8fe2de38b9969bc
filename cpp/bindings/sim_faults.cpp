#include "bindings/sim_faults.h"

#include <pybind11/stl.h>

#include "bindings/casters.h"
#include "bindings/host.h"
#include "bindings/log_dicts.h"
#include "bindings/zookeeper_views.h"
#include "log/log_reader.h"

namespace py = pybind11;

namespace kafkascope::bindings {
namespace {

/// Journals fn(simulation) under its name.
template <typename Function>
void act(SimHost& host, const std::string& what, Function fn) {
  host.simulation().act(what, std::move(fn));
}

void define_node_faults(py::class_<SimHost, std::shared_ptr<SimHost>>& cls) {
  cls.def(
         "crash",
         [](SimHost& h, const std::string& n, bool power_loss, bool silent) {
           h.simulation().crash(n, {power_loss, silent});
         },
         py::arg("node"), py::arg("power_loss"), py::arg("silent"))
      .def(
          "run_to_disk_change",
          [](SimHost& h, const std::string& n, int changes, double limit) {
            h.simulation().arm_crash(n, changes);
            const auto due = [&h, n] { return h.simulation().crash_is_due(n); };
            if (h.run_until(due, seconds(limit))) return true;
            act(h, n + " does not crash",
                [n](Simulation& s) { s.runtime().disk(n).crash_after(-1); });
            return false;
          },
          py::arg("node"), py::arg("changes"), py::arg("limit"),
          "Turns until the node's disk has changed so often and is about to change again.")
      .def(
          "boot", [](SimHost& h, const std::string& n) { h.simulation().boot(n); }, py::arg("node"))
      .def(
          "start_boot", [](SimHost& h, const std::string& n) { h.simulation().start_boot(n); },
          py::arg("node"), "As boot, without waiting until it serves.")
      .def(
          "stop", [](SimHost& h, const std::string& n) { h.simulation().stop(n); }, py::arg("node"))
      .def(
          "pause",
          [](SimHost& h, const std::string& n) {
            (void)h.simulation().process(n);
            act(h, "pause " + n, [n](Simulation& s) { s.runtime().pause(n); });
          },
          py::arg("node"))
      .def(
          "resume",
          [](SimHost& h, const std::string& n) {
            act(h, "resume " + n, [n](Simulation& s) { s.runtime().resume(n); });
          },
          py::arg("node"))
      .def(
          "skew_clock",
          [](SimHost& h, const std::string& n, int64_t ms) {
            (void)h.simulation().process(n);
            act(h, "skew the clock of " + n,
                [n, ms](Simulation& s) { s.runtime().clock(n).skew_ms = ms; });
          },
          py::arg("node"), py::arg("ms"))
      .def(
          "set_clock_rate",
          [](SimHost& h, const std::string& n, double rate) {
            (void)h.simulation().process(n);
            act(h, "set the clock rate of " + n,
                [n, rate](Simulation& s) { s.runtime().clock(n).set_rate(rate); });
          },
          py::arg("node"), py::arg("rate"));
}

/// From seconds, seconds, bytes a second.
sim::Link to_link(double latency_min, double latency_max, uint64_t bytes_per_second) {
  if (latency_min > latency_max) throw py::value_error("latency: expected (least, most)");
  return {seconds(latency_min), seconds(latency_max), bytes_per_second};
}

void define_network_faults(py::class_<SimHost, std::shared_ptr<SimHost>>& cls) {
  cls.def(
         "cut",
         [](SimHost& h, const std::string& from, const std::string& to) {
           act(h, "cut " + from + " -> " + to,
               [from, to](Simulation& s) { s.runtime().network().cut(from, to); });
         },
         py::arg("from_node"), py::arg("to_node"))
      .def(
          "heal",
          [](SimHost& h, const std::string& from, const std::string& to) {
            act(h, "heal " + from + " -> " + to,
                [from, to](Simulation& s) { s.runtime().network().heal(from, to); });
          },
          py::arg("from_node"), py::arg("to_node"))
      .def("heal_all",
           [](SimHost& h) { act(h, "heal", [](Simulation& s) { s.runtime().network().heal(); }); })
      .def(
          "reset_between",
          [](SimHost& h, const std::string& a, const std::string& b) {
            act(h, "reset " + a + " - " + b,
                [a, b](Simulation& s) { s.runtime().network().reset_between(a, b); });
          },
          py::arg("a"), py::arg("b"))
      .def(
          "set_link",
          [](SimHost& h, const std::string& from, const std::string& to, double latency_min,
             double latency_max, uint64_t bytes_per_second) {
            const sim::Link link = to_link(latency_min, latency_max, bytes_per_second);
            act(h, "link " + from + " -> " + to, [from, to, link](Simulation& s) {
              s.runtime().network().set_link(from, to, link);
            });
          },
          py::arg("from_node"), py::arg("to_node"), py::arg("latency_min"), py::arg("latency_max"),
          py::arg("bytes_per_second"))
      .def(
          "set_network",
          [](SimHost& h, double latency_min, double latency_max, uint64_t bytes_per_second,
             double partial, double reset) {
            const sim::NetworkFaults faults{to_link(latency_min, latency_max, bytes_per_second),
                                            partial, reset};
            act(h, "set the network's weather",
                [faults](Simulation& s) { s.runtime().network().faults = faults; });
          },
          py::arg("latency_min"), py::arg("latency_max"), py::arg("bytes_per_second"),
          py::arg("partial_chance"), py::arg("reset_chance"));
}

zk::ZooKeeperServer& zookeeper_of(Simulation& simulation) {
  const Process& process = simulation.process("zookeeper");
  if (process.ready && process.zookeeper != nullptr) return *process.zookeeper;
  throw KafkaException(ErrorCode::kInvalidRequest, "zookeeper does not serve now");
}

void define_zookeeper(py::class_<SimHost, std::shared_ptr<SimHost>>& cls) {
  cls.def("zk_sessions", [](SimHost& h) { return sessions_of(zookeeper_of(h.simulation())); })
      .def("zk_nodes", [](SimHost& h) { return nodes_of(zookeeper_of(h.simulation())); })
      .def("zk_watches", [](SimHost& h) { return watches_of(zookeeper_of(h.simulation())); })
      .def(
          "zk_get",
          [](SimHost& h, const std::string& path) {
            return node_of(zookeeper_of(h.simulation()), path);
          },
          py::arg("path"))
      .def(
          "zk_expire_session",
          [](SimHost& h, zk::SessionId id) {
            (void)zookeeper_of(h.simulation());
            act(h, "expire a session", [id](Simulation& s) { zookeeper_of(s).expire_session(id); });
          },
          py::arg("session"))
      .def(
          "zk_delay_notifications",
          [](SimHost& h, double delay) {
            (void)zookeeper_of(h.simulation());
            act(h, "delay watch events",
                [delay](Simulation& s) { zookeeper_of(s).delay_notifications(seconds(delay)); });
          },
          py::arg("seconds"));
}

sim::DiskOperation to_operation(const std::string& name) {
  static const std::map<std::string, sim::DiskOperation> kNames = {
      {"open", sim::DiskOperation::kOpen},         {"read", sim::DiskOperation::kRead},
      {"write", sim::DiskOperation::kWrite},       {"sync", sim::DiskOperation::kSync},
      {"truncate", sim::DiskOperation::kTruncate}, {"rename", sim::DiskOperation::kRename},
      {"remove", sim::DiskOperation::kRemove},     {"sync_dir", sim::DiskOperation::kSyncDir}};
  const auto found = kNames.find(name);
  if (found != kNames.end()) return found->second;
  throw py::value_error("operation '" + name +
                        "': expected open, read, write, sync, truncate, rename, remove, sync_dir");
}

/// Journals fn(disk) for the node's disk.
template <typename Function>
void act_on_disk(SimHost& host, const std::string& node, const std::string& what, Function fn) {
  (void)host.simulation().runtime().disk(node);
  act(host, node + ": disk " + what, [node, fn](Simulation& s) { fn(s.runtime().disk(node)); });
}

void define_disk_faults(py::class_<SimHost, std::shared_ptr<SimHost>>& cls) {
  cls.def(
         "fail_disk",
         [](SimHost& h, const std::string& node, const std::string& operation,
            const std::string& path, int skip, int count, double chance) {
           const sim::DiskFault fault{to_operation(operation), path, skip, count, chance};
           act_on_disk(h, node, "fails", [fault](auto& disk) { disk.add_fault(fault); });
         },
         py::arg("node"), py::arg("operation"), py::arg("path"), py::arg("skip"), py::arg("count"),
         py::arg("chance"))
      .def(
          "fail_disk_below",
          [](SimHost& h, const std::string& node, const std::string& path) {
            act_on_disk(h, node, "fails", [path](auto& disk) { disk.fail_below(path); });
          },
          py::arg("node"), py::arg("path"))
      .def(
          "mend_disk",
          [](SimHost& h, const std::string& node) {
            act_on_disk(h, node, "is mended", [](auto& disk) { disk.clear_faults(); });
          },
          py::arg("node"))
      .def(
          "set_disk_speed",
          [](SimHost& h, const std::string& node, double read, double write, double sync,
             uint64_t bytes_per_second) {
            const sim::DiskSpeed speed{seconds(read), seconds(write), seconds(sync),
                                       bytes_per_second};
            act_on_disk(h, node, "speed", [speed](auto& disk) { disk.speed = speed; });
          },
          py::arg("node"), py::arg("read"), py::arg("write"), py::arg("sync"),
          py::arg("bytes_per_second"))
      .def(
          "set_disk_size",
          [](SimHost& h, const std::string& node, uint64_t bytes) {
            act_on_disk(h, node, "size", [bytes](auto& disk) { disk.limit_bytes = bytes; });
          },
          py::arg("node"), py::arg("bytes"))
      .def(
          "rot",
          [](SimHost& h, const std::string& node, const std::string& path, uint64_t offset) {
            act_on_disk(h, node, "rots", [path, offset](auto& disk) { disk.rot(path, offset); });
          },
          py::arg("node"), py::arg("path"), py::arg("offset"))
      .def(
          "read_file",
          [](SimHost& h, const std::string& node, const std::string& path) {
            const ByteBuffer* found = h.simulation().runtime().disk(node).content(path);
            if (found == nullptr) throw py::key_error(node + " has no file " + path);
            return to_bytes(*found);
          },
          py::arg("node"), py::arg("path"))
      .def(
          "read_log_directory",
          [](SimHost& h, const std::string& node, const std::string& dir) {
            return log_to_dict(read_log_directory(h.simulation().runtime().disk(node), dir));
          },
          py::arg("node"), py::arg("dir"))
      .def(
          "list_files",
          [](SimHost& h, const std::string& node, const std::string& path) {
            return h.simulation().runtime().disk(node).list(path);
          },
          py::arg("node"), py::arg("path"));
}

}  // namespace

void define_faults(py::class_<SimHost, std::shared_ptr<SimHost>>& cls) {
  define_node_faults(cls);
  define_zookeeper(cls);
  define_network_faults(cls);
  define_disk_faults(cls);
}

}  // namespace kafkascope::bindings
