// Ledger: what clients were told, against what they read in the end.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/types.h"

namespace kafkascope {

/// Values are unique. A send ends ok (acknowledged), failed (certainly not written) or unknown (a
/// timeout: may be there or not). Names of anomalies are those of Jepsen's Kafka tests.
class Ledger {
 public:
  void acknowledged(const TopicPartition& partition, Offset offset, const std::string& value);
  void unknown(const std::string& value) { unknown_.insert(value); }
  void read(const TopicPartition& partition, Offset offset, const std::string& value);

  /// What of this is wrong in every run: duplicates, two values at one offset, reads that nobody
  /// sent. Empty: nothing.
  std::string anomalies() const;
  /// Acknowledged and never read: lost.
  std::vector<std::string> unseen() const;
  size_t acknowledged_count() const { return acknowledged_.size(); }

 private:
  struct Place {
    TopicPartition partition;
    Offset offset = 0;
    auto operator<=>(const Place&) const = default;
  };
  std::map<std::string, Place> acknowledged_;
  std::set<std::string> unknown_;
  std::map<std::string, Place> read_;
  std::map<Place, std::string> values_read_;
  std::string found_;  // while reading
};

}  // namespace kafkascope
