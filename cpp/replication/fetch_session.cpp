#include "replication/fetch_session.h"

#include <algorithm>

namespace kafkascope {
namespace {

constexpr Duration kMinSessionAge = std::chrono::minutes(2);  // before another may take its place

TopicPartition key_of(const CachedPartition& partition) {
  const TopicPartition& asked = partition.request.partition;
  return asked.topic.empty() ? FetchManager::unnamed(partition.topic_id, asked.partition) : asked;
}

}  // namespace

TopicPartition FetchManager::unnamed(const Uuid& topic_id, PartitionIndex partition) {
  return {"?" + topic_id.to_string(), partition};  // no topic can be called so
}

/// What was told of it before stays known.
void FetchManager::Session::keep(CachedPartition partition) {
  CachedPartition& kept = partitions[key_of(partition)];
  kept.request = std::move(partition.request);
  kept.topic_id = partition.topic_id;
}

/// The broker may have heard of a topic since it was asked for: the client names it only once.
void FetchManager::Session::name_partitions(const NameOf& name_of) {
  std::vector<CachedPartition> named;
  std::erase_if(partitions, [&](const auto& entry) {
    if (!entry.second.request.partition.topic.empty()) return false;
    const std::string name = name_of(entry.second.topic_id);
    if (name.empty()) return false;
    named.push_back(entry.second);
    named.back().request.partition.topic = name;
    return true;
  });
  for (CachedPartition& partition : named) keep(std::move(partition));
}

FetchManager::FetchManager(Node& node, size_t max_sessions)
    : node_(node),
      max_sessions_(max_sessions),
      mutex_(node, "fetch sessions"),
      random_(node.random().stream("fetch sessions")) {}

FetchContext FetchManager::new_context(int32_t session_id, int32_t epoch,
                                       std::vector<CachedPartition> given,
                                       const std::vector<TopicPartition>& forgotten,
                                       const NameOf& name_of) {
  Lock lock(mutex_);
  FetchContext context;
  if (epoch == kFullFetchEpoch || epoch == kFinalFetchEpoch) {
    sessions_.erase(session_id);
    if (epoch == kFullFetchEpoch) context.session_id = make_session(given);
    context.partitions = std::move(given);
    return context;
  }
  const auto found = sessions_.find(session_id);
  if (found == sessions_.end()) {
    context.error = ErrorCode::kFetchSessionIdNotFound;
    return context;
  }
  Session& session = found->second;
  if (session.epoch != epoch) {
    context.error = ErrorCode::kInvalidFetchSessionEpoch;
    return context;
  }
  session.epoch = epoch == INT32_MAX ? 1 : epoch + 1;
  session.last_used = node_.clock().monotonic();
  if (name_of) session.name_partitions(name_of);
  for (CachedPartition& partition : given) session.keep(std::move(partition));
  for (const TopicPartition& partition : forgotten) session.partitions.erase(partition);
  context.session_id = session_id;
  context.incremental = true;
  for (const auto& [name, partition] : session.partitions) context.partitions.push_back(partition);
  return context;
}

int32_t FetchManager::make_session(const std::vector<CachedPartition>& partitions) {
  const Instant now = node_.clock().monotonic();
  if (sessions_.size() >= max_sessions_) {
    const auto oldest = std::min_element(
        sessions_.begin(), sessions_.end(),
        [](const auto& a, const auto& b) { return a.second.last_used < b.second.last_used; });
    if (oldest == sessions_.end() || now - oldest->second.last_used < kMinSessionAge)
      return kSessionless;
    sessions_.erase(oldest);
  }
  int32_t id = kSessionless;
  while (id == kSessionless || sessions_.contains(id))
    id = static_cast<int32_t>(random_.below(INT32_MAX));
  Session& session = sessions_[id];
  session.last_used = now;
  for (const CachedPartition& partition : partitions) session.keep(partition);
  return id;
}

std::vector<bool> FetchManager::select(const FetchContext& context, const FetchResults& results) {
  std::vector<bool> selected(results.size(), true);
  if (context.session_id == kSessionless) return selected;
  Lock lock(mutex_);
  const auto found = sessions_.find(context.session_id);
  if (found == sessions_.end()) return selected;
  for (size_t i = 0; i < results.size(); ++i) {
    const auto& [request, result] = results[i];
    const auto cached = found->second.partitions.find(key_of(context.partitions[i]));
    if (cached == found->second.partitions.end()) continue;
    CachedPartition& partition = cached->second;
    const bool news = result.data.records.size() > 0 || result.error != ErrorCode::kNone ||
                      result.diverging_epoch.has_value() ||
                      result.preferred_read_replica.has_value() ||
                      partition.last_high_watermark != result.high_watermark ||
                      partition.last_log_start_offset != result.log_start_offset;
    partition.last_high_watermark = result.error == ErrorCode::kNone ? result.high_watermark : -1;
    partition.last_log_start_offset = result.log_start_offset;
    selected[i] = !context.incremental || news;
  }
  return selected;
}

std::vector<ServerFetchSession> FetchManager::describe() {
  Lock lock(mutex_);
  std::vector<ServerFetchSession> all;
  for (const auto& [id, session] : sessions_) {
    ServerFetchSession& one = all.emplace_back(ServerFetchSession{id, session.epoch, {}});
    for (const auto& [name, partition] : session.partitions) one.partitions.push_back(name);
  }
  return all;
}

}  // namespace kafkascope
