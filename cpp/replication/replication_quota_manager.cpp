#include "replication/replication_quota_manager.h"

#include <algorithm>
#include <charconv>

#include "common/config_validator.h"
#include "common/errors.h"
#include "common/text.h"
#include "runtime/metrics/metrics_registry.h"

namespace kafkascope {
namespace {

MetricName byte_rate_name(ReplicationSide side) {
  const bool leader = side == ReplicationSide::kLeader;
  return {"kafka.server", leader ? "LeaderReplication" : "FollowerReplication", "byte-rate", {}};
}

int32_t parse_id(std::string_view text) {
  int32_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size())
    throw ConfigException("throttled replicas: " + std::string(text) + " is no id");
  return id;
}

}  // namespace

ReplicationQuotaManager::ReplicationQuotaManager(Node& node, MetricsRegistry& metrics,
                                                 ReplicationSide side,
                                                 ReplicationQuotaManagerConfig config)
    : node_(node),
      metrics_(metrics),
      side_(side),
      config_(config),
      mutex_(node, "replication quota") {
  metrics_.gauge(byte_rate_name(side), [this] { return rate(); });
}

ReplicationQuotaManager::~ReplicationQuotaManager() { metrics_.remove(byte_rate_name(side_)); }

void ReplicationQuotaManager::update_quota(std::optional<int64_t> bytes_per_second) {
  Lock lock(mutex_);
  quota_ = bytes_per_second;
}

std::optional<int64_t> ReplicationQuotaManager::quota() const {
  Lock lock(mutex_);
  return quota_;
}

void ReplicationQuotaManager::mark_throttled(const std::string& topic,
                                             const std::vector<std::string>& replicas,
                                             BrokerId broker) {
  if (const std::string wrong = throttled_replicas().check(replicas); !wrong.empty())
    throw ConfigException("throttled replicas of " + topic + " " + wrong);
  Throttled throttled;
  throttled.all = replicas.size() == 1 && replicas.front() == "*";
  for (const std::string& replica : replicas) {
    if (throttled.all) break;
    const auto ends = split(replica, ':');
    const PartitionIndex partition = parse_id(ends[0]);
    if (parse_id(ends[1]) == broker) throttled.partitions.insert(partition);
  }
  Lock lock(mutex_);
  throttled_[topic] = std::move(throttled);
}

bool ReplicationQuotaManager::is_throttled(const TopicPartition& partition) const {
  Lock lock(mutex_);
  const auto found = throttled_.find(partition.topic);
  return found != throttled_.end() &&
         (found->second.all || found->second.partitions.contains(partition.partition));
}

void ReplicationQuotaManager::record(int64_t bytes) {
  const Instant now = node_.clock().monotonic();
  Lock lock(mutex_);
  if (samples_.empty() || now - samples_.back().start >= config_.quota_window_size)
    samples_.push_back({now, 0});
  samples_.back().bytes += bytes;
  while (is_over(samples_.front(), now)) samples_.pop_front();
}

bool ReplicationQuotaManager::is_over(const Sample& sample, Instant now) const {
  return now - sample.start >= config_.num_quota_samples * config_.quota_window_size;
}

// The time since the oldest sample began, so that a first burst is not averaged over windows in
// which nothing was counted yet; one window at least.
double ReplicationQuotaManager::rate() const {
  const Instant now = node_.clock().monotonic();
  Lock lock(mutex_);
  int64_t bytes = 0;
  Duration elapsed = config_.quota_window_size;
  for (const Sample& sample : samples_) {
    if (is_over(sample, now)) continue;
    bytes += sample.bytes;
    elapsed = std::max(elapsed, Duration(now - sample.start));
  }
  return static_cast<double>(bytes) / std::chrono::duration<double>(elapsed).count();
}

bool ReplicationQuotaManager::is_quota_exceeded() const {
  const auto limit = quota();
  return limit.has_value() && rate() > static_cast<double>(*limit);
}

}  // namespace kafkascope
