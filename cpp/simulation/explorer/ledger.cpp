#include "simulation/explorer/ledger.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace kafkascope {

void Ledger::acknowledged(const TopicPartition& partition, Offset offset,
                          const std::string& value) {
  acknowledged_[value] = {partition, offset};
}

void Ledger::see(const Place& place, const std::string& value) {
  const auto at = values_seen_.try_emplace(place, value).first;
  if (at->second != value && found_.empty())
    found_ = fmt::format("inconsistent-offsets: {} and {} at {} {}", at->second, value,
                         place.partition.to_string(), place.offset);
}

void Ledger::polled(const std::string& consumer, const TopicPartition& partition, Offset offset,
                    const std::string& value) {
  polled_.try_emplace(value, Place{partition, offset});
  see({partition, offset}, value);
  const auto [last, first] = positions_.try_emplace({consumer, partition}, offset);
  const Offset before = std::exchange(last->second, offset);
  if (first || offset == before + 1 || !found_.empty()) return;
  found_ = fmt::format("{}: {} polled {} {} after {}",
                       offset > before ? "poll-skip" : "nonmonotonic-poll", consumer,
                       partition.to_string(), offset, before);
}

void Ledger::read(const TopicPartition& partition, Offset offset, const std::string& value) {
  const Place place{partition, offset};
  see(place, value);
  const auto seen = read_.try_emplace(value, place).first;
  if (seen->second != place && found_.empty())
    found_ = fmt::format("duplicate: {} at {} and {} of {}", value, seen->second.offset, offset,
                         partition.to_string());
}

std::string Ledger::anomalies() const {
  if (!found_.empty()) return found_;
  for (const auto& [value, place] : read_) {
    const auto acked = acknowledged_.find(value);
    if (acked == acknowledged_.end() && !unknown_.contains(value))
      return fmt::format("{} was read, but its send failed", value);
    // A retry of which the broker forgot the place is acknowledged without an offset.
    const bool elsewhere =
        acked != acknowledged_.end() && acked->second.offset >= 0 && acked->second != place;
    if (elsewhere)
      return fmt::format("{} was acknowledged at {} and read at {}", value, acked->second.offset,
                         place.offset);
  }
  return {};
}

std::vector<std::string> Ledger::lost() const {
  std::map<TopicPartition, Offset> ends;
  for (const auto& [value, place] : read_)
    ends[place.partition] = std::max(ends[place.partition], place.offset);
  std::vector<std::string> values;
  const auto add = [&](const std::string& value, const Place& place) {
    const auto end = ends.find(place.partition);
    const bool passed = end != ends.end() && place.offset < end->second;
    values.push_back(fmt::format("{}: {} at {} of {}", passed ? "lost-write" : "unseen", value,
                                 place.offset, place.partition.to_string()));
  };
  for (const auto& [value, place] : acknowledged_) {
    if (!read_.contains(value)) add(value, place);
  }
  for (const auto& [value, place] : polled_) {
    if (!read_.contains(value) && !acknowledged_.contains(value)) add(value, place);
  }
  return values;
}

}  // namespace kafkascope
