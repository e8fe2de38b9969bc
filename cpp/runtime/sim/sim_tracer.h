// SimTracer: the events of a run, the newest of them kept, all of them in one digest.
#pragma once

#include <deque>

#include "runtime/sim/sim_scheduler.h"
#include "runtime/trace.h"

namespace kafkascope::sim {

/// One for all nodes; each has a NodeTracer that adds its name. The digest covers time, node,
/// thread, kind and fields of every event, and nothing that differs between machines or builds.
class SimTracer {
 public:
  explicit SimTracer(SimScheduler& scheduler, size_t capacity = 100'000)
      : scheduler_(scheduler), capacity_(capacity) {}

  EventId emit(const std::string& node, const char* kind, TraceFields fields, EventId cause);
  const std::deque<TraceEvent>& events() const { return events_; }
  /// One of the newest `capacity` events.
  const TraceEvent& event(EventId id) const { return events_.at(id - events_.front().id); }
  uint64_t digest() const { return digest_; }
  uint64_t count() const { return next_id_ - 1; }

 private:
  void digest(const TraceEvent& event);
  void mix(std::string_view bytes);
  void mix(uint64_t value);

  SimScheduler& scheduler_;
  const size_t capacity_;
  std::deque<TraceEvent> events_;
  uint64_t digest_ = 0xcbf29ce484222325u;
  EventId next_id_ = 1;
};

class NodeTracer : public Tracer {
 public:
  NodeTracer(SimTracer& tracer, std::string node) : tracer_(tracer), node_(std::move(node)) {}
  EventId emit(const char* kind, TraceFields fields, EventId cause) override {
    return tracer_.emit(node_, kind, std::move(fields), cause);
  }

 private:
  SimTracer& tracer_;
  const std::string node_;
};

}  // namespace kafkascope::sim
