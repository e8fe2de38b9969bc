// LiveLog: a log to drive by hand, in a directory that no broker serves.
#include <pybind11/stl.h>

#include <atomic>

#include "bindings/casters.h"
#include "bindings/host.h"
#include "bindings/init.h"
#include "bindings/log_dicts.h"
#include "log/log_reader.h"
#include "log/standalone_log.h"

namespace py = pybind11;

namespace kafkascope::bindings {
namespace {

/// A node's clock that Python may move ahead: retention and tombstones wait for hours.
class AdvancedClock : public Clock {
 public:
  /// Stands still at `start_ms`, where that is given.
  AdvancedClock(Clock& real, std::optional<int64_t> start_ms) : real_(real), start_ms_(start_ms) {}
  int64_t wall_ms() override { return (start_ms_ ? *start_ms_ : real_.wall_ms()) + ahead_ms_; }
  Instant monotonic() override { return real_.monotonic() + std::chrono::milliseconds(ahead_ms_); }
  void advance(int64_t ms) { ahead_ms_ += ms; }

 private:
  Clock& real_;
  const std::optional<int64_t> start_ms_;
  std::atomic<int64_t> ahead_ms_{0};
};

template <typename T>
T value_or_throw(Result<T> result) {
  if (!result.ok()) throw KafkaException(result.error().code, result.error().message);
  return std::move(result).value();
}

/// StandaloneLog for Python.
class LiveLog {
 public:
  LiveLog(const std::string& dir, const ConfigMap& config, std::optional<int64_t> start_ms)
      : outside_(make_real_node("log")),
        clock_(outside_->clock(), start_ms),
        node_("log", {clock_, outside_->network(), outside_->files(), outside_->random(), nullptr,
                      nullptr}),
        log_(node_, dir, config) {}

  std::pair<Offset, Offset> append(const py::bytes& batch, LeaderEpoch epoch, bool coordinator) {
    const ByteView given = as_bytes(std::string_view(batch));
    ByteBuffer bytes(given.begin(), given.end());
    const py::gil_scoped_release released;
    const auto origin = coordinator ? AppendOrigin::kCoordinator : AppendOrigin::kClient;
    const LogAppendInfo info =
        log().append_as_leader(SharedSlice::of(std::move(bytes)), epoch, origin);
    if (!info.ok()) throw KafkaException(info.error, info.error_message);
    log().update_high_watermark(log().log_end_offset());
    return {info.first_offset, info.last_offset};
  }
  ByteBuffer read(Offset offset, int32_t max_bytes) {
    const FetchDataInfo info =
        value_or_throw(log().read(offset, max_bytes, FetchIsolation::kLogEnd, true));
    const SharedSlice bytes = info.records.to_slice();
    return {bytes.view().begin(), bytes.view().end()};
  }
  Log& log() { return log_.log(); }
  StandaloneLog& standalone() { return log_; }
  AdvancedClock& clock() { return clock_; }

 private:
  std::unique_ptr<Node> outside_;
  AdvancedClock clock_;
  Node node_;
  StandaloneLog log_;
};

}  // namespace

void init_live_log(py::module_& m) {
  using Release = py::call_guard<py::gil_scoped_release>;
  py::class_<LiveLog>(m, "LiveLog", "The log of a directory that no broker serves.")
      .def(py::init<const std::string&, const ConfigMap&, std::optional<int64_t>>(), py::arg("dir"),
           py::arg("config"), py::arg("start_ms"), Release())
      .def("append", &LiveLog::append, py::arg("batch"), py::arg("leader_epoch"),
           py::arg("coordinator"))
      .def(
          "read",
          [](LiveLog& l, Offset offset, int32_t max_bytes) {
            ByteBuffer bytes;
            {
              const py::gil_scoped_release released;
              bytes = l.read(offset, max_bytes);
            }
            return to_bytes(bytes);
          },
          py::arg("offset"), py::arg("max_bytes"))
      .def(
          "offset_for_time",
          [](LiveLog& l, TimestampMs at) -> std::optional<std::pair<TimestampMs, Offset>> {
            const auto found = l.log().fetch_offset_by_timestamp(at);
            if (!found) return std::nullopt;
            return std::pair(found->timestamp, found->offset);
          },
          py::arg("timestamp_ms"), Release())
      .def(
          "roll", [](LiveLog& l) { l.log().roll(); }, Release())
      .def(
          "flush", [](LiveLog& l) { l.log().flush(); }, Release())
      .def(
          "truncate_to", [](LiveLog& l, Offset to) { return l.log().truncate_to(to); },
          py::arg("offset"), Release())
      .def(
          "delete_records",
          [](LiveLog& l, Offset to) { return value_or_throw(l.log().delete_records(to)); },
          py::arg("before_offset"), Release())
      .def(
          "delete_old_segments", [](LiveLog& l) { return l.log().delete_old_segments(); },
          Release())
      .def(
          "delete_expired_files", [](LiveLog& l) { l.log().delete_expired_files(); }, Release())
      .def("clean",
           [](LiveLog& l) -> py::object {
             std::optional<CleanerStats> stats;
             {
               const py::gil_scoped_release released;
               stats = l.standalone().clean();
             }
             return stats ? py::object(cleaner_stats_to_dict(*stats)) : py::none();
           })
      .def(
          "advance_clock", [](LiveLog& l, int64_t ms) { l.clock().advance(ms); }, py::arg("ms"))
      .def("wall_ms", [](LiveLog& l) { return l.clock().wall_ms(); })
      .def("describe",
           [](LiveLog& l) {
             LogDescription description;
             {
               const py::gil_scoped_release released;
               description = describe_with_batches(l.log());
             }
             return log_to_dict(description);
           })
      .def("close", [](LiveLog& l) { l.standalone().close(); }, Release());
}

}  // namespace kafkascope::bindings
