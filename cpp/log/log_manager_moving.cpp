// LogManager: a log moves from one directory to another by a copy, the future log.
#include "common/logging.h"
#include "log/cleaner/log_cleaner.h"
#include "log/log_dir.h"
#include "log/log_file_names.h"
#include "log/log_manager.h"

namespace kafkascope {

std::shared_ptr<Log> LogManager::get_future_log(const TopicPartition& partition) const {
  Lock lock(mutex_);
  const auto at = future_logs_.find(partition);
  return at == future_logs_.end() ? nullptr : at->second;
}

std::vector<std::shared_ptr<Log>> LogManager::future_logs() const {
  Lock lock(mutex_);
  std::vector<std::shared_ptr<Log>> all;
  for (const auto& [partition, log] : future_logs_) all.push_back(log);
  return all;
}

std::shared_ptr<Log> LogManager::create_future_log(const TopicPartition& partition,
                                                   const std::string& log_dir) {
  Lock creation(creation_mutex_);
  if (auto log = get_future_log(partition)) return log;
  if (!is_log_dir_online(log_dir)) throw KafkaStorageException(log_dir + " is offline");
  const std::shared_ptr<Log> current = get_log(partition);
  if (!current) throw KafkaStorageException(partition.to_string() + " has no log to be moved");
  LogOpenOptions options =
      open_options(partition, log_dir + "/" + log_future_dir_name(partition, unique_suffix()));
  options.log_start_offset = current->log_start_offset();
  const auto log = Log::open(node_, std::move(options));
  log->sync_parent_dir();
  if (const auto id = current->topic_id()) log->assign_topic_id(*id);
  if (cleaner_) cleaner_->manager().abort_and_pause_cleaning(partition);
  KS_TRACE(node_, "FutureLogCreated", {"partition", partition.to_string()}, {"dir", log_dir});
  Lock lock(mutex_);
  if (dirs_.at(log_dir)->online) {
    future_logs_[partition] = log;
    return log;
  }
  lock.unlock();
  if (cleaner_) cleaner_->manager().resume_cleaning(partition);
  throw KafkaStorageException(log_dir + " went offline meanwhile");
}

void LogManager::remove_future_log(const TopicPartition& partition) {
  Lock creation(creation_mutex_);
  std::shared_ptr<Log> log;
  {
    Lock lock(mutex_);
    const auto at = future_logs_.find(partition);
    if (at == future_logs_.end()) return;
    log = at->second;
    future_logs_.erase(at);
  }
  if (cleaner_) cleaner_->manager().resume_cleaning(partition);
  delete_later(log);
}

std::shared_ptr<Log> LogManager::replace_current_with_future_log(const TopicPartition& partition) {
  Lock creation(creation_mutex_);
  const std::shared_ptr<Log> future = get_future_log(partition), current = get_log(partition);
  if (!future || !current) return nullptr;  // a directory failed just now
  future->flush();
  future->update_high_watermark(current->high_watermark());
  // In this order: a crash in between leaves a copy without a log, which the next start takes for
  // the log, but never two logs.
  current->rename_dir(log_delete_dir_name(partition, unique_suffix()));
  try {
    future->rename_dir(partition.to_string());
  } catch (const KafkaStorageException&) {
    current->rename_dir(partition.to_string());  // it stays what it was
    throw;
  }
  bool was_moving = false;
  {
    Lock lock(mutex_);
    logs_[partition] = future;
    was_moving = future_logs_.erase(partition) > 0;
  }
  if (cleaner_ && was_moving) {
    cleaner_->manager().alter_checkpoint_dir(partition, current->parent_dir(),
                                             future->parent_dir());
    cleaner_->manager().resume_cleaning(partition);
  }
  schedule_deletion(current);
  KS_TRACE(node_, "LogMoved", {"partition", partition.to_string()}, {"to", future->parent_dir()});
  return future;
}

void LogManager::finish_moves() {
  // A log may also be missing because its directory is.
  if (live_log_dirs().size() != log_dirs().size()) return;
  for (const auto& future : future_logs()) {
    const TopicPartition& partition = future->topic_partition();
    if (get_log(partition)) continue;
    future->rename_dir(partition.to_string());
    if (cleaner_) cleaner_->manager().resume_cleaning(partition);
    KS_LOG(kInfo, node_.name(), "{}: finished its move", future->dir());
    Lock lock(mutex_);
    future_logs_.erase(partition);
    logs_[partition] = future;
  }
}

}  // namespace kafkascope
