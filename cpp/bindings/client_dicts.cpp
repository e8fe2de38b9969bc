#include "bindings/client_dicts.h"

#include <pybind11/stl.h>

namespace py = pybind11;

namespace kafkascope::bindings {
namespace {

double to_ms(Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

py::list in_flight(const std::vector<InFlightRequestDescription>& requests) {
  py::list list;
  for (const auto& request : requests) {
    py::dict one;
    one["destination"] = request.destination;
    one["api"] = request.api;
    one["version"] = request.version;
    one["correlation_id"] = request.correlation_id;
    one["age_ms"] = to_ms(request.age);
    one["size_bytes"] = request.size_bytes;
    list.append(one);
  }
  return list;
}

py::list batches(const std::vector<ProducerBatchDescription>& all) {
  py::list list;
  for (const auto& batch : all) {
    py::dict one;
    one["record_count"] = batch.record_count;
    one["size_bytes"] = batch.size_bytes;
    one["attempts"] = batch.attempts;
    one["age_ms"] = to_ms(batch.age);
    one["base_sequence"] = batch.base_sequence;
    one["state"] = batch.state;
    list.append(one);
  }
  return list;
}

}  // namespace

py::dict metrics_to_dict(MetricsRegistry& metrics) {
  py::dict groups;
  for (const auto& [name, attributes] : metrics.snapshot()) {
    const py::str group(name.type);
    if (!groups.contains(group)) groups[group] = py::dict();
    for (const auto& [attribute, value] : attributes) {
      const bool plain = attribute == "Value" || attribute == "Count";
      groups[group][py::str(plain ? name.name : name.name + "." + attribute)] = value;
    }
  }
  return groups;
}

py::dict producer_to_dict(const ProducerDescription& description) {
  py::list partitions;
  for (const auto& queue : description.accumulator.partitions) {
    py::dict one;
    one["topic"] = queue.topic_partition.topic;
    one["partition"] = queue.topic_partition.partition;
    one["muted"] = queue.muted;
    one["batches"] = batches(queue.batches);
    partitions.append(one);
  }
  py::dict pool;
  pool["total_memory"] = description.buffer_pool.total_memory;
  pool["available_memory"] = description.buffer_pool.available_memory;
  pool["free_buffers"] = description.buffer_pool.free_buffers;
  pool["poolable_size"] = description.buffer_pool.poolable_size;
  pool["waiting_threads"] = description.buffer_pool.waiting_threads;
  py::dict dict;
  dict["accumulator"] = partitions;
  dict["buffer_pool"] = pool;
  dict["producer_id"] = description.transaction_manager.producer_id;
  dict["producer_epoch"] = description.transaction_manager.producer_epoch;
  dict["in_flight_requests"] = in_flight(description.in_flight_requests);
  return dict;
}

py::dict consumer_to_dict(const ConsumerDescription& description) {
  py::list partitions;
  for (const auto& partition : description.partitions) {
    py::dict one;
    one["topic"] = partition.topic_partition.topic;
    one["partition"] = partition.topic_partition.partition;
    one["state"] = partition.state;
    one["position"] = partition.position;
    one["paused"] = partition.paused;
    one["high_watermark"] = partition.high_watermark;
    partitions.append(one);
  }
  py::list buffer;
  for (const auto& fetch : description.fetch_buffer) {
    py::dict one;
    one["topic"] = fetch.topic_partition.topic;
    one["partition"] = fetch.topic_partition.partition;
    one["next_offset"] = fetch.next_offset;
    one["remaining_bytes"] = fetch.remaining_bytes;
    buffer.append(one);
  }
  py::dict dict;
  dict["subscription"] = description.subscription;
  dict["topics"] = description.topics;
  dict["partitions"] = partitions;
  dict["fetch_buffer"] = buffer;
  dict["in_flight_requests"] = in_flight(description.in_flight_requests);
  return dict;
}

}  // namespace kafkascope::bindings
