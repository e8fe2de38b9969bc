// What the fetcher's tests share: real logs at both ends, and a leader that answers as a broker
// does.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "log/epoch/epoch_entry.h"
#include "log/log_test_support.h"
#include "replication/fetcher/replica_fetcher_thread.h"
#include "replication/replication_quota_manager.h"
#include "runtime/metrics/metrics_registry.h"

namespace kafkascope {

inline const TopicPartition kT0{"t", 0};
inline const BrokerNode kLeader{2, {"leader", 9092}, std::nullopt};
inline constexpr Duration kBackoff = std::chrono::seconds(1);

inline std::shared_ptr<Log> make_log(Node& node, const std::string& root,
                                     const TopicPartition& tp = kT0) {
  node.files().create_directories(root);
  LogOpenOptions options;
  options.dir = root + "/" + tp.to_string();
  options.config = std::make_shared<LogConfig>();
  return Log::open(node, options);
}

/// One batch a value, as a leader in this epoch writes them; all are committed.
inline void write(Log& log, LeaderEpoch epoch, const std::vector<std::string>& values) {
  for (const std::string& value : values) {
    MemoryRecordsBuilder builder({});
    builder.append(1'500'000'000'000, std::nullopt, as_bytes(value));
    ASSERT_TRUE(log.append_as_leader(SharedSlice::of(builder.close()), epoch).ok());
  }
  log.update_high_watermark(log.log_end_offset());
}

/// "epoch:value" of each record.
inline std::vector<std::string> contents(Log& log) {
  std::vector<std::string> all;
  MemoryRecords(SharedSlice::of(read_all(log, log.log_start_offset())))
      .for_each_record([&](const RecordBatch& batch, const RecordView& record) {
        all.push_back(std::to_string(batch.partition_leader_epoch()) + ":" +
                      to_string(*record.value));
      });
  return all;
}

/// Straight to the logs.
class TestFollowerLogs : public FollowerLogs {
 public:
  std::map<TopicPartition, std::shared_ptr<Log>> logs;
  std::set<TopicPartition> offline;
  std::vector<TopicPartition> completed;

  std::shared_ptr<Log> log(const TopicPartition& tp) override {
    if (offline.contains(tp)) throw KafkaStorageException("the directory is offline");
    return logs.at(tp);
  }
  LogAppendInfo append_records_to_follower(const TopicPartition& tp,
                                           const SharedSlice& records) override {
    return log(tp)->append_as_follower(records);
  }
  void truncate_to(const TopicPartition& tp, Offset offset) override {
    (void)log(tp)->truncate_to(offset);
  }
  void truncate_fully_and_start_at(const TopicPartition& tp, Offset offset) override {
    log(tp)->truncate_fully_and_start_at(offset);
  }
  void complete_delayed_fetch_requests(const std::vector<TopicPartition>& partitions) override {
    completed.insert(completed.end(), partitions.begin(), partitions.end());
  }
};

/// Leads what it is given, from real logs, with the checks of a real leader. Everything may be
/// changed between the follower's rounds, and by `meanwhile` while a question is under way.
class TestLeader : public LeaderEndPoint {
 public:
  struct Led {
    std::shared_ptr<Log> log;
    LeaderEpoch epoch = 0;
  };
  explicit TestLeader(ProtocolFeatures protocol, BrokerNode broker = kLeader)
      : protocol_(protocol), broker_(std::move(broker)) {}

  std::map<TopicPartition, Led> led;
  std::map<TopicPartition, std::deque<FetchedPartition>> scripted;  // instead of what it would say
  std::optional<ErrorCode> offset_error;
  bool down = false;
  std::function<void()> meanwhile;
  FetchPartitions last_fetch;
  int fetches = 0;
  int epoch_questions = 0;

  const BrokerNode& broker() const override { return broker_; }
  void initiate_close() override {}
  void close() override {}

  Result<std::map<TopicPartition, FetchedPartition>> fetch(FetchPartitions wanted) override {
    ++fetches;
    last_fetch = wanted;
    if (down) return Error{ErrorCode::kNetworkException, "nobody there"};
    std::map<TopicPartition, FetchedPartition> answers;
    for (const auto& [tp, asked] : wanted) {
      if (auto& script = scripted[tp]; !script.empty()) {
        answers[tp] = script.front();
        script.pop_front();
      } else {
        answers[tp] = read(led.at(tp), asked);
      }
    }
    if (meanwhile) meanwhile();
    return answers;
  }

  std::map<TopicPartition, EpochEndOffset> fetch_epoch_end_offsets(
      const std::map<TopicPartition, EpochQuery>& queries) override {
    ++epoch_questions;
    std::map<TopicPartition, EpochEndOffset> answers;
    for (const auto& [tp, query] : queries) {
      EpochEndOffset& answer = answers[tp];
      answer.error =
          down ? ErrorCode::kNetworkException : check(led.at(tp), query.current_leader_epoch);
      if (answer.error != ErrorCode::kNone) continue;
      const auto end = led.at(tp).log->end_offset_for_epoch(query.leader_epoch);
      if (!end.has_value()) continue;
      answer.end_offset = end->start_offset;
      if (protocol_.epoch_in_offset_for_leader_epoch()) answer.leader_epoch = end->epoch;
    }
    if (meanwhile) meanwhile();
    return answers;
  }

  Result<Offset> fetch_earliest_offset(const TopicPartition& tp, LeaderEpoch) override {
    return offset(led.at(tp).log->log_start_offset());
  }
  Result<Offset> fetch_latest_offset(const TopicPartition& tp, LeaderEpoch) override {
    return offset(led.at(tp).log->log_end_offset());
  }

 private:
  static ErrorCode check(const Led& partition, LeaderEpoch epoch) {
    if (epoch == kNoLeaderEpoch || epoch == partition.epoch) return ErrorCode::kNone;
    return epoch < partition.epoch ? ErrorCode::kFencedLeaderEpoch : ErrorCode::kUnknownLeaderEpoch;
  }
  Result<Offset> offset(Offset value) {
    if (meanwhile) meanwhile();
    if (offset_error.has_value()) return Error{*offset_error, "scripted"};
    return value;
  }
  FetchedPartition read(const Led& partition, const FetchPartitionData& asked) const {
    Log& log = *partition.log;
    FetchedPartition answer;
    answer.error = check(partition, asked.current_leader_epoch);
    if (answer.error != ErrorCode::kNone) return answer;
    answer.high_watermark = log.high_watermark();
    answer.log_start_offset = log.log_start_offset();
    if (asked.last_fetched_epoch >= 0) {
      const auto end = log.end_offset_for_epoch(asked.last_fetched_epoch);
      if (!end.has_value()) {
        answer.error = ErrorCode::kOffsetOutOfRange;
        return answer;
      }
      if (end->epoch < asked.last_fetched_epoch || end->start_offset < asked.fetch_offset) {
        answer.diverging_epoch = {ErrorCode::kNone, end->epoch, end->start_offset};
        return answer;
      }
    }
    const auto data = log.read(asked.fetch_offset, asked.max_bytes, FetchIsolation::kLogEnd, true);
    answer.error = data.code();
    if (data.ok()) answer.records = data->records.to_slice();
    return answer;
  }

  const ProtocolFeatures protocol_;
  const BrokerNode broker_;
};

/// A follower of broker 2, whose rounds the test makes itself.
class FetcherTest : public testing::Test {
 protected:
  void start(ProtocolFeatures with = {}, FetcherDefects defects = {}) {
    fetcher.reset();  // its metrics have the names of the next
    protocol = with;
    auto made = std::make_unique<TestLeader>(with);
    leader = made.get();
    fetcher = std::make_unique<ReplicaFetcherThread>(
        test.node, "ReplicaFetcherThread-0-2", std::move(made),
        ReplicaFetcherThread::Shared{own, quota, failed, metrics, with, 1 << 20, kBackoff,
                                     defects});
  }
  /// What ReplicaManager does when the controller says so: the log and who leads it.
  void follow(LeaderEpoch epoch, const TopicPartition& tp = kT0) {
    Log& log = *own.logs.at(tp);
    const bool at_end = protocol.truncates_on_fetch() && log.latest_epoch().has_value();
    fetcher->add_partitions({{tp,
                              {std::nullopt, leader->broker(), epoch,
                               at_end ? log.log_end_offset() : log.high_watermark()}}});
  }
  std::shared_ptr<Log> add_log(const std::string& root, const TopicPartition& tp = kT0) {
    return make_log(test.node, root, tp);
  }
  void rounds(int count) {
    for (int i = 0; i < count; ++i) fetcher->do_work();
  }
  void pass_backoff() { test.clock.advance(kBackoff); }
  PartitionFetchState state(const TopicPartition& tp = kT0) { return fetcher->partitions().at(tp); }
  bool is_followed(const TopicPartition& tp = kT0) { return fetcher->partitions().contains(tp); }
  std::optional<double> metric(const MetricName& name) {
    const auto all = metrics.snapshot();
    const auto found = all.find(name);
    if (found == all.end()) return std::nullopt;
    return found->second.contains("Value") ? found->second.at("Value") : found->second.at("Count");
  }

  LogTestNode test;
  MetricsRegistry metrics{test.node};
  ReplicationQuotaManager quota{test.node, metrics, ReplicationSide::kFollower};
  FailedPartitions failed{test.node};
  TestFollowerLogs own;
  ProtocolFeatures protocol;
  TestLeader* leader = nullptr;
  std::unique_ptr<ReplicaFetcherThread> fetcher;
};

}  // namespace kafkascope
