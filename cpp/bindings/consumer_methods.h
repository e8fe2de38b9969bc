// What _core.Consumer and _core.SimConsumer share: the methods of KafkaConsumer, over two ways to
// run them.
#pragma once

#include <pybind11/stl.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "bindings/casters.h"
#include "bindings/client_dicts.h"
#include "clients/consumer/kafka_consumer.h"

namespace kafkascope::bindings {

using Timeout = std::optional<double>;
using Deadline = std::optional<Instant>;
using PythonPartitions = std::vector<PythonPartition>;

constexpr Duration kBootstrapTimeout = std::chrono::seconds(2);

std::vector<TopicPartition> to_partitions(const PythonPartitions& pairs);
pybind11::set to_set(const std::set<TopicPartition>& partitions);
pybind11::dict offsets_to_dict(const KafkaConsumer::Offsets& offsets);
pybind11::dict times_to_dict(
    const std::map<TopicPartition, std::optional<OffsetAndTimestamp>>& times);
/// The topics that a pattern of Python's `re` matches from their start; internal ones never.
std::vector<std::string> matching_topics(const std::set<std::string>& topics,
                                         const std::string& pattern);
std::set<std::string> topic_names(KafkaConsumer& consumer);
bool is_connected(const KafkaConsumer& consumer);
/// Throws when neither subscribe() nor assign() was called.
void require_assignment(const KafkaConsumer& consumer);

/// C has
///   core(): the KafkaConsumer, to look at;
///   at_once(name, fn(KafkaConsumer&)): runs what does not wait;
///   waiting(name, timeout, fn(KafkaConsumer&, Deadline)): runs what may.
/// Both give what fn gave. fn holds copies: a simulation runs it again when it goes back in time.
template <typename C>
void define_assignment(pybind11::class_<C>& cls) {
  namespace py = pybind11;
  const auto partitions = py::arg("partitions");
  cls.def(
         "subscribe",
         [](C& c, const std::vector<std::string>& topics,
            const std::optional<std::string>& pattern) {
           std::vector<std::string> chosen = topics;
           if (pattern) {
             chosen = matching_topics(
                 c.waiting("topics", {}, [](auto& k, Deadline) { return topic_names(k); }),
                 *pattern);
           }
           c.at_once("subscribe", [chosen](auto& k) { k.subscribe(chosen); });
         },
         py::arg("topics"), py::arg("pattern") = py::none())
      .def("unsubscribe", [](C& c) { c.at_once("unsubscribe", [](auto& k) { k.unsubscribe(); }); })
      .def("subscription", [](C& c) { return c.core().subscription(); })
      .def(
          "assign",
          [](C& c, const PythonPartitions& p) {
            c.at_once("assign", [all = to_partitions(p)](auto& k) { k.assign(all); });
          },
          partitions)
      .def("assignment", [](C& c) { return to_set(c.core().assignment()); })
      .def(
          "pause",
          [](C& c, const PythonPartitions& p) {
            c.at_once("pause", [all = to_partitions(p)](auto& k) { k.pause(all); });
          },
          partitions)
      .def(
          "resume",
          [](C& c, const PythonPartitions& p) {
            c.at_once("resume", [all = to_partitions(p)](auto& k) { k.resume(all); });
          },
          partitions)
      .def("paused", [](C& c) { return to_set(c.core().paused()); });
}

template <typename C>
void define_positions(pybind11::class_<C>& cls) {
  namespace py = pybind11;
  cls.def(
         "seek",
         [](C& c, const PythonPartition& p, Offset offset) {
           c.at_once("seek", [tp = to_partition(p), offset](auto& k) { k.seek(tp, offset); });
         },
         py::arg("partition"), py::arg("offset"))
      .def(
          "seek_to_beginning",
          [](C& c, const PythonPartitions& p) {
            c.at_once("seek_to_beginning",
                      [all = to_partitions(p)](auto& k) { k.seek_to_beginning(all); });
          },
          py::arg("partitions"))
      .def(
          "seek_to_end",
          [](C& c, const PythonPartitions& p) {
            c.at_once("seek_to_end", [all = to_partitions(p)](auto& k) { k.seek_to_end(all); });
          },
          py::arg("partitions"))
      .def(
          "position",
          [](C& c, const PythonPartition& p, Timeout timeout) {
            return c.waiting("position", timeout, [tp = to_partition(p)](auto& k, Deadline d) {
              return k.position(tp, d);
            });
          },
          py::arg("partition"), py::arg("timeout") = py::none())
      .def(
          "highwater",
          [](C& c, const PythonPartition& p) { return c.core().highwater(to_partition(p)); },
          py::arg("partition"));
}

template <typename C>
void define_offsets(pybind11::class_<C>& cls) {
  namespace py = pybind11;
  cls.def(
         "beginning_offsets",
         [](C& c, const PythonPartitions& p, Timeout timeout) {
           return offsets_to_dict(c.waiting("beginning_offsets", timeout,
                                            [all = to_partitions(p)](auto& k, Deadline d) {
                                              return k.beginning_offsets(all, d);
                                            }));
         },
         py::arg("partitions"), py::arg("timeout") = py::none())
      .def(
          "end_offsets",
          [](C& c, const PythonPartitions& p, Timeout timeout) {
            return offsets_to_dict(c.waiting(
                "end_offsets", timeout,
                [all = to_partitions(p)](auto& k, Deadline d) { return k.end_offsets(all, d); }));
          },
          py::arg("partitions"), py::arg("timeout") = py::none())
      .def(
          "offsets_for_times",
          [](C& c, const std::map<PythonPartition, TimestampMs>& times, Timeout timeout) {
            std::map<TopicPartition, TimestampMs> wanted;
            for (const auto& [pair, time] : times) wanted[to_partition(pair)] = time;
            return times_to_dict(c.waiting(
                "offsets_for_times", timeout,
                [wanted](auto& k, Deadline d) { return k.offsets_for_times(wanted, d); }));
          },
          py::arg("timestamps"), py::arg("timeout") = py::none());
}

template <typename C>
void define_topics(pybind11::class_<C>& cls) {
  namespace py = pybind11;
  cls.def(
         "partitions_for_topic",
         [](C& c, const std::string& topic) {
           const auto found = c.waiting("partitions_for_topic", {}, [topic](auto& k, Deadline d) {
             std::set<int32_t> indexes;
             for (const auto& info : k.partitions_for(topic, d)) indexes.insert(info.partition);
             return indexes;
           });
           return found.empty() ? py::object(py::none()) : py::cast(found);
         },
         py::arg("topic"))
      .def("topics", [](C& c) {
        return c.waiting("topics", {}, [](auto& k, Deadline) { return topic_names(k); });
      });
}

template <typename C>
void define_consumer_methods(pybind11::class_<C>& cls) {
  namespace py = pybind11;
  cls.def("bootstrap",
          [](C& c) {
            c.waiting("bootstrap", {}, [](auto& k, Deadline) { k.bootstrap(kBootstrapTimeout); });
          })
      .def("poll", &C::poll, py::arg("timeout"), py::arg("max_records") = py::none())
      .def("wakeup", [](C& c) { c.at_once("wakeup", [](auto& k) { k.wakeup(); }); })
      .def("connected", [](C& c) { return is_connected(c.core()); })
      .def("metrics", [](C& c) { return metrics_to_dict(c.core().metrics()); })
      .def("to_dict", [](C& c) { return consumer_to_dict(c.core().describe()); })
      .def("close", &C::close, py::arg("timeout") = py::none())
      .def_property_readonly("client_id", [](C& c) { return c.core().client_id(); });
  define_assignment(cls);
  define_positions(cls);
  define_offsets(cls);
  define_topics(cls);
}

}  // namespace kafkascope::bindings
