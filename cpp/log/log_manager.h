// LogManager: the logs of a broker, over its log directories.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/uuid.h"
#include "log/log.h"

namespace kafkascope {

class LogDirFailureChannel;

struct LogManagerConfig {
  std::vector<std::string> log_dirs;
  ConfigMap broker_config;  // defaults of topics come from here (log.* keys)
  int num_recovery_threads_per_data_dir = 1;
  int64_t producer_id_expiration_ms = 86'400'000;
  BrokerId broker_id = 0;
  std::string cluster_id;  // of an earlier meta.properties when empty
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
  ~LogManager();

  /// Loads all logs, recovers those of unclean directories, removes the clean shutdown files.
  void startup(const TopicConfigs& topic_configs = {});
  /// Flushes and closes all logs, writes checkpoints and the clean shutdown files, unlocks.
  void shutdown(int64_t broker_epoch = -1);
  /// Drops everything without a flush, as far as a program that ends badly would: for tests.
  void abandon();

  const std::string& cluster_id() const { return config_.cluster_id; }
  std::vector<std::string> live_log_dirs() const;
  bool is_log_dir_online(const std::string& log_dir) const;

  /// Null when there is none.
  std::shared_ptr<Log> get_log(const TopicPartition& partition) const;
  std::vector<std::shared_ptr<Log>> all_logs() const;
  std::vector<std::shared_ptr<Log>> logs_in_dir(const std::string& log_dir) const;
  /// The log, made in the directory with the fewest logs when there is none yet. Throws
  /// KafkaException(INCONSISTENT_TOPIC_ID), KafkaStorageException.
  std::shared_ptr<Log> get_or_create_log(const TopicPartition& partition,
                                         const ConfigMap& topic_config,
                                         const std::optional<Uuid>& topic_id = std::nullopt);
  /// Renames its directory to "topic-0.<uuid>-delete"; delete_logs removes it later. False when
  /// there was none.
  bool async_delete(const TopicPartition& partition);
  /// New overrides of a topic, for all its logs. Throws ConfigException and changes nothing.
  void update_topic_config(const std::string& topic, const ConfigMap& overrides);
  /// New defaults (dynamic broker configuration), for all logs.
  void reconfigure_defaults(ConfigMap broker_config);

  /// The directory failed: its logs and checkpoints are forgotten. Returns the partitions lost.
  std::vector<TopicPartition> handle_log_dir_failure(const std::string& log_dir);

  // Tasks: a scheduler calls them.
  /// log.retention.check.interval.ms
  int cleanup_logs();
  /// log.flush.scheduler.interval.ms
  void flush_dirty_logs();
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
  struct DeletedLog {
    std::shared_ptr<Log> log;
    int64_t due_ms;
  };

  // log_manager_loading.cpp
  void open_log_dir(const std::string& path);
  void settle_cluster_id();
  void load_logs(LogDir& dir, const TopicConfigs& topic_configs);
  void load_log(LogDir& dir, const std::string& name, const TopicConfigs& topic_configs,
                const std::map<TopicPartition, Offset>& recovery_points,
                const std::map<TopicPartition, Offset>& start_offsets, bool clean);
  std::shared_ptr<const LogConfig> config_of(const std::string& topic) const;
  LogDir* next_log_dir() KS_REQUIRES(mutex_);
  template <typename Function>
  void for_each_live_dir(const char* what, Function fn);

  Node& node_;
  LogManagerConfig config_;
  LogDirFailureChannel& failures_;

  mutable Mutex mutex_;
  std::map<std::string, std::unique_ptr<LogDir>> dirs_ KS_GUARDED_BY(mutex_);
  std::map<TopicPartition, std::shared_ptr<Log>> logs_ KS_GUARDED_BY(mutex_);
  std::map<std::string, ConfigMap> topic_configs_ KS_GUARDED_BY(mutex_);
  std::vector<DeletedLog> deleted_ KS_GUARDED_BY(mutex_);
  RandomStream uuids_ KS_GUARDED_BY(mutex_);
  Mutex creation_mutex_;    // one log is made at a time
  Mutex checkpoint_mutex_;  // one checkpoint is written at a time
};

}  // namespace kafkascope
