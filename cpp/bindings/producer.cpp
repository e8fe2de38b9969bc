#include "bindings/producer.h"

#include <fmt/core.h>
#include <pybind11/stl.h>

#include "bindings/call_partitioner.h"
#include "bindings/casters.h"
#include "bindings/host.h"
#include "clients/producer/partitioner.h"

namespace py = pybind11;

namespace kafkascope::bindings {
namespace {

constexpr Duration kBootstrapTimeout = std::chrono::seconds(2);

bool is_given(PyObject* object) { return object != nullptr && object != Py_None; }

/// bytes, bytearray or memoryview as a view; None as nothing. Holds the buffer as long as it lives.
class BytesArgument {
 public:
  BytesArgument(PyObject* object, const char* name) {
    if (!is_given(object)) return;
    if (PyBytes_Check(object)) {
      view_.emplace(reinterpret_cast<const uint8_t*>(PyBytes_AS_STRING(object)),
                    static_cast<size_t>(PyBytes_GET_SIZE(object)));
      return;
    }
    if (PyObject_CheckBuffer(object) == 0 ||
        PyObject_GetBuffer(object, &buffer_, PyBUF_SIMPLE) != 0) {
      PyErr_Clear();
      throw py::type_error(
          std::string(name) + ": expected bytes, bytearray, memoryview or None; got " +
          Py_TYPE(object)->tp_name + "; pass " + name + "_serializer=JsonSerializer()");
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

std::string_view topic_of(PyObject* object) {
  Py_ssize_t size = 0;
  if (!PyUnicode_Check(object))
    throw py::type_error(fmt::format("topic: expected str; got {}", Py_TYPE(object)->tp_name));
  const char* text = PyUnicode_AsUTF8AndSize(object, &size);
  if (text == nullptr) throw py::error_already_set();
  return {text, static_cast<size_t>(size)};
}

template <typename Integer>
std::optional<Integer> integer_of(PyObject* object, const char* name) {
  if (!is_given(object)) return std::nullopt;
  if (!PyIndex_Check(object)) {
    throw py::type_error(
        fmt::format("{}: expected int or None; got {}", name, Py_TYPE(object)->tp_name));
  }
  const py::object index = py::reinterpret_steal<py::object>(PyNumber_Index(object));
  if (!index) throw py::error_already_set();
  const long long value = PyLong_AsLongLong(index.ptr());
  if (value == -1 && PyErr_Occurred() != nullptr) throw py::error_already_set();
  if (value != static_cast<Integer>(value))
    throw py::value_error(fmt::format("{}: {} is out of range", name, value));
  return static_cast<Integer>(value);
}

using Headers = std::vector<std::pair<std::string, std::optional<std::string>>>;

Headers headers_of(PyObject* object) {
  if (!is_given(object)) return {};
  try {
    return py::handle(object).cast<Headers>();
  } catch (const py::cast_error&) {
    throw py::type_error("headers: expected a sequence of (str, bytes) pairs");
  }
}

/// A Python function as the Partitioner: f(key, all partitions, available partitions).
class PythonPartitioner : public Partitioner {
 public:
  explicit PythonPartitioner(py::function function) : function_(std::move(function)) {}

  PartitionIndex partition(std::string_view topic, std::optional<ByteView> key,
                           std::optional<ByteView>, const Cluster& cluster) override {
    const py::gil_scoped_acquire acquired;
    return call_partitioner(function_, topic, key, cluster);
  }

 private:
  py::function function_;
};

}  // namespace

Producer::Producer(const ConfigMap& config, const py::object& partitioner) {
  ProducerConfig parsed = ProducerConfig::parse(config);
  parsed.while_waiting = [] {
    const py::gil_scoped_acquire acquired;
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
  };
  if (!partitioner.is_none()) parsed.partitioner = std::make_shared<PythonPartitioner>(partitioner);
  node_ = make_real_node("producer");
  producer_ = std::make_unique<KafkaProducer>(*node_, std::move(parsed));
  callbacks_ = std::make_unique<CallbackThread>(*node_);
}

Producer::~Producer() { close(0.0); }

void Producer::bootstrap() {
  run_interruptible(*node_, [this] { producer_->bootstrap(kBootstrapTimeout); }, [] {});
}

ProducerFuture Producer::send(const SendArguments& arguments) {
  if (closed_) throw KafkaException(ErrorCode::kNone, "the producer is closed");
  const BytesArgument value(arguments.value, "value");
  const BytesArgument key(arguments.key, "key");
  const Headers headers = headers_of(arguments.headers);
  std::vector<ProducerHeader> header_views;
  for (const auto& [name, data] : headers) {
    header_views.push_back({name, data ? std::optional<ByteView>(as_bytes(*data)) : std::nullopt});
  }
  const ProducerRecord record{
      .topic = topic_of(arguments.topic),
      .partition = integer_of<int32_t>(arguments.partition, "partition"),
      .timestamp = integer_of<int64_t>(arguments.timestamp_ms, "timestamp_ms"),
      .key = key.view(),
      .value = value.view(),
      .headers = header_views};
  await_topic(record.topic);
  const py::gil_scoped_release released;
  return {callbacks_.get(), producer_->send(record)};
}

// The first record to a topic may wait for its metadata: that wait can be interrupted.
void Producer::await_topic(std::string_view topic) {
  if (known_topics_.contains(topic)) return;
  partitions_for(std::string(topic));
  known_topics_.emplace(topic);
}

void Producer::flush(std::optional<double> timeout) {
  if (!run_in_slices(*node_, timeout,
                     [this](Instant deadline) { return producer_->flush(deadline); })) {
    throw KafkaException(ErrorCode::kRequestTimedOut,
                         "records are still on their way; " + producer_->connections().explain());
  }
  const py::gil_scoped_release released;
  callbacks_->drain();
}

std::set<int32_t> Producer::partitions_for(const std::string& topic) {
  std::vector<PartitionInfo> found;
  run_interruptible(*node_, [&] { found = producer_->partitions_for(topic); }, [] {});
  std::set<int32_t> indexes;
  for (const PartitionInfo& info : found) indexes.insert(info.partition);
  return indexes;
}

void Producer::close(std::optional<double> timeout) {
  if (std::exchange(closed_, true)) return;
  if (!timeout)
    run_in_slices(*node_, timeout, [this](Instant deadline) { return producer_->flush(deadline); });
  const py::gil_scoped_release released;
  producer_->close(seconds(timeout.value_or(5.0)));
  callbacks_->shutdown();
}

bool Producer::connected() const {
  for (const NodeConnection& connection : producer_->connections().connections()) {
    if (connection.connected) return true;
  }
  return false;
}

}  // namespace kafkascope::bindings
