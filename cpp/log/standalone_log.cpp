#include "log/standalone_log.h"

#include <cfloat>

#include "common/logging.h"
#include "log/checkpoint/clean_shutdown_file_handler.h"
#include "log/checkpoint/offset_checkpoint_file.h"
#include "log/cleaner/cleaner.h"
#include "log/log_dir_failure_channel.h"
#include "log/log_file_names.h"
#include "runtime/file_system.h"

namespace kafkascope {

StandaloneLog::StandaloneLog(Node& node, const std::string& dir, const ConfigMap& config)
    : node_(node),
      failures_(std::make_unique<LogDirFailureChannel>(node)),
      parent_(parent_path(dir)) {
  LogOpenOptions options;
  options.config = LogConfig::make({}, config);
  const auto partition = parse_topic_partition_name(file_name_of(dir));
  if (!partition) {
    throw KafkaException(ErrorCode::kInvalidTopicException,
                         dir + " is no partition's directory: expected a name such as flights-0");
  }
  partition_ = *partition;
  node.files().create_directories(parent_);
  lock_ = node.files().try_lock(parent_ + "/.lock");
  if (!lock_) {
    throw KafkaException(ErrorCode::kKafkaStorageError,
                         parent_ + "/.lock is held: a broker runs on this directory");
  }
  CleanShutdownFileHandler clean_shutdown(node.files(), parent_);
  options.dir = dir;
  options.log_start_offset = checkpointed(kLogStartOffsetCheckpoint).value_or(0);
  options.recovery_point = checkpointed(kRecoveryPointCheckpoint).value_or(0);
  options.had_clean_shutdown = clean_shutdown.exists();
  options.producer_id_expiration_ms = INT64_MAX;
  options.log_dir_failure_channel = failures_.get();
  log_ = Log::open(node, std::move(options));
  clean_shutdown.remove();
  log_->sync_parent_dir();
  log_->update_high_watermark(log_->log_end_offset());
}

StandaloneLog::~StandaloneLog() {
  try {
    close();
  } catch (const KafkaException& e) {
    KS_LOG(kError, node_.name(), "closing {}: {}", log_->dir(), e.what());
  }
}

std::optional<Offset> StandaloneLog::checkpointed(const char* file) const {
  const PartitionOffsets offsets = OffsetCheckpointFile(node_.files(), parent_, file).read();
  const auto at = offsets.find(partition_);
  return at == offsets.end() ? std::nullopt : std::optional(at->second);
}

void StandaloneLog::checkpoint(const char* file, Offset offset) {
  OffsetCheckpointFile checkpoint(node_.files(), parent_, file);
  PartitionOffsets offsets = checkpoint.read();
  offsets[partition_] = offset;
  checkpoint.write(offsets);
}

std::optional<CleanerStats> StandaloneLog::clean() {
  const OffsetsToClean offsets =
      cleanable_offsets(*log_, checkpointed(kCleanerOffsetCheckpoint), node_.clock().wall_ms());
  const LogToClean to_clean(log_, offsets, true);
  if (!to_clean.is_cleanable()) return std::nullopt;
  Throttler throttler(node_, DBL_MAX);
  Cleaner cleaner(node_, CleanerConfig{}, throttler, [](const TopicPartition&) {});
  const Cleaner::Result result = cleaner.clean(to_clean);
  checkpoint(kCleanerOffsetCheckpoint, result.end_offset);
  return result.stats;
}

void StandaloneLog::close() {
  if (closed_) return;
  closed_ = true;
  log_->close();
  checkpoint(kRecoveryPointCheckpoint, log_->recovery_point());
  checkpoint(kLogStartOffsetCheckpoint, log_->log_start_offset());
  checkpoint(kReplicationOffsetCheckpoint, log_->high_watermark());
  CleanShutdownFileHandler(node_.files(), parent_).write(-1);
  lock_.reset();
}

}  // namespace kafkascope
