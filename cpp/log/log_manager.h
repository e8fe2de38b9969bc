// LogManager: the logs of a broker, over its log directories.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/uuid.h"
#include "log/cleaner/cleaner_config.h"
#include "log/log.h"

namespace kafkascope {

class LogCleaner;
class LogDirFailureChannel;

struct LogManagerConfig {
  std::vector<std::string> log_dirs;
  ConfigMap broker_config;  // defaults of topics come from here (log.* keys)
  int num_recovery_threads_per_data_dir = 1;
  int64_t producer_id_expiration_ms = 86'400'000;
  BrokerId broker_id = 0;
  std::string cluster_id;  // of an earlier meta.properties when empty
  CleanerConfig cleaner;
};

/// Kafka's LogManager. Any thread may call. A directory that fails goes offline: its logs are
/// dropped from here, the rest goes on; when none is left, calls throw KafkaStorageException.
class LogManager {
 public:
  /// Topic -> its overrides, for the logs that startup finds.
  using TopicConfigs = std::map<std::string, ConfigMap>;

  /// Makes missing directories, locks each (".lock") and checks its meta.properties. Throws
  /// KafkaException when another process has one, or when they belong to another broker or cluster.
  LogManager(Node& node, LogManagerConfig config, LogDirFailureChannel& failures);
  /// Unlocks the directories; without shutdown() before, the next start recovers.
  ~LogManager();

  /// Loads all logs, recovers those of unclean directories, removes the clean shutdown files.
  void startup(const TopicConfigs& topic_configs = {});
  /// Flushes and closes all logs, writes checkpoints and the clean shutdown files, unlocks.
  void shutdown(int64_t broker_epoch = -1);

  /// Null with log.cleaner.enable=false. It cleans once its startup() was called.
  LogCleaner* cleaner() const { return cleaner_.get(); }

  const std::string& cluster_id() const { return config_.cluster_id; }
  const std::vector<std::string>& log_dirs() const { return config_.log_dirs; }
  std::vector<std::string> live_log_dirs() const;
  bool is_log_dir_online(const std::string& log_dir) const;

  /// Null when there is none.
  std::shared_ptr<Log> get_log(const TopicPartition& partition) const;
  std::vector<std::shared_ptr<Log>> all_logs() const;
  std::vector<std::shared_ptr<Log>> logs_in_dir(const std::string& log_dir) const;
  /// The log, made in the directory with the fewest logs when there is none yet. The log of a
  /// partition that is not new may lie in an offline directory: then it is not made anew. Throws
  /// KafkaException(INCONSISTENT_TOPIC_ID), KafkaStorageException.
  std::shared_ptr<Log> get_or_create_log(const TopicPartition& partition,
                                         const ConfigMap& topic_config,
                                         const std::optional<Uuid>& topic_id = std::nullopt,
                                         bool is_new = true);
  /// Renames its directory to "topic-0.<uuid>-delete"; delete_logs removes it later. False when
  /// there was none.
  bool async_delete(const TopicPartition& partition);
  /// Truncates the logs, then checkpoints their recovery points: a later crash must not trust what
  /// is written where something else was. Partitions without a log are left out.
  void truncate_to(const std::map<TopicPartition, Offset>& offsets);
  void truncate_fully_and_start_at(const TopicPartition& partition, Offset offset);
  /// New overrides of a topic, for all its logs. Throws ConfigException and changes nothing.
  void update_topic_config(const std::string& topic, const ConfigMap& overrides);
  /// New defaults (dynamic broker configuration), for all logs.
  void reconfigure_defaults(ConfigMap broker_config);

  // Moving a log to another directory (AlterReplicaLogDirs): log_manager_moving.cpp
  /// The copy that a log is moved by; null when it is not moved.
  std::shared_ptr<Log> get_future_log(const TopicPartition& partition) const;
  std::vector<std::shared_ptr<Log>> future_logs() const;
  /// Makes the copy ("t-0.<uuid>-future") in another directory, and holds the cleaner back from the
  /// log. Returns the one that is there already. Throws KafkaStorageException.
  std::shared_ptr<Log> create_future_log(const TopicPartition& partition,
                                         const std::string& log_dir);
  /// Gives the move up: the copy goes away in the background.
  void remove_future_log(const TopicPartition& partition);
  /// The copy becomes the log, and the log goes away in the background. Nobody may append
  /// meanwhile. Null when it is not moved any more.
  std::shared_ptr<Log> replace_current_with_future_log(const TopicPartition& partition);

  /// The directory failed: its logs and checkpoints are forgotten. Returns the partitions lost.
  std::vector<TopicPartition> handle_log_dir_failure(const std::string& log_dir);

  // Tasks: a scheduler calls them.
  /// log.retention.check.interval.ms. Compacted logs are left to the cleaner.
  int cleanup_logs();
  /// log.flush.scheduler.interval.ms
  void flush_dirty_logs();
  /// Every second or so.
  void flush_rolled_logs();
  /// log.flush.offset.checkpoint.interval.ms
  void checkpoint_log_recovery_offsets();
  /// log.flush.start.offset.checkpoint.interval.ms
  void checkpoint_log_start_offsets();
  /// Files and directories whose file.delete.delay.ms has passed: every second or so.
  void delete_logs();
  /// producer.id.expiration.check.interval.ms
  void remove_expired_producers();

  // replication-offset-checkpoint, for ReplicaManager.
  std::map<TopicPartition, Offset> read_high_watermarks() const;
  void checkpoint_high_watermarks();

 private:
  struct LogDir;
  /// A directory that awaits its removal.
  struct DeletedLog {
    std::string path;
    std::shared_ptr<Log> log;  // null when it was found at start
    int64_t due_ms;
  };
  /// What the checkpoints of a directory say, for loading its logs.
  struct Checkpoints {
    std::map<TopicPartition, Offset> recovery_points;
    std::map<TopicPartition, Offset> start_offsets;
    bool clean = false;
  };

  // log_manager_loading.cpp
  void open_log_dir(const std::string& path);
  void settle_meta_properties();
  std::string choose_cluster_id() const;
  void load_logs(LogDir& dir);
  void load_in_threads(const std::vector<std::string>& names, LogDir& dir,
                       const Checkpoints& checkpoints);
  void load_log(const std::string& name, LogDir& dir, const Checkpoints& checkpoints);
  std::map<TopicPartition, Offset> read_or_reset(const std::string& log_dir,
                                                 const char* file) const;

  std::shared_ptr<const LogConfig> config_of(const std::string& topic) const;
  /// Copies whose log was gone when the crash came are the logs now.
  void finish_moves();
  LogOpenOptions open_options(const TopicPartition& partition, const std::string& dir) const;
  std::string unique_suffix();
  /// Renames the log's directory to "-delete"; delete_logs removes it.
  void delete_later(const std::shared_ptr<Log>& log);
  /// The same for one that was renamed.
  void schedule_deletion(const std::shared_ptr<Log>& log);
  LogDir* next_log_dir() const KS_REQUIRES(mutex_);
  /// Where a log that does not exist yet goes.
  std::string dir_for_log(const TopicPartition& partition, bool is_new) const;
  void mark_offline(const std::string& log_dir, const std::string& reason);
  template <typename Truncate>
  void without_cleaning(const Log& log, Truncate truncate);
  /// Calls fn(dir) for each live directory; an I/O error takes that one offline.
  template <typename Function>
  void for_each_live_dir(Function fn);
  template <typename OffsetOf>
  void write_checkpoint(const char* file, OffsetOf offset_of);

  Node& node_;
  LogManagerConfig config_;
  LogDirFailureChannel& failures_;

  mutable Mutex mutex_;
  std::map<std::string, std::unique_ptr<LogDir>> dirs_;  // the set is fixed; states under mutex_
  std::map<TopicPartition, std::shared_ptr<Log>> logs_ KS_GUARDED_BY(mutex_);
  std::map<TopicPartition, std::shared_ptr<Log>> future_logs_ KS_GUARDED_BY(mutex_);
  std::map<std::string, ConfigMap> topic_configs_ KS_GUARDED_BY(mutex_);
  std::vector<DeletedLog> deleted_ KS_GUARDED_BY(mutex_);
  RandomStream uuids_ KS_GUARDED_BY(mutex_);
  Mutex creation_mutex_;    // one log is made at a time
  Mutex checkpoint_mutex_;  // one checkpoint is written at a time
  std::unique_ptr<LogCleaner> cleaner_;
};

}  // namespace kafkascope
