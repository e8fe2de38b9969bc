#include "runtime/sim/sim_tracer.h"

namespace kafkascope::sim {

/// With its length: "ab", "c" and "a", "bc" are different.
void SimTracer::mix(std::string_view bytes) {
  mix(uint64_t{bytes.size()});
  for (char c : bytes) digest_ = (digest_ ^ static_cast<uint8_t>(c)) * 0x100000001b3u;
}

void SimTracer::mix(uint64_t value) {
  for (int i = 0; i < 8; ++i) digest_ = (digest_ ^ (value >> (8 * i) & 0xff)) * 0x100000001b3u;
}

void SimTracer::digest(const TraceEvent& event) {
  mix(static_cast<uint64_t>(event.time.count()));
  mix(event.node);
  mix(event.thread);
  mix(std::string_view(event.kind));
  mix(event.cause);
  mix(uint64_t{event.fields.size()});
  for (const auto& [name, value] : event.fields) {
    mix(std::string_view(name));
    mix(uint64_t{value.index()});
    if (const auto* number = std::get_if<int64_t>(&value)) mix(static_cast<uint64_t>(*number));
    if (const auto* flag = std::get_if<bool>(&value)) mix(uint64_t{*flag});
    if (const auto* text = std::get_if<std::string>(&value)) mix(std::string_view(*text));
  }
}

EventId SimTracer::emit(const std::string& node, const char* kind, TraceFields fields,
                        EventId cause) {
  Fiber* const fiber = scheduler_.current();
  TraceEvent event{next_id_++,
                   scheduler_.now(),
                   node,
                   fiber == nullptr ? "" : fiber->name,
                   kind,
                   std::move(fields),
                   cause == kNoEvent ? scheduler_.cause() : cause};
  if (fiber != nullptr) fiber->last_event = event.id;
  digest(event);
  const EventId made = event.id;
  events_.push_back(std::move(event));
  if (events_.size() > capacity_) events_.pop_front();
  return made;
}

}  // namespace kafkascope::sim
