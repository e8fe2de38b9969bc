#include "simulation/explorer/ledger.h"

#include <fmt/core.h>

namespace kafkascope {

void Ledger::acknowledged(const TopicPartition& partition, Offset offset,
                          const std::string& value) {
  acknowledged_[value] = {partition, offset};
}

void Ledger::read(const TopicPartition& partition, Offset offset, const std::string& value) {
  const Place place{partition, offset};
  const auto at = values_read_.try_emplace(place, value).first;
  if (at->second != value)
    found_ = fmt::format("inconsistent-offsets: {} and {} at {} {}", at->second, value,
                         partition.to_string(), offset);
  const auto seen = read_.try_emplace(value, place).first;
  if (seen->second != place)
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

std::vector<std::string> Ledger::unseen() const {
  std::vector<std::string> values;
  for (const auto& [value, place] : acknowledged_) {
    if (!read_.contains(value))
      values.push_back(
          fmt::format("{} at {} of {}", value, place.offset, place.partition.to_string()));
  }
  return values;
}

}  // namespace kafkascope
