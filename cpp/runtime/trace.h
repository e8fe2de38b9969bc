// Trace: the typed events of a run, from which pictures, sequence diagrams and digests are made.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "runtime/clock.h"

namespace kafkascope {

using TraceValue = std::variant<int64_t, bool, std::string>;
using TraceFields = std::vector<std::pair<const char*, TraceValue>>;
using EventId = uint64_t;
inline constexpr EventId kNoEvent = 0;

struct TraceEvent {
  EventId id = kNoEvent;     // 1, 2, 3 ... in the order of emission
  Instant time{};            // virtual time in a simulation, the monotonic clock in a real run
  std::string node;          // "broker-1", "producer-1"
  std::string thread;        // the Worker's or Thread's name
  const char* kind = "";     // CamelCase, past tense: "RecordsAppended"
  TraceFields fields;        // in the order written; names are string literals
  EventId cause = kNoEvent;  // the event that led to this one

  /// Is it of this kind, and has it these fields with these values (and perhaps others)?
  bool matches(std::string_view wanted_kind, const TraceFields& wanted) const;
  /// One line: "1.500000 broker-1 / request-handler-0 RecordsAppended partition=t-0 ...".
  std::string to_string() const;
};

/// Where events go. Emission may happen on any thread and never switches fibers, so destructors may
/// emit.
class Tracer {
 public:
  virtual ~Tracer() = default;
  /// Without a cause, the event's cause is what its thread did or received last.
  virtual EventId emit(const char* kind, TraceFields fields, EventId cause = kNoEvent) = 0;
};

}  // namespace kafkascope

/// KS_TRACE(node, "HighWatermarkAdvanced", {"topic", t}, {"offset", hw}): one branch when nobody
/// traces.
#define KS_TRACE(node, kind, ...)                                                             \
  do {                                                                                        \
    if (::kafkascope::Tracer* ks_tracer = (node).tracer(); ks_tracer != nullptr) [[unlikely]] \
      ks_tracer->emit(kind, ::kafkascope::TraceFields{__VA_ARGS__});                          \
  } while (false)
