#include "bindings/log_dicts.h"

#include <pybind11/stl.h>

namespace py = pybind11;

namespace kafkascope::bindings {
namespace {

py::object offset_or_none(Offset offset) {
  return offset == kNoOffset ? py::none() : py::object(py::int_(offset));
}

py::dict batch_to_dict(const BatchDescription& batch) {
  py::dict dict;
  dict["position"] = batch.position;
  dict["size_bytes"] = batch.size_bytes;
  dict["magic"] = batch.magic;
  dict["base_offset"] = batch.base_offset;
  dict["last_offset"] = batch.last_offset;
  dict["max_timestamp"] = batch.max_timestamp;
  dict["codec"] = compression_name(batch.compression);
  dict["is_transactional"] = batch.is_transactional;
  dict["is_control"] = batch.is_control;
  return dict;
}

py::dict segment_to_dict(const SegmentDescription& segment) {
  py::dict dict;
  dict["path"] = segment.path;
  dict["base_offset"] = segment.base_offset;
  dict["next_offset"] = segment.next_offset;
  dict["size_bytes"] = segment.size_bytes;
  dict["largest_timestamp"] = segment.largest_timestamp;
  dict["active"] = segment.active;
  py::list batches, entries, times;
  for (const BatchDescription& batch : segment.batches) batches.append(batch_to_dict(batch));
  for (const auto& [offset, position] : segment.offset_index) {
    py::dict entry;
    entry["offset"] = offset;
    entry["position"] = position;
    entries.append(entry);
  }
  for (const auto& [timestamp, offset] : segment.time_index) {
    py::dict entry;
    entry["timestamp"] = timestamp;
    entry["offset"] = offset;
    times.append(entry);
  }
  dict["batches"] = batches;
  dict["index_entries"] = entries;
  dict["time_index_entries"] = times;
  dict["aborted_transactions"] = segment.aborted_transactions;
  dict["problem"] = segment.problem;
  return dict;
}

py::dict wheel_to_dict(const WheelDescription& wheel) {
  py::list buckets;
  for (const BucketDescription& bucket : wheel.buckets) {
    py::dict one;
    one["index"] = bucket.index;
    one["expiration_ms"] = bucket.expiration_ms;
    one["tasks"] = bucket.tasks;
    buckets.append(one);
  }
  py::dict dict;
  dict["tick_ms"] = wheel.tick_ms;
  dict["wheel_size"] = wheel.wheel_size;
  dict["current_time_ms"] = wheel.current_time_ms;
  dict["buckets"] = buckets;
  return dict;
}

}  // namespace

py::dict log_to_dict(const LogDescription& log) {
  py::list segments, epochs;
  for (const SegmentDescription& segment : log.segments) segments.append(segment_to_dict(segment));
  for (const auto& [epoch, start_offset] : log.leader_epochs) {
    py::dict entry;
    entry["epoch"] = epoch;
    entry["start_offset"] = start_offset;
    epochs.append(entry);
  }
  py::dict dict;
  dict["topic"] = log.partition.topic;
  dict["partition"] = log.partition.partition;
  dict["dir"] = log.dir;
  dict["log_start_offset"] = log.log_start_offset;
  dict["last_stable_offset"] = offset_or_none(log.last_stable_offset);
  dict["high_watermark"] = offset_or_none(log.high_watermark);
  dict["log_end_offset"] = log.log_end_offset;
  dict["recovery_point"] = offset_or_none(log.recovery_point);
  dict["size_bytes"] = log.size_bytes;
  dict["segments"] = segments;
  dict["leader_epochs"] = epochs;
  return dict;
}

py::dict timer_to_dict(const TimerDescription& timer) {
  py::list levels;
  for (const WheelDescription& wheel : timer.levels) levels.append(wheel_to_dict(wheel));
  py::dict dict;
  dict["name"] = timer.name;
  dict["now_ms"] = timer.now_ms;
  dict["size"] = timer.size;
  dict["levels"] = levels;
  return dict;
}

py::dict cleaner_stats_to_dict(const CleanerStats& stats) {
  py::dict dict;
  dict["from_offset"] = stats.from;
  dict["to_offset"] = stats.to;
  dict["seconds"] = stats.elapsed_secs();
  dict["map_bytes_read"] = stats.map_bytes_read;
  dict["map_records_read"] = stats.map_messages_read;
  dict["bytes_read"] = stats.bytes_read;
  dict["records_read"] = stats.messages_read;
  dict["records_without_key"] = stats.invalid_messages_read;
  dict["bytes_written"] = stats.bytes_written;
  dict["records_written"] = stats.messages_written;
  dict["buffer_utilization"] = stats.buffer_utilization;
  dict["collision_rate"] = stats.collision_rate;
  return dict;
}

}  // namespace kafkascope::bindings
