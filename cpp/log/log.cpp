#include "log/log.h"

#include <fmt/core.h>

#include <algorithm>

#include "log/checkpoint/partition_metadata_file.h"
#include "log/epoch/leader_epoch_file_cache.h"
#include "log/log_description.h"
#include "log/log_dir_failure_channel.h"
#include "log/log_file_names.h"
#include "log/log_guard.h"
#include "log/log_loader.h"
#include "log/producer_state_manager.h"

namespace kafkascope {
namespace {

TopicPartition partition_of(const std::string& dir) {
  const std::string name = file_name_of(dir);
  if (const auto partition = parse_topic_partition_name(name)) return *partition;
  if (const auto partition = parse_future_dir_name(name)) return *partition;
  throw KafkaException(ErrorCode::kUnknownServerError,
                       fmt::format("{} is no partition's directory: expected topic-0", dir));
}

}  // namespace

Log::Log(Node& node, LogOpenOptions options)
    : node_(node),
      parent_dir_(parent_path(options.dir)),
      topic_partition_(partition_of(options.dir)),
      log_dir_failure_channel_(options.log_dir_failure_channel),
      mutex_(node, "log"),
      offsets_mutex_(node, "log-offsets"),
      dir_(options.dir),
      config_(options.config),
      log_start_offset_(options.log_start_offset),
      recovery_point_(options.recovery_point),
      last_flush_ms_(node.clock().wall_ms()),
      segments_(std::make_unique<LogSegments>(node)),
      epochs_(std::make_unique<LeaderEpochFileCache>(node, options.dir)),
      producers_(std::make_unique<ProducerStateManager>(node, topic_partition_, options.dir,
                                                        options.producer_id_expiration_ms)),
      jitter_(node.random().stream("segment-jitter-" + topic_partition_.to_string())) {}

Log::~Log() = default;

std::shared_ptr<Log> Log::open(Node& node, LogOpenOptions options) {
  KS_CHECK(options.config != nullptr, "a log needs a configuration");
  std::shared_ptr<Log> log(new Log(node, options));
  log->guard_io([&] { log->load(std::move(options)); });
  return log;
}

void Log::load(LogOpenOptions options) {
  Lock lock(mutex_);
  const auto loaded = LogLoader(node_, options, *segments_, *producers_, *epochs_).load();
  recovery_point_ = loaded.recovery_point;
  log_start_offset_ = loaded.log_start_offset;
  swapped_from_ = loaded.swapped_from;
  {
    Lock offsets(offsets_mutex_);
    topic_id_ = PartitionMetadataFile(node_.files(), dir_).read();
    high_watermark_ = LogOffsetMetadata{loaded.log_start_offset};
  }
  set_log_end(loaded.next_offset);
  producers_->on_high_watermark_updated(loaded.log_start_offset);
  update_first_unstable_offset();
}

void Log::report_io_error(const KafkaStorageException& e) const {
  if (log_dir_failure_channel_ == nullptr) return;
  log_dir_failure_channel_->maybe_add_offline_log_dir(parent_dir_, e.what());
}

void Log::check_open() const {
  if (!closed_) return;
  // No I/O error: its directory is as good as before.
  throw KafkaException(ErrorCode::kNotLeaderOrFollower,
                       topic_partition_.to_string() + " is closed");
}

std::string Log::dir() const {
  Lock lock(offsets_mutex_);
  return dir_;
}

std::shared_ptr<const LogConfig> Log::config() const {
  Lock lock(offsets_mutex_);
  return config_;
}

void Log::update_config(std::shared_ptr<const LogConfig> config) {
  Lock lock(offsets_mutex_);
  config_ = std::move(config);
}

std::optional<Uuid> Log::topic_id() const {
  Lock lock(offsets_mutex_);
  return topic_id_;
}

void Log::assign_topic_id(const Uuid& topic_id) {
  Lock lock(mutex_);
  const std::optional<Uuid> known = this->topic_id();
  if (known == topic_id) return;
  if (known) {
    throw KafkaException(ErrorCode::kInconsistentTopicId,
                         fmt::format("{} has topic id {}, not {}", topic_partition_.to_string(),
                                     known->to_string(), topic_id.to_string()));
  }
  guard_io([&] { PartitionMetadataFile(node_.files(), dir()).write(topic_id); });
  Lock offsets(offsets_mutex_);
  topic_id_ = topic_id;
}

std::optional<LeaderEpoch> Log::latest_epoch() const { return epochs_->latest_epoch(); }

std::optional<EpochEntry> Log::end_offset_for_epoch(LeaderEpoch epoch) const {
  return epochs_->end_offset_for(epoch, log_end_offset());
}

void Log::maybe_assign_epoch_start_offset(LeaderEpoch epoch, Offset start_offset) {
  Lock lock(mutex_);
  guard_io([&] { epochs_->assign(epoch, start_offset); });
}

void Log::remove_expired_producers() {
  Lock lock(mutex_);
  producers_->remove_expired_producers(node_.clock().wall_ms());
}

std::vector<ProducerStateEntry> Log::active_producers() const {
  Lock lock(mutex_);
  std::vector<ProducerStateEntry> entries;
  for (const auto& [id, entry] : producers_->active_producers()) entries.push_back(entry);
  return entries;
}

void Log::take_producer_snapshot() {
  Lock lock(mutex_);
  guard_io([&]() KS_REQUIRES(mutex_) { producers_->take_snapshot(); });
}

void Log::close() {
  Lock lock(mutex_);
  if (closed_) return;
  guard_io([&]() KS_REQUIRES(mutex_) {
    producers_->take_snapshot();
    segments_->active()->on_become_inactive();
    rolled_unflushed_from_ = std::min(rolled_unflushed_from_.load(), active_base_offset());
    flush_locked(log_end_offset());
    for (const auto& segment : segments_->all()) segment->close();
  });
  closed_ = true;
}

void Log::remove() {
  Lock lock(mutex_);
  closed_ = true;
  pending_deletes_.clear();
  guard_io([&]() KS_REQUIRES(mutex_) {
    remove_all(node_.files(), dir());
    node_.files().sync_dir(parent_dir_);
  });
}

void Log::rename_dir(const std::string& name) {
  Lock lock(mutex_);
  const std::string renamed = parent_dir_ + "/" + name;
  guard_io([&]() KS_REQUIRES(mutex_) {
    node_.files().rename(dir(), renamed);
    node_.files().sync_dir(parent_dir_);
  });
  for (const auto& segment : segments_->all()) segment->update_dir(renamed);
  for (PendingDelete& pending : pending_deletes_) {
    for (std::string& path : pending.paths) path = renamed + "/" + file_name_of(path);
  }
  producers_->set_dir(renamed);
  epochs_->set_dir(renamed);
  Lock offsets(offsets_mutex_);
  dir_ = renamed;
}

void Log::sync_parent_dir() {
  guard_io([&] { node_.files().sync_dir(parent_dir_); });
}

int64_t Log::size() const {
  int64_t size = 0;
  for (const auto& segment : segments_->all()) size += segment->size();
  return size;
}

int Log::number_of_segments() const { return static_cast<int>(segments_->size()); }

std::vector<std::shared_ptr<const LogSegment>> Log::segments() const {
  const auto all = segments_->all();
  return {all.begin(), all.end()};
}

LogDescription Log::describe() const {
  const LogOffsetSnapshot offsets = offset_snapshot();
  LogDescription log;
  log.partition = topic_partition_;
  log.dir = dir();
  log.log_start_offset = offsets.log_start_offset;
  log.last_stable_offset = offsets.last_stable_offset.message_offset;
  log.high_watermark = offsets.high_watermark.message_offset;
  log.log_end_offset = offsets.log_end_offset.message_offset;
  log.recovery_point = recovery_point();
  log.leader_epochs = epochs_->entries();
  for (const auto& segment : segments_->all()) {
    if (!log.segments.empty()) log.segments.back().next_offset = segment->base_offset();
    SegmentDescription& facts = log.segments.emplace_back();
    facts.path = segment->path();
    facts.base_offset = segment->base_offset();
    facts.size_bytes = segment->size();
    facts.largest_timestamp = segment->max_timestamp_so_far();
    facts.offset_index = segment->offset_index().all_entries();
    facts.time_index = segment->time_index().all_entries();
    facts.aborted_transactions = static_cast<int>(segment->txn_index().all().size());
    log.size_bytes += facts.size_bytes;
  }
  log.segments.back().active = true;
  log.segments.back().next_offset = log.log_end_offset;
  Lock lock(mutex_);
  log.active_producers = static_cast<int>(producers_->active_producers().size());
  return log;
}

}  // namespace kafkascope
