#include "log/log_manager.h"

#include <fmt/core.h>

#include "common/logging.h"
#include "log/checkpoint/clean_shutdown_file_handler.h"
#include "log/cleaner/log_cleaner.h"
#include "log/log_dir.h"
#include "log/log_dir_failure_channel.h"
#include "log/log_file_names.h"

namespace kafkascope {

void LogManager::shutdown(int64_t broker_epoch) {
  if (cleaner_) cleaner_->shutdown();
  for_each_live_dir([&](LogDir& dir) {
    for (const auto& log : logs_in_dir(dir.path)) log->close();
    for (const auto& log : future_logs()) {
      if (log->parent_dir() == dir.path) log->close();
    }
  });
  checkpoint_log_recovery_offsets();
  checkpoint_log_start_offsets();
  checkpoint_high_watermarks();
  for_each_live_dir([&](LogDir& dir) {
    CleanShutdownFileHandler(node_.files(), dir.path).write(broker_epoch);
    dir.lock.reset();
  });
  Lock lock(mutex_);
  logs_.clear();
  future_logs_.clear();
}

std::vector<std::string> LogManager::live_log_dirs() const {
  Lock lock(mutex_);
  std::vector<std::string> live;
  for (const auto& [path, dir] : dirs_) {
    if (dir->online) live.push_back(path);
  }
  return live;
}

bool LogManager::is_log_dir_online(const std::string& log_dir) const {
  Lock lock(mutex_);
  const auto at = dirs_.find(log_dir);
  return at != dirs_.end() && at->second->online;
}

std::shared_ptr<Log> LogManager::get_log(const TopicPartition& partition) const {
  Lock lock(mutex_);
  const auto at = logs_.find(partition);
  return at == logs_.end() ? nullptr : at->second;
}

std::vector<std::shared_ptr<Log>> LogManager::all_logs() const {
  Lock lock(mutex_);
  std::vector<std::shared_ptr<Log>> all;
  for (const auto& [partition, log] : logs_) all.push_back(log);
  return all;
}

std::vector<std::shared_ptr<Log>> LogManager::logs_in_dir(const std::string& log_dir) const {
  std::vector<std::shared_ptr<Log>> logs = all_logs();
  std::erase_if(logs, [&](const auto& log) { return log->parent_dir() != log_dir; });
  return logs;
}

std::shared_ptr<const LogConfig> LogManager::config_of(const std::string& topic) const {
  Lock lock(mutex_);
  const auto at = topic_configs_.find(topic);
  return LogConfig::make(config_.broker_config,
                         at == topic_configs_.end() ? ConfigMap{} : at->second);
}

LogManager::LogDir* LogManager::next_log_dir() const {
  std::map<std::string, int> counts;
  for (const auto& [partition, log] : logs_) ++counts[log->parent_dir()];
  LogDir* best = nullptr;
  for (const auto& [path, dir] : dirs_) {
    if (dir->online && (best == nullptr || counts[path] < counts[best->path])) best = dir.get();
  }
  return best;
}

std::string LogManager::dir_for_log(const TopicPartition& partition, bool is_new) const {
  Lock lock(mutex_);
  for (const auto& [path, dir] : dirs_) {
    if (dir->online || is_new) continue;
    throw KafkaStorageException(
        fmt::format("{} has no log in a directory that is online; it may lie in {}, which is not",
                    partition.to_string(), path));
  }
  const LogDir* dir = next_log_dir();
  if (dir == nullptr) throw KafkaStorageException("no log directory is online");
  return dir->path;
}

std::shared_ptr<Log> LogManager::get_or_create_log(const TopicPartition& partition,
                                                   const ConfigMap& topic_config,
                                                   const std::optional<Uuid>& topic_id,
                                                   bool is_new) {
  Lock creation(creation_mutex_);
  std::shared_ptr<Log> log = get_log(partition);
  if (!log) {
    const std::string dir = dir_for_log(partition, is_new);
    {
      Lock lock(mutex_);
      topic_configs_[partition.topic] = topic_config;
    }
    log = Log::open(node_, open_options(partition, dir + "/" + partition.to_string()));
    log->sync_parent_dir();
    if (topic_id) log->assign_topic_id(*topic_id);
    KS_TRACE(node_, "LogCreated", {"partition", partition.to_string()}, {"dir", dir});
    Lock lock(mutex_);
    if (!dirs_.at(dir)->online) throw KafkaStorageException(dir + " went offline meanwhile");
    logs_[partition] = log;
    return log;
  }
  if (topic_id) log->assign_topic_id(*topic_id);
  return log;
}

bool LogManager::async_delete(const TopicPartition& partition) {
  remove_future_log(partition);
  Lock creation(creation_mutex_);
  std::shared_ptr<Log> log;
  {
    Lock lock(mutex_);
    const auto at = logs_.find(partition);
    if (at == logs_.end()) return false;
    log = at->second;
    logs_.erase(at);
  }
  if (cleaner_) {
    cleaner_->manager().abort_cleaning(partition);
    cleaner_->manager().remove_checkpoint(log->parent_dir(), partition);
  }
  delete_later(log);
  KS_TRACE(node_, "LogDeleted", {"partition", partition.to_string()});
  return true;
}

LogOpenOptions LogManager::open_options(const TopicPartition& partition,
                                        const std::string& dir) const {
  LogOpenOptions options;
  options.dir = dir;
  options.config = config_of(partition.topic);
  options.producer_id_expiration_ms = config_.producer_id_expiration_ms;
  options.log_dir_failure_channel = &failures_;
  return options;
}

std::string LogManager::unique_suffix() {
  Lock lock(mutex_);
  const uint64_t high = uuids_.next();
  return fmt::format("{:016x}{:016x}", high, uuids_.next());
}

void LogManager::delete_later(const std::shared_ptr<Log>& log) {
  log->rename_dir(log_delete_dir_name(log->topic_partition(), unique_suffix()));
  schedule_deletion(log);
}

void LogManager::schedule_deletion(const std::shared_ptr<Log>& log) {
  const int64_t due = node_.clock().wall_ms() + log->config()->file_delete_delay_ms;
  Lock lock(mutex_);
  deleted_.push_back({log->dir(), log, due});
}

/// Truncates a log while nobody cleans it; what is clean then ends where it ends.
template <typename Truncate>
void LogManager::without_cleaning(const Log& log, Truncate truncate) {
  if (!cleaner_) return truncate();
  LogCleanerManager& manager = cleaner_->manager();
  const TopicPartition& partition = log.topic_partition();
  manager.abort_and_pause_cleaning(partition);
  try {
    truncate();
    manager.maybe_truncate_checkpoint(log.parent_dir(), partition, log.active_base_offset());
  } catch (const KafkaException&) {
    manager.resume_cleaning(partition);
    throw;
  }
  manager.resume_cleaning(partition);
}

void LogManager::truncate_to(const std::map<TopicPartition, Offset>& offsets) {
  bool truncated = false;
  for (const auto& [partition, offset] : offsets) {
    const auto log = get_log(partition);
    if (log) without_cleaning(*log, [&] { truncated |= log->truncate_to(offset); });
  }
  if (truncated) checkpoint_log_recovery_offsets();
}

void LogManager::truncate_fully_and_start_at(const TopicPartition& partition, Offset offset) {
  const auto log = get_log(partition);
  if (!log) return;
  without_cleaning(*log, [&] { log->truncate_fully_and_start_at(offset); });
  checkpoint_log_recovery_offsets();
  checkpoint_log_start_offsets();
}

void LogManager::update_topic_config(const std::string& topic, const ConfigMap& overrides) {
  std::shared_ptr<const LogConfig> config;
  {
    Lock lock(mutex_);
    config = LogConfig::make(config_.broker_config, overrides);
    topic_configs_[topic] = overrides;
  }
  for (const auto& log : all_logs()) {
    if (log->topic_partition().topic == topic) log->update_config(config);
  }
}

void LogManager::reconfigure_defaults(ConfigMap broker_config) {
  LogConfig::make(broker_config, {});  // refuses what is wrong before anything changes
  {
    Lock lock(mutex_);
    config_.broker_config = std::move(broker_config);
  }
  for (const auto& log : all_logs()) log->update_config(config_of(log->topic_partition().topic));
}

void LogManager::mark_offline(const std::string& log_dir, const std::string& reason) {
  failures_.maybe_add_offline_log_dir(log_dir, reason);
  handle_log_dir_failure(log_dir);
}

std::vector<TopicPartition> LogManager::handle_log_dir_failure(const std::string& log_dir) {
  Lock lock(mutex_);
  std::vector<TopicPartition> lost;
  const auto at = dirs_.find(log_dir);
  if (at == dirs_.end()) return lost;
  at->second->online = false;
  for (const auto& [partition, log] : logs_) {
    if (log->parent_dir() == log_dir) lost.push_back(partition);
  }
  for (const TopicPartition& partition : lost) logs_.erase(partition);
  std::vector<TopicPartition> given_up;  // moves to there
  for (const auto& [partition, future] : future_logs_) {
    if (future->parent_dir() == log_dir) given_up.push_back(partition);
  }
  for (const TopicPartition& partition : given_up) future_logs_.erase(partition);
  std::erase_if(deleted_, [&](const DeletedLog& log) { return parent_path(log.path) == log_dir; });
  lock.unlock();
  if (!cleaner_) return lost;
  cleaner_->manager().handle_log_dir_failure(log_dir);
  for (const TopicPartition& partition : given_up) cleaner_->manager().resume_cleaning(partition);
  return lost;
}

}  // namespace kafkascope
