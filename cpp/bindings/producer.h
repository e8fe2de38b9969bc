// Producer: what Python's KafkaProducer stands on, a KafkaProducer of real time over bytes.
#pragma once

#include <pybind11/pybind11.h>

#include <set>

#include "bindings/callback_thread.h"
#include "clients/producer/kafka_producer.h"
#include "common/config_def.h"

namespace kafkascope::bindings {

/// One record as Python hands it over: borrowed references, null or None where nothing was given.
struct SendArguments {
  PyObject* topic = nullptr;
  PyObject* value = nullptr;
  PyObject* key = nullptr;
  PyObject* headers = nullptr;
  PyObject* partition = nullptr;
  PyObject* timestamp_ms = nullptr;
};

/// Every method is called with the GIL held, and lets it go while it waits.
class Producer {
 public:
  Producer(const ConfigMap& config, const pybind11::object& partitioner);
  ~Producer();

  void bootstrap();
  /// Raises TypeError for what cannot be a record, before anything is sent.
  ProducerFuture send(const SendArguments& arguments);
  void flush(std::optional<double> timeout);
  std::set<int32_t> partitions_for(const std::string& topic);
  void close(std::optional<double> timeout);
  bool connected() const;
  KafkaProducer& core() { return *producer_; }

 private:
  void await_topic(std::string_view topic);

  std::unique_ptr<Node> node_;
  std::unique_ptr<KafkaProducer> producer_;
  std::unique_ptr<CallbackThread> callbacks_;
  std::set<std::string, std::less<>> known_topics_;
  bool closed_ = false;
};

}  // namespace kafkascope::bindings
