// Producer: KafkaProducer over bytes, and the future that send() returns.
#include <pybind11/functional.h>
#include <pybind11/stl.h>

#include <set>

#include "bindings/callback_thread.h"
#include "bindings/casters.h"
#include "bindings/client_dicts.h"
#include "bindings/host.h"
#include "bindings/init.h"
#include "clients/producer/kafka_producer.h"
#include "clients/producer/partitioner.h"

namespace py = pybind11;

namespace kafkascope::bindings {
namespace {

constexpr Duration kBootstrapTimeout = std::chrono::seconds(2);

/// bytes, bytearray or memoryview as a view; None as nothing. Holds the buffer as long as it lives.
class BytesArgument {
 public:
  BytesArgument(const py::handle& object, const char* name) {
    if (object.is_none()) return;
    if (PyBytes_Check(object.ptr())) {
      view_.emplace(reinterpret_cast<const uint8_t*>(PyBytes_AS_STRING(object.ptr())),
                    static_cast<size_t>(PyBytes_GET_SIZE(object.ptr())));
      return;
    }
    if (PyObject_CheckBuffer(object.ptr()) == 0 ||
        PyObject_GetBuffer(object.ptr(), &buffer_, PyBUF_SIMPLE) != 0) {
      PyErr_Clear();
      throw py::type_error(
          std::string(name) + ": expected bytes, bytearray, memoryview or None; got " +
          Py_TYPE(object.ptr())->tp_name + "; pass " + name + "_serializer=JsonSerializer()");
    }
    held_ = true;
    view_.emplace(static_cast<const uint8_t*>(buffer_.buf), static_cast<size_t>(buffer_.len));
  }
  ~BytesArgument() {
    if (held_) PyBuffer_Release(&buffer_);
  }
  BytesArgument(const BytesArgument&) = delete;
  BytesArgument& operator=(const BytesArgument&) = delete;
  const std::optional<ByteView>& view() const { return view_; }

 private:
  Py_buffer buffer_{};
  bool held_ = false;
  std::optional<ByteView> view_;
};

/// A Python function as the Partitioner: f(key, all partitions, available partitions).
class PythonPartitioner : public Partitioner {
 public:
  explicit PythonPartitioner(py::function function) : function_(std::move(function)) {}

  PartitionIndex partition(std::string_view topic, std::optional<ByteView> key,
                           std::optional<ByteView>, const Cluster& cluster) override {
    const py::gil_scoped_acquire acquired;
    std::vector<PartitionIndex> all;
    for (const PartitionInfo& info : cluster.partitions_for(topic)) all.push_back(info.partition);
    const py::object bytes = key ? py::object(to_bytes(*key)) : py::none();
    return function_(bytes, all, cluster.available_partitions(topic)).cast<PartitionIndex>();
  }

 private:
  py::function function_;
};

class Producer {
 public:
  Producer(const ConfigMap& config, const py::object& partitioner) {
    ProducerConfig parsed = ProducerConfig::parse(config);
    if (!partitioner.is_none())
      parsed.partitioner = std::make_shared<PythonPartitioner>(partitioner);
    node_ = make_real_node("producer");
    producer_ = std::make_unique<KafkaProducer>(*node_, std::move(parsed));
    callbacks_ = std::make_unique<CallbackThread>(*node_);
  }
  ~Producer() { close(0.0); }

  void bootstrap() {
    run_interruptible(*node_, [this] { producer_->bootstrap(kBootstrapTimeout); }, [] {});
  }

  ProducerFuture send(const std::string& topic, const py::object& value, const py::object& key,
                      const py::object& headers, std::optional<int32_t> partition,
                      std::optional<int64_t> timestamp) {
    if (closed_) throw KafkaException(ErrorCode::kNone, "the producer is closed");
    const BytesArgument value_bytes(value, "value");
    const BytesArgument key_bytes(key, "key");
    std::vector<std::pair<std::string, std::optional<std::string>>> pairs;
    if (!headers.is_none()) pairs = headers.cast<decltype(pairs)>();
    std::vector<ProducerHeader> header_views;
    for (const auto& [name, data] : pairs) {
      header_views.push_back(
          {name, data ? std::optional<ByteView>(as_bytes(*data)) : std::nullopt});
    }
    await_topic(topic);
    const py::gil_scoped_release released;
    return {callbacks_.get(), producer_->send({.topic = topic,
                                               .partition = partition,
                                               .timestamp = timestamp,
                                               .key = key_bytes.view(),
                                               .value = value_bytes.view(),
                                               .headers = header_views})};
  }

  void flush(std::optional<double> timeout) {
    if (!run_in_slices(*node_, timeout,
                       [this](Instant deadline) { return producer_->flush(deadline); })) {
      throw KafkaException(ErrorCode::kRequestTimedOut,
                           "records are still on their way; " + producer_->connections().explain());
    }
    const py::gil_scoped_release released;
    callbacks_->drain();
  }

  std::set<int32_t> partitions_for(const std::string& topic) {
    std::vector<PartitionInfo> found;
    run_interruptible(*node_, [&] { found = producer_->partitions_for(topic); }, [] {});
    std::set<int32_t> indexes;
    for (const PartitionInfo& info : found) indexes.insert(info.partition);
    return indexes;
  }

  void close(std::optional<double> timeout) {
    if (std::exchange(closed_, true)) return;
    if (!timeout)
      run_in_slices(*node_, timeout,
                    [this](Instant deadline) { return producer_->flush(deadline); });
    const py::gil_scoped_release released;
    producer_->close(seconds(timeout.value_or(5.0)));
    callbacks_->shutdown();
  }

  bool connected() const {
    for (const NodeConnection& connection : producer_->connections().connections()) {
      if (connection.connected) return true;
    }
    return false;
  }
  KafkaProducer& core() { return *producer_; }

 private:
  /// The first record to a topic may wait for its metadata: that wait can be interrupted.
  void await_topic(const std::string& topic) {
    if (known_topics_.contains(topic)) return;
    partitions_for(topic);
    known_topics_.insert(topic);
  }

  std::unique_ptr<Node> node_;
  std::unique_ptr<KafkaProducer> producer_;
  std::unique_ptr<CallbackThread> callbacks_;
  std::set<std::string> known_topics_;
  bool closed_ = false;
};

}  // namespace

void init_producer(py::module_& m) {
  py::class_<ProducerFuture>(m, "FutureRecordMetadata",
                             "The outcome of one record, when it is known.")
      .def("get", &ProducerFuture::get, py::arg("timeout") = py::none(),
           "Waits up to `timeout` seconds for RecordMetadata; raises what the broker answered.")
      .def("add_callback", &ProducerFuture::add_callback, py::arg("callback"),
           "Calls callback(*args, metadata, **kwargs) once the record is acknowledged; returns the "
           "future.")
      .def("add_errback", &ProducerFuture::add_errback, py::arg("errback"),
           "Calls errback(*args, exception, **kwargs) if the record fails; returns the future.")
      .def("succeeded", &ProducerFuture::succeeded)
      .def("failed", &ProducerFuture::failed)
      .def_property_readonly("is_done", &ProducerFuture::done)
      .def_property_readonly("value", &ProducerFuture::value)
      .def_property_readonly("exception", &ProducerFuture::exception);
  py::class_<Producer>(m, "Producer")
      .def(py::init<const ConfigMap&, const py::object&>(), py::arg("config"),
           py::arg("partitioner") = py::none())
      .def("bootstrap", &Producer::bootstrap)
      .def("send", &Producer::send, py::arg("topic"), py::arg("value") = py::none(),
           py::arg("key") = py::none(), py::arg("headers") = py::none(),
           py::arg("partition") = py::none(), py::arg("timestamp_ms") = py::none(),
           py::keep_alive<0, 1>())
      .def("flush", &Producer::flush, py::arg("timeout") = py::none())
      .def("partitions_for", &Producer::partitions_for, py::arg("topic"))
      .def("connected", &Producer::connected)
      .def("metrics", [](Producer& p) { return metrics_to_dict(p.core().metrics()); })
      .def("to_dict", [](Producer& p) { return producer_to_dict(p.core().describe()); })
      .def("close", &Producer::close, py::arg("timeout") = py::none())
      .def_property_readonly("client_id", [](Producer& p) { return p.core().client_id(); });
}

}  // namespace kafkascope::bindings
