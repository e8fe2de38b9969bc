// Ledger: what clients were told, against what they read.
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
  /// A consumer's poll returned it, while things went on. Each consumer's in its order.
  void polled(const std::string& consumer, const TopicPartition& partition, Offset offset,
              const std::string& value);
  /// It was there in the end, when everything was read.
  void read(const TopicPartition& partition, Offset offset, const std::string& value);

  /// What of this is wrong in every run: inconsistent-offsets, duplicate, poll-skip,
  /// nonmonotonic-poll, reads that nobody sent. Empty: nothing.
  std::string anomalies() const;
  /// Acknowledged or polled, and not there in the end: lost. Each with its name: lost-write when
  /// later records were read, unseen when none was.
  std::vector<std::string> lost() const;
  size_t acknowledged_count() const { return acknowledged_.size(); }
  size_t polled_count() const { return polled_.size(); }

 private:
  struct Place {
    TopicPartition partition;
    Offset offset = 0;
    auto operator<=>(const Place&) const = default;
  };
  void see(const Place& place, const std::string& value);

  std::map<std::string, Place> acknowledged_;
  std::set<std::string> unknown_;
  std::map<std::string, Place> polled_;
  std::map<std::string, Place> read_;
  std::map<Place, std::string> values_seen_;
  std::map<std::pair<std::string, TopicPartition>, Offset> positions_;  // polled last
  std::string found_;                                                   // the first anomaly
};

}  // namespace kafkascope
