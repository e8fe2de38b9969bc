// Consumer: KafkaConsumer over bytes; records become ConsumerRecord tuples.
#include <pybind11/stl.h>

#include "bindings/casters.h"
#include "bindings/client_dicts.h"
#include "bindings/host.h"
#include "bindings/init.h"
#include "bindings/record_maker.h"
#include "clients/consumer/kafka_consumer.h"
#include "clients/wakeup_exception.h"

namespace py = pybind11;

namespace kafkascope::bindings {
namespace {

constexpr Duration kBootstrapTimeout = std::chrono::seconds(2);

std::vector<TopicPartition> to_partitions(const std::vector<PythonPartition>& pairs) {
  std::vector<TopicPartition> partitions;
  for (const PythonPartition& pair : pairs) partitions.push_back(to_partition(pair));
  return partitions;
}

py::set to_set(const std::set<TopicPartition>& partitions) {
  py::set set;
  for (const TopicPartition& partition : partitions)
    set.add(py::make_tuple(partition.topic, partition.partition));
  return set;
}

class Consumer {
 public:
  explicit Consumer(const ConfigMap& config) : node_(make_real_node("consumer")) {
    consumer_ = std::make_unique<KafkaConsumer>(*node_, ConsumerConfig::parse(config));
  }
  ~Consumer() { close(0.0); }

  void bootstrap() {
    interruptible([this] { consumer_->bootstrap(kBootstrapTimeout); });
  }

  py::dict poll(double timeout, std::optional<int32_t> max_records) {
    require_assignment();
    ConsumerRecords records;
    const int32_t limit = max_records.value_or(consumer_->config().max_poll_records);
    try {
      run_in_slices(*node_, timeout, [&](Instant deadline) {
        records = consumer_->poll(deadline, limit);
        return !records.empty();
      });
    } catch (const WakeupException&) {
      return py::dict();
    }
    return maker_.to_dict(records);
  }

  /// Runs a call that waits, so that Ctrl-C ends it.
  void interruptible(const std::function<void()>& fn) {
    run_interruptible(*node_, fn, [this] { consumer_->wakeup(); });
  }
  template <typename T>
  T wait_for(const std::function<T(std::optional<Instant>)>& fn, std::optional<double> timeout) {
    std::optional<Instant> deadline;
    if (timeout) deadline = deadline_after(node_->clock().monotonic(), seconds(timeout));
    T result{};
    interruptible([&] { result = fn(deadline); });
    return result;
  }

  void close(std::optional<double> timeout) {
    if (std::exchange(closed_, true)) return;
    const py::gil_scoped_release released;
    consumer_->close(seconds(timeout.value_or(5.0)));
  }
  bool connected() const {
    for (const NodeConnection& connection : consumer_->connections().connections()) {
      if (connection.connected) return true;
    }
    return false;
  }
  KafkaConsumer& core() {
    if (closed_) throw KafkaException(ErrorCode::kNone, "the consumer is closed");
    return *consumer_;
  }

 private:
  void require_assignment() {
    if (closed_) throw KafkaException(ErrorCode::kNone, "the consumer is closed");
    if (consumer_->assignment().empty() && consumer_->subscription().empty()) {
      throw KafkaException(ErrorCode::kNone, "nothing to read: call subscribe() or assign() first");
    }
  }

  std::unique_ptr<Node> node_;
  std::unique_ptr<KafkaConsumer> consumer_;
  RecordMaker maker_;
  bool closed_ = false;
};

py::dict offsets_to_dict(const KafkaConsumer::Offsets& offsets) {
  py::dict dict;
  for (const auto& [partition, offset] : offsets)
    dict[py::make_tuple(partition.topic, partition.partition)] = offset;
  return dict;
}

void define_positions(py::class_<Consumer>& cls) {
  using Partitions = std::vector<PythonPartition>;
  using Timeout = std::optional<double>;
  cls.def(
         "seek",
         [](Consumer& c, const PythonPartition& p, Offset offset) {
           c.core().seek(to_partition(p), offset);
         },
         py::arg("partition"), py::arg("offset"))
      .def(
          "seek_to_beginning",
          [](Consumer& c, const Partitions& p) { c.core().seek_to_beginning(to_partitions(p)); },
          py::arg("partitions"))
      .def(
          "seek_to_end",
          [](Consumer& c, const Partitions& p) { c.core().seek_to_end(to_partitions(p)); },
          py::arg("partitions"))
      .def(
          "pause", [](Consumer& c, const Partitions& p) { c.core().pause(to_partitions(p)); },
          py::arg("partitions"))
      .def(
          "resume", [](Consumer& c, const Partitions& p) { c.core().resume(to_partitions(p)); },
          py::arg("partitions"))
      .def("paused", [](Consumer& c) { return to_set(c.core().paused()); })
      .def(
          "position",
          [](Consumer& c, const PythonPartition& p, Timeout timeout) {
            return c.wait_for<Offset>(
                [&](auto deadline) { return c.core().position(to_partition(p), deadline); },
                timeout);
          },
          py::arg("partition"), py::arg("timeout") = py::none())
      .def(
          "beginning_offsets",
          [](Consumer& c, const Partitions& p, Timeout timeout) {
            return offsets_to_dict(c.wait_for<KafkaConsumer::Offsets>(
                [&](auto deadline) {
                  return c.core().beginning_offsets(to_partitions(p), deadline);
                },
                timeout));
          },
          py::arg("partitions"), py::arg("timeout") = py::none())
      .def(
          "end_offsets",
          [](Consumer& c, const Partitions& p, Timeout timeout) {
            return offsets_to_dict(c.wait_for<KafkaConsumer::Offsets>(
                [&](auto deadline) { return c.core().end_offsets(to_partitions(p), deadline); },
                timeout));
          },
          py::arg("partitions"), py::arg("timeout") = py::none())
      .def(
          "offsets_for_times",
          [](Consumer& c, const std::map<PythonPartition, TimestampMs>& times, Timeout timeout) {
            std::map<TopicPartition, TimestampMs> wanted;
            for (const auto& [pair, time] : times) wanted[to_partition(pair)] = time;
            using Found = std::map<TopicPartition, std::optional<OffsetAndTimestamp>>;
            const Found found = c.wait_for<Found>(
                [&](auto deadline) { return c.core().offsets_for_times(wanted, deadline); },
                timeout);
            py::dict dict;
            for (const auto& [partition, entry] : found) {
              const py::tuple key = py::make_tuple(partition.topic, partition.partition);
              if (entry) {
                dict[key] = py::make_tuple(entry->offset, entry->timestamp, entry->leader_epoch);
              } else {
                dict[key] = py::none();
              }
            }
            return dict;
          },
          py::arg("timestamps"), py::arg("timeout") = py::none())
      .def(
          "highwater",
          [](Consumer& c, const PythonPartition& p) { return c.core().highwater(to_partition(p)); },
          py::arg("partition"));
}

}  // namespace

void init_consumer(py::module_& m) {
  py::class_<Consumer> cls(m, "Consumer");
  cls.def(py::init<const ConfigMap&>(), py::arg("config"))
      .def("bootstrap", &Consumer::bootstrap)
      .def(
          "subscribe",
          [](Consumer& c, const std::vector<std::string>& topics,
             const std::optional<std::string>& pattern) {
            if (!pattern) return c.core().subscribe(topics);
            const py::object matches =
                py::module_::import("re").attr("compile")(*pattern).attr("match");
            std::map<std::string, std::vector<PartitionInfo>> all;
            c.interruptible([&] { all = c.core().list_topics(); });
            std::vector<std::string> chosen;
            for (const auto& [name, partitions] : all) {
              if (!name.starts_with("__") && !matches(name).is_none()) chosen.push_back(name);
            }
            c.core().subscribe(chosen);
          },
          py::arg("topics"), py::arg("pattern") = py::none())
      .def("unsubscribe", [](Consumer& c) { c.core().unsubscribe(); })
      .def("subscription", [](Consumer& c) { return c.core().subscription(); })
      .def(
          "assign",
          [](Consumer& c, const std::vector<PythonPartition>& p) {
            c.core().assign(to_partitions(p));
          },
          py::arg("partitions"))
      .def("assignment", [](Consumer& c) { return to_set(c.core().assignment()); })
      .def("poll", &Consumer::poll, py::arg("timeout"), py::arg("max_records") = py::none())
      .def(
          "partitions_for_topic",
          [](Consumer& c, const std::string& topic) {
            std::vector<PartitionInfo> found;
            c.interruptible([&] { found = c.core().partitions_for(topic); });
            std::set<int32_t> indexes;
            for (const PartitionInfo& info : found) indexes.insert(info.partition);
            return found.empty() ? py::object(py::none()) : py::cast(indexes);
          },
          py::arg("topic"))
      .def("topics",
           [](Consumer& c) {
             std::map<std::string, std::vector<PartitionInfo>> all;
             c.interruptible([&] { all = c.core().list_topics(); });
             std::set<std::string> names;
             for (const auto& [name, partitions] : all) names.insert(name);
             return names;
           })
      .def("wakeup", [](Consumer& c) { c.core().wakeup(); })
      .def("connected", &Consumer::connected)
      .def("metrics", [](Consumer& c) { return metrics_to_dict(c.core().metrics()); })
      .def("to_dict", [](Consumer& c) { return consumer_to_dict(c.core().describe()); })
      .def("close", &Consumer::close, py::arg("timeout") = py::none())
      .def_property_readonly("client_id", [](Consumer& c) { return c.core().client_id(); });
  define_positions(cls);
}

}  // namespace kafkascope::bindings
