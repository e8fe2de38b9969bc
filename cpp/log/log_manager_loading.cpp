// LogManager at start: directories locked, whose they are checked, logs loaded.
#include <fmt/core.h>

#include <atomic>

#include "common/logging.h"
#include "log/checkpoint/clean_shutdown_file_handler.h"
#include "log/checkpoint/offset_checkpoint_file.h"
#include "log/cleaner/log_cleaner.h"
#include "log/log_dir.h"
#include "log/log_dir_failure_channel.h"
#include "log/log_file_names.h"

namespace kafkascope {
namespace {

constexpr const char* kClusterMetadataTopic = "__cluster_metadata";

}  // namespace

LogManager::LogManager(Node& node, LogManagerConfig config, LogDirFailureChannel& failures)
    : node_(node),
      config_(std::move(config)),
      failures_(failures),
      mutex_(node, "log-manager"),
      uuids_(node.random().stream("log-manager-uuids")),
      creation_mutex_(node, "log-creation"),
      checkpoint_mutex_(node, "log-checkpoint") {
  for (const std::string& path : config_.log_dirs) open_log_dir(path);
  if (live_log_dirs().empty()) {
    throw KafkaStorageException("none of the directories in log.dirs can be used");
  }
  settle_meta_properties();
  if (!config_.cleaner.enable) return;
  cleaner_ = std::make_unique<LogCleaner>(
      node_, config_.cleaner,
      LogCleanerManager::Sources{[this] { return all_logs(); }, [this] { return live_log_dirs(); }},
      failures_);
}

LogManager::~LogManager() = default;

void LogManager::open_log_dir(const std::string& path) {
  auto dir = std::make_unique<LogDir>();
  dir->path = path;
  LogDir& added = *(dirs_[path] = std::move(dir));
  try {
    if (!node_.files().exists(path)) {
      node_.files().create_directories(path);
      node_.files().sync_dir(parent_path(path));
    }
    added.lock = node_.files().try_lock(path + "/.lock");
    added.meta = BrokerMetadataCheckpoint(node_.files(), path).read();
  } catch (const KafkaStorageException& e) {
    mark_offline(path, e.what());
    return;
  }
  if (!added.lock) {
    throw KafkaException(ErrorCode::kKafkaStorageError,
                         fmt::format("{}/.lock is held: another broker runs on this directory; "
                                     "give each broker its own log.dirs",
                                     path));
  }
}

std::string LogManager::choose_cluster_id() const {
  std::string chosen = config_.cluster_id;
  for (const auto& [path, dir] : dirs_) {
    if (!dir->meta) continue;
    const MetaProperties& meta = *dir->meta;
    if (meta.broker_id && *meta.broker_id != config_.broker_id) {
      throw KafkaException(ErrorCode::kInvalidConfig,
                           fmt::format("{}/meta.properties is of broker {}, this is broker {}: "
                                       "correct broker.id or log.dirs",
                                       path, *meta.broker_id, config_.broker_id));
    }
    if (meta.cluster_id.empty()) continue;
    if (!chosen.empty() && meta.cluster_id != chosen) {
      throw KafkaException(ErrorCode::kInconsistentClusterId,
                           fmt::format("{}/meta.properties is of cluster {}, not of {}", path,
                                       meta.cluster_id, chosen));
    }
    chosen = meta.cluster_id;
  }
  return chosen;
}

void LogManager::settle_meta_properties() {
  config_.cluster_id = choose_cluster_id();
  if (config_.cluster_id.empty()) {
    Lock lock(mutex_);
    const uint64_t high = uuids_.next();
    config_.cluster_id = Uuid::from_random(high, uuids_.next()).to_string();
  }
  for_each_live_dir([&](LogDir& dir) {
    MetaProperties meta = dir.meta.value_or(MetaProperties{});
    meta.broker_id = config_.broker_id;
    meta.cluster_id = config_.cluster_id;
    if (dir.meta == meta) return;
    BrokerMetadataCheckpoint(node_.files(), dir.path).write(meta);
    dir.meta = meta;
  });
}

void LogManager::startup(const TopicConfigs& topic_configs) {
  {
    Lock lock(mutex_);
    topic_configs_ = topic_configs;
  }
  for_each_live_dir([&](LogDir& dir) { load_logs(dir); });
  finish_moves();
}

std::map<TopicPartition, Offset> LogManager::read_or_reset(const std::string& log_dir,
                                                           const char* file) const {
  try {
    return OffsetCheckpointFile(node_.files(), log_dir, file).read();
  } catch (const KafkaStorageException& e) {
    KS_LOG(kWarn, node_.name(), "{}: taken as empty", e.what());
    return {};
  }
}

void LogManager::load_logs(LogDir& dir) {
  CleanShutdownFileHandler clean_shutdown(node_.files(), dir.path);
  Checkpoints checkpoints;
  checkpoints.clean = clean_shutdown.exists();
  checkpoints.recovery_points = read_or_reset(dir.path, kRecoveryPointCheckpoint);
  checkpoints.start_offsets = read_or_reset(dir.path, kLogStartOffsetCheckpoint);
  std::vector<std::string> names;
  for (const std::string& name : node_.files().list(dir.path)) {
    if (!node_.files().is_directory(dir.path + "/" + name)) continue;
    if (name.ends_with(kDeleteDirSuffix)) {
      Lock lock(mutex_);
      deleted_.push_back({dir.path + "/" + name, nullptr, node_.clock().wall_ms()});
    } else if (parse_future_dir_name(name)) {
      names.push_back(name);
    } else if (!parse_topic_partition_name(name)) {
      KS_LOG(kWarn, node_.name(), "{}/{} is no partition's directory: left alone", dir.path, name);
    } else if (parse_topic_partition_name(name)->topic != kClusterMetadataTopic) {
      names.push_back(name);
    }
  }
  load_in_threads(names, dir, checkpoints);
  // Only now: a crash while loading must be recovered from again.
  clean_shutdown.remove();
}

void LogManager::load_in_threads(const std::vector<std::string>& names, LogDir& dir,
                                 const Checkpoints& checkpoints) {
  std::atomic<size_t> next{0};
  Mutex failure_mutex(node_, "log-loading");
  std::optional<Error> failure;
  const auto load_some = [&] {
    for (size_t i = next++; i < names.size(); i = next++) {
      try {
        load_log(names[i], dir, checkpoints);
      } catch (const KafkaException& e) {
        Lock lock(failure_mutex);
        failure = Error{e.code(), e.what()};
        return;
      }
    }
  };
  const size_t helpers =
      std::min(names.size(), static_cast<size_t>(config_.num_recovery_threads_per_data_dir));
  if (helpers < 2) {
    load_some();
  } else {
    std::vector<std::unique_ptr<Thread>> threads;
    for (size_t i = 0; i < helpers; ++i) {
      threads.push_back(
          std::make_unique<Thread>(node_, fmt::format("log-recovery-{}", i), load_some));
    }
    for (const auto& thread : threads) thread->join();
  }
  if (!failure) return;
  if (failure->code == ErrorCode::kKafkaStorageError) throw KafkaStorageException(failure->message);
  throw KafkaException(failure->code, failure->message);
}

void LogManager::load_log(const std::string& name, LogDir& dir, const Checkpoints& checkpoints) {
  const auto future = parse_future_dir_name(name);
  const TopicPartition partition = future ? *future : *parse_topic_partition_name(name);
  const auto offset_in = [&](const std::map<TopicPartition, Offset>& offsets) {
    const auto at = offsets.find(partition);
    return at == offsets.end() ? 0 : at->second;
  };
  LogOpenOptions options = open_options(partition, dir.path + "/" + name);
  options.log_start_offset = offset_in(checkpoints.start_offsets);
  options.recovery_point = offset_in(checkpoints.recovery_points);
  options.had_clean_shutdown = checkpoints.clean;
  const auto log = Log::open(node_, std::move(options));
  if (future && cleaner_) cleaner_->manager().abort_and_pause_cleaning(partition);
  if (cleaner_ && log->swapped_from()) {
    cleaner_->manager().maybe_truncate_checkpoint(dir.path, partition, *log->swapped_from());
  }
  Lock lock(mutex_);
  const auto [at, is_new] = (future ? future_logs_ : logs_).emplace(partition, log);
  if (is_new) return;
  throw KafkaException(ErrorCode::kKafkaStorageError,
                       fmt::format("{} and {} hold the same partition: remove one of them",
                                   log->dir(), at->second->dir()));
}

}  // namespace kafkascope
