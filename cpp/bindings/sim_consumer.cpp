// SimConsumer: a KafkaConsumer in a simulation, with the methods of _core.Consumer.
#include <pybind11/stl.h>

#include "bindings/casters.h"
#include "bindings/client_dicts.h"
#include "bindings/init.h"
#include "bindings/record_maker.h"
#include "bindings/sim_host.h"
#include "clients/consumer/kafka_consumer.h"
#include "clients/wakeup_exception.h"

namespace py = pybind11;

namespace kafkascope::bindings {
namespace {

constexpr Duration kBootstrapTimeout = std::chrono::seconds(2);

using Timeout = std::optional<double>;
using Partitions = std::vector<TopicPartition>;
using PythonPartitions = std::vector<PythonPartition>;
using Times = std::map<TopicPartition, std::optional<OffsetAndTimestamp>>;

Partitions to_partitions(const PythonPartitions& pairs) {
  Partitions partitions;
  for (const PythonPartition& pair : pairs) partitions.push_back(to_partition(pair));
  return partitions;
}

py::set to_set(const std::set<TopicPartition>& partitions) {
  py::set set;
  for (const TopicPartition& partition : partitions)
    set.add(py::make_tuple(partition.topic, partition.partition));
  return set;
}

/// No timeout: the client's default.api.timeout.ms.
std::optional<Instant> api_deadline(Process& process, Timeout timeout) {
  if (!timeout) return {};
  return deadline_in(process, timeout);
}

class SimConsumer {
 public:
  SimConsumer(std::shared_ptr<SimHost> host, std::string node)
      : host_(std::move(host)), node_(std::move(node)) {}

  /// Runs fn(consumer, process) on the consumer's node; fn holds copies.
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

  py::dict poll(double timeout, std::optional<int32_t> max_records) {
    if (core().assignment().empty() && core().subscription().empty())
      throw KafkaException(ErrorCode::kNone, "nothing to read: call subscribe() or assign() first");
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
  /// Topics by pattern: asked first, chosen in Python.
  void subscribe(const std::vector<std::string>& topics,
                 const std::optional<std::string>& pattern) {
    std::vector<std::string> chosen = topics;
    if (pattern) {
      const py::object matches = py::module_::import("re").attr("compile")(*pattern).attr("match");
      for (const std::string& name : topic_names()) {
        if (!name.starts_with("__") && !matches(name).is_none()) chosen.push_back(name);
      }
    }
    run("subscribe", [chosen](KafkaConsumer& c, Process&) { c.subscribe(chosen); });
  }
  std::set<std::string> topic_names() {
    return run("topics", [](KafkaConsumer& c, Process&) {
      std::set<std::string> names;
      for (const auto& [name, partitions] : c.list_topics()) names.insert(name);
      return names;
    });
  }
  bool connected() {
    for (const NodeConnection& connection : core().connections().connections()) {
      if (connection.connected) return true;
    }
    return false;
  }
  KafkaConsumer& core() { return *host_->simulation().process(node_).consumer; }
  const std::string& node() const { return node_; }

 private:
  std::shared_ptr<SimHost> host_;
  std::string node_;
  RecordMaker maker_;
};

py::dict offsets_to_dict(const KafkaConsumer::Offsets& offsets) {
  py::dict dict;
  for (const auto& [partition, offset] : offsets)
    dict[py::make_tuple(partition.topic, partition.partition)] = offset;
  return dict;
}

py::dict times_to_dict(const Times& times) {
  py::dict dict;
  for (const auto& [partition, entry] : times) {
    const py::tuple key = py::make_tuple(partition.topic, partition.partition);
    if (entry) {
      dict[key] = py::make_tuple(entry->offset, entry->timestamp, entry->leader_epoch);
    } else {
      dict[key] = py::none();
    }
  }
  return dict;
}

void define_assignment(py::class_<SimConsumer>& cls) {
  cls.def("subscribe", &SimConsumer::subscribe, py::arg("topics"), py::arg("pattern") = py::none())
      .def("unsubscribe",
           [](SimConsumer& s) {
             s.run("unsubscribe", [](KafkaConsumer& c, Process&) { c.unsubscribe(); });
           })
      .def("subscription", [](SimConsumer& s) { return s.core().subscription(); })
      .def(
          "assign",
          [](SimConsumer& s, const PythonPartitions& partitions) {
            s.run("assign",
                  [all = to_partitions(partitions)](KafkaConsumer& c, Process&) { c.assign(all); });
          },
          py::arg("partitions"))
      .def("assignment", [](SimConsumer& s) { return to_set(s.core().assignment()); })
      .def(
          "pause",
          [](SimConsumer& s, const PythonPartitions& partitions) {
            s.run("pause",
                  [all = to_partitions(partitions)](KafkaConsumer& c, Process&) { c.pause(all); });
          },
          py::arg("partitions"))
      .def(
          "resume",
          [](SimConsumer& s, const PythonPartitions& partitions) {
            s.run("resume",
                  [all = to_partitions(partitions)](KafkaConsumer& c, Process&) { c.resume(all); });
          },
          py::arg("partitions"))
      .def("paused", [](SimConsumer& s) { return to_set(s.core().paused()); });
}

void define_positions(py::class_<SimConsumer>& cls) {
  cls.def(
         "seek",
         [](SimConsumer& s, const PythonPartition& partition, Offset offset) {
           s.run("seek", [tp = to_partition(partition), offset](KafkaConsumer& c, Process&) {
             c.seek(tp, offset);
           });
         },
         py::arg("partition"), py::arg("offset"))
      .def(
          "seek_to_beginning",
          [](SimConsumer& s, const PythonPartitions& partitions) {
            s.run("seek_to_beginning",
                  [all = to_partitions(partitions)](KafkaConsumer& c, Process&) {
                    c.seek_to_beginning(all);
                  });
          },
          py::arg("partitions"))
      .def(
          "seek_to_end",
          [](SimConsumer& s, const PythonPartitions& partitions) {
            s.run("seek_to_end", [all = to_partitions(partitions)](KafkaConsumer& c, Process&) {
              c.seek_to_end(all);
            });
          },
          py::arg("partitions"))
      .def(
          "position",
          [](SimConsumer& s, const PythonPartition& partition, Timeout timeout) {
            return s.run("position",
                         [tp = to_partition(partition), timeout](KafkaConsumer& c, Process& p) {
                           return c.position(tp, api_deadline(p, timeout));
                         });
          },
          py::arg("partition"), py::arg("timeout") = py::none())
      .def(
          "highwater",
          [](SimConsumer& s, const PythonPartition& p) {
            return s.core().highwater(to_partition(p));
          },
          py::arg("partition"));
}

void define_offsets(py::class_<SimConsumer>& cls) {
  cls.def(
         "beginning_offsets",
         [](SimConsumer& s, const PythonPartitions& partitions, Timeout timeout) {
           return offsets_to_dict(
               s.run("beginning_offsets",
                     [all = to_partitions(partitions), timeout](KafkaConsumer& c, Process& p) {
                       return c.beginning_offsets(all, api_deadline(p, timeout));
                     }));
         },
         py::arg("partitions"), py::arg("timeout") = py::none())
      .def(
          "end_offsets",
          [](SimConsumer& s, const PythonPartitions& partitions, Timeout timeout) {
            return offsets_to_dict(s.run("end_offsets", [all = to_partitions(partitions), timeout](
                                                            KafkaConsumer& c, Process& p) {
              return c.end_offsets(all, api_deadline(p, timeout));
            }));
          },
          py::arg("partitions"), py::arg("timeout") = py::none())
      .def(
          "offsets_for_times",
          [](SimConsumer& s, const std::map<PythonPartition, TimestampMs>& times, Timeout timeout) {
            std::map<TopicPartition, TimestampMs> wanted;
            for (const auto& [pair, time] : times) wanted[to_partition(pair)] = time;
            return times_to_dict(
                s.run("offsets_for_times", [wanted, timeout](KafkaConsumer& c, Process& p) {
                  return c.offsets_for_times(wanted, api_deadline(p, timeout));
                }));
          },
          py::arg("timestamps"), py::arg("timeout") = py::none())
      .def(
          "partitions_for_topic",
          [](SimConsumer& s, const std::string& topic) {
            const auto found = s.run("partitions_for_topic", [topic](KafkaConsumer& c, Process&) {
              std::set<int32_t> indexes;
              for (const PartitionInfo& info : c.partitions_for(topic))
                indexes.insert(info.partition);
              return indexes;
            });
            return found.empty() ? py::object(py::none()) : py::cast(found);
          },
          py::arg("topic"))
      .def("topics", &SimConsumer::topic_names);
}

}  // namespace

void init_sim_consumer(py::module_& m) {
  py::class_<SimConsumer> cls(m, "SimConsumer");
  cls.def(py::init([](const std::shared_ptr<SimHost>& host, const std::string& node,
                      const ConfigMap& config) {
            host->simulation().add_consumer(node, config);
            return std::make_unique<SimConsumer>(host, node);
          }),
          py::arg("simulation"), py::arg("node"), py::arg("config"))
      .def("bootstrap",
           [](SimConsumer& s) {
             s.run("bootstrap", [](KafkaConsumer& c, Process&) { c.bootstrap(kBootstrapTimeout); });
           })
      .def("poll", &SimConsumer::poll, py::arg("timeout"), py::arg("max_records") = py::none())
      .def("wakeup",
           [](SimConsumer& s) { s.run("wakeup", [](KafkaConsumer& c, Process&) { c.wakeup(); }); })
      .def("connected", &SimConsumer::connected)
      .def("metrics", [](SimConsumer& s) { return metrics_to_dict(s.core().metrics()); })
      .def("to_dict", [](SimConsumer& s) { return consumer_to_dict(s.core().describe()); })
      .def("close", &SimConsumer::close, py::arg("timeout") = py::none())
      .def_property_readonly("node", &SimConsumer::node)
      .def_property_readonly("client_id", [](SimConsumer& s) { return s.core().client_id(); });
  define_assignment(cls);
  define_positions(cls);
  define_offsets(cls);
}

}  // namespace kafkascope::bindings
