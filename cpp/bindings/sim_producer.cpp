// SimProducer: a KafkaProducer in a simulation, with the methods of _core.Producer.
#include <pybind11/stl.h>

#include "bindings/call_partitioner.h"
#include "bindings/casters.h"
#include "bindings/client_dicts.h"
#include "bindings/init.h"
#include "bindings/sim_host.h"
#include "clients/producer/kafka_producer.h"
#include "clients/producer/partitioner.h"

namespace py = pybind11;

namespace kafkascope::bindings {
namespace {

constexpr Duration kBootstrapTimeout = std::chrono::seconds(2);

using Headers = std::vector<std::pair<std::string, std::optional<std::string>>>;
using Timeout = std::optional<double>;

/// A record with bytes of its own, for every replay.
struct OwnedRecord {
  std::string topic;
  std::optional<int32_t> partition;
  std::optional<int64_t> timestamp;
  std::optional<std::string> key, value;
  Headers headers;
};

std::optional<ByteView> view_of(const std::optional<std::string>& text) {
  return text ? std::optional<ByteView>(as_bytes(*text)) : std::nullopt;
}

FutureRecordMetadata send_now(KafkaProducer& producer, const OwnedRecord& record) {
  std::vector<ProducerHeader> headers;
  for (const auto& [name, data] : record.headers) headers.push_back({name, view_of(data)});
  return producer.send({.topic = record.topic,
                        .partition = record.partition,
                        .timestamp = record.timestamp,
                        .key = view_of(record.key),
                        .value = view_of(record.value),
                        .headers = headers});
}

/// A Python function as the Partitioner, called on Python's stack.
class OutsidePartitioner : public Partitioner {
 public:
  OutsidePartitioner(Node& node, SharedObject function)
      : node_(node), function_(std::move(function)) {}

  PartitionIndex partition(std::string_view topic, std::optional<ByteView> key,
                           std::optional<ByteView>, const Cluster& cluster) override {
    PartitionIndex chosen = 0;
    node_.outside([&] {
      const py::gil_scoped_acquire acquired;
      try {
        chosen = call_partitioner(*function_, topic, key, cluster);
      } catch (const py::error_already_set& error) {
        // The Python exception may not travel over a fiber's stack; its words may.
        throw KafkaException(ErrorCode::kInvalidRequest,
                             std::string("partitioner: ") + error.what());
      }
    });
    return chosen;
  }

 private:
  Node& node_;
  const SharedObject function_;
};

/// The outcome of a record that a simulated producer sent.
class SimFuture {
 public:
  SimFuture(std::shared_ptr<SimHost> host, std::string node, Simulation::CallId sent)
      : host_(std::move(host)), node_(std::move(node)), sent_(sent) {}

  py::object get(Timeout timeout) {
    const auto outcome = host_->run(
        node_, "get", [sent = sent_, timeout](Simulation& s, Process& process) -> std::any {
          const auto future = std::any_cast<FutureRecordMetadata>(s.result(sent));
          if (!future.wait_until(deadline_in(process, timeout)))
            throw KafkaException(ErrorCode::kRequestTimedOut, "the record is not acknowledged yet");
          return future.get();
        });
    return unpack(std::any_cast<Result<RecordMetadata>>(outcome));
  }
  bool done() const { return future().done(); }
  bool succeeded() const { return done() && future().get().ok(); }
  bool failed() const { return done() && !future().get().ok(); }
  py::object value() const { return succeeded() ? to_python(*future().get()) : py::none(); }
  py::object exception() const {
    return failed() ? to_exception(future().get().error()) : py::none();
  }
  /// Calls back when the record is done, at that turn; a replay does not tell what was told.
  void call_back(const py::object& function, bool on_success) {
    const SharedObject held = share(function);
    host_->simulation().start(
        node_, "callback",
        [sent = sent_, held, on_success](Simulation& s, Process& process) -> std::any {
          const auto outcome = std::any_cast<FutureRecordMetadata>(s.result(sent)).get();
          if (s.replaying() || outcome.ok() != on_success) return {};
          process.node->outside([&] {
            const py::gil_scoped_acquire acquired;
            try {
              (*held)(on_success ? to_python(*outcome) : to_exception(outcome.error()));
            } catch (py::error_already_set& error) {
              error.discard_as_unraisable("a producer's callback");
            }
          });
          return {};
        });
  }

 private:
  FutureRecordMetadata future() const {
    return std::any_cast<FutureRecordMetadata>(host_->simulation().result(sent_));
  }
  static py::object unpack(const Result<RecordMetadata>& outcome) {
    if (outcome.ok()) return to_python(*outcome);
    const py::object exception = to_exception(outcome.error());
    PyErr_SetObject(py::type::of(exception).ptr(), exception.ptr());
    throw py::error_already_set();
  }

  std::shared_ptr<SimHost> host_;
  std::string node_;
  Simulation::CallId sent_;
};

std::optional<std::string> bytes_of(const py::handle& object, const char* name) {
  if (object.is_none()) return std::nullopt;
  if (PyObject_CheckBuffer(object.ptr()) == 0) {
    throw py::type_error(
        std::string(name) + ": expected bytes, bytearray, memoryview or None; got " +
        Py_TYPE(object.ptr())->tp_name + "; pass " + name + "_serializer=JsonSerializer()");
  }
  return py::bytes(py::reinterpret_steal<py::object>(PyBytes_FromObject(object.ptr())))
      .cast<std::string>();
}

class SimProducer {
 public:
  SimProducer(std::shared_ptr<SimHost> host, std::string node)
      : host_(std::move(host)), node_(std::move(node)) {}

  void bootstrap() {
    host_->run(node_, "bootstrap", [](Simulation&, Process& p) -> std::any {
      p.producer->bootstrap(kBootstrapTimeout);
      return {};
    });
  }
  SimFuture send(const std::string& topic, const py::object& value, const py::object& key,
                 const py::object& headers, std::optional<int32_t> partition,
                 std::optional<int64_t> timestamp) {
    const auto record = std::make_shared<const OwnedRecord>(
        OwnedRecord{topic, partition, timestamp, bytes_of(key, "key"), bytes_of(value, "value"),
                    headers.is_none() ? Headers{} : headers.cast<Headers>()});
    const Simulation::CallId sent = host_->call(
        node_, "send",
        [record](Simulation&, Process& p) -> std::any { return send_now(*p.producer, *record); });
    return {host_, node_, sent};
  }
  void flush(Timeout timeout) {
    const auto flushed = host_->run(node_, "flush", [timeout](Simulation&, Process& p) -> std::any {
      return p.producer->flush(deadline_in(p, timeout));
    });
    if (!std::any_cast<bool>(flushed)) {
      throw KafkaException(ErrorCode::kRequestTimedOut,
                           "records are still on their way; " + core().connections().explain());
    }
  }
  std::set<int32_t> partitions_for(const std::string& topic) {
    const auto found =
        host_->run(node_, "partitions_for", [topic](Simulation&, Process& p) -> std::any {
          std::set<int32_t> indexes;
          for (const PartitionInfo& info : p.producer->partitions_for(topic))
            indexes.insert(info.partition);
          return indexes;
        });
    return std::any_cast<std::set<int32_t>>(found);
  }
  void close(Timeout timeout) {
    if (!host_->simulation().is_running(node_)) return;
    host_->run(node_, "close", [timeout](Simulation&, Process& p) -> std::any {
      p.producer->close(timeout ? deadline_in(p, timeout) - p.node->clock().monotonic()
                                : Duration::max());
      return {};
    });
    host_->simulation().stop(node_);
  }
  bool connected() {
    for (const NodeConnection& connection : core().connections().connections()) {
      if (connection.connected) return true;
    }
    return false;
  }
  KafkaProducer& core() { return *host_->simulation().process(node_).producer; }
  const std::string& node() const { return node_; }

 private:
  std::shared_ptr<SimHost> host_;
  std::string node_;
};

}  // namespace

void init_sim_producer(py::module_& m) {
  py::class_<SimFuture>(m, "SimFuture", "The outcome of one record of a simulation.")
      .def("get", &SimFuture::get, py::arg("timeout") = py::none(),
           "Turns until the record is acknowledged, up to `timeout` seconds of virtual time.")
      .def(
          "add_callback",
          [](SimFuture& f, const py::object& callback) -> SimFuture& {
            f.call_back(callback, true);
            return f;
          },
          py::arg("callback"), py::return_value_policy::reference)
      .def(
          "add_errback",
          [](SimFuture& f, const py::object& errback) -> SimFuture& {
            f.call_back(errback, false);
            return f;
          },
          py::arg("errback"), py::return_value_policy::reference)
      .def("succeeded", &SimFuture::succeeded)
      .def("failed", &SimFuture::failed)
      .def_property_readonly("is_done", &SimFuture::done)
      .def_property_readonly("value", &SimFuture::value)
      .def_property_readonly("exception", &SimFuture::exception);
  py::class_<SimProducer>(m, "SimProducer")
      .def(py::init([](const std::shared_ptr<SimHost>& host, const std::string& node,
                       const ConfigMap& config, const py::object& partitioner) {
             PartitionerFactory factory;
             if (!partitioner.is_none()) {
               factory = [held = share(partitioner)](Node& where) {
                 return std::make_shared<OutsidePartitioner>(where, held);
               };
             }
             host->simulation().add_producer(node, config, factory);
             return std::make_unique<SimProducer>(host, node);
           }),
           py::arg("simulation"), py::arg("node"), py::arg("config"),
           py::arg("partitioner") = py::none())
      .def("bootstrap", &SimProducer::bootstrap)
      .def("send", &SimProducer::send, py::arg("topic"), py::arg("value") = py::none(),
           py::arg("key") = py::none(), py::arg("headers") = py::none(),
           py::arg("partition") = py::none(), py::arg("timestamp_ms") = py::none())
      .def("flush", &SimProducer::flush, py::arg("timeout") = py::none())
      .def("partitions_for", &SimProducer::partitions_for, py::arg("topic"))
      .def("connected", &SimProducer::connected)
      .def("metrics", [](SimProducer& p) { return metrics_to_dict(p.core().metrics()); })
      .def("to_dict", [](SimProducer& p) { return producer_to_dict(p.core().describe()); })
      .def("close", &SimProducer::close, py::arg("timeout") = py::none())
      .def_property_readonly("node", &SimProducer::node)
      .def_property_readonly("client_id", [](SimProducer& p) { return p.core().client_id(); });
}

}  // namespace kafkascope::bindings
