// Log's appends: analyze, validate, check the producers, roll, write.
#include <fmt/core.h>

#include <algorithm>

#include "log/epoch/leader_epoch_file_cache.h"
#include "log/log_guard.h"
#include "log/log_segments.h"
#include "log/log_validator.h"
#include "log/producer_state_manager.h"
#include "runtime/trace.h"

namespace kafkascope {

struct Log::Analyzed {
  SharedSlice records;  // whole batches
  LogAppendInfo info;
  Offset first_base_offset = 0;
  bool offsets_monotonic = true;
};

/// What an append will change in the producers' state, once it is written.
struct Log::ProducerUpdates {
  std::vector<ProducerAppendInfo> infos;  // one a producer, in order of appearance
  std::vector<CompletedTxn> completed;

  ProducerAppendInfo& of(const ProducerStateManager& producers, ProducerId id,
                         AppendOrigin origin) {
    for (ProducerAppendInfo& info : infos) {
      if (info.producer_id() == id) return info;
    }
    return infos.emplace_back(producers.prepare_update(id, origin));
  }
};

LogAppendInfo Log::append_as_leader(const SharedSlice& records, LeaderEpoch leader_epoch,
                                    AppendOrigin origin) {
  return append(records, leader_epoch, origin, true);
}

LogAppendInfo Log::append_as_follower(const SharedSlice& records) {
  return append(records, kNoLeaderEpoch, AppendOrigin::kReplication, false);
}

LogAppendInfo Log::append(const SharedSlice& records, LeaderEpoch leader_epoch, AppendOrigin origin,
                          bool assign_offsets) {
  LogAppendInfo refused;
  try {
    return guard_io([&] {
      Analyzed analyzed = analyze(records, origin);
      Lock lock(mutex_);
      check_open();
      return append_analyzed(std::move(analyzed), leader_epoch, origin, assign_offsets);
    });
  } catch (const KafkaStorageException&) {
    throw;
  } catch (const RecordValidationException& e) {
    refused.error = e.code();
    refused.error_message = e.what();
    refused.record_errors = e.record_errors();
  } catch (const SerializationException& e) {
    refused.error = ErrorCode::kInvalidRecord;
    refused.error_message = e.what();
  } catch (const KafkaException& e) {
    refused.error = e.code();
    refused.error_message = e.what();
  }
  refused.log_start_offset = log_start_offset();
  return refused;
}

Log::Analyzed Log::analyze(const SharedSlice& records, AppendOrigin origin) const {
  Analyzed result;
  LogAppendInfo& info = result.info;
  const int32_t max_size = config()->max_message_size;
  Offset last = kNoOffset;
  const auto refuse = [&](ErrorCode code, const std::string& why) {
    throw KafkaException(code, fmt::format("{}: {}", topic_partition_.to_string(), why));
  };
  for (const RecordBatch& batch : MemoryRecords(records)) {
    if (batch.magic() < 0 || batch.magic() > 2 ||
        (batch.magic() >= 2 && batch.size() < batch_v2::kHeaderSize)) {
      refuse(ErrorCode::kCorruptMessage,
             fmt::format("batch of {} bytes with magic {}", batch.size(), batch.magic()));
    }
    if (!batch.is_checksum_valid()) {
      refuse(ErrorCode::kCorruptMessage,
             fmt::format("checksum {:#010x} does not match the batch", batch.crc()));
    }
    if (origin == AppendOrigin::kClient && batch.magic() >= 2 && batch.base_offset() != 0) {
      refuse(ErrorCode::kInvalidRecord,
             fmt::format("base offset {} of a produced batch: expected 0", batch.base_offset()));
    }
    if (origin != AppendOrigin::kReplication && batch.size() > static_cast<size_t>(max_size)) {
      refuse(ErrorCode::kMessageTooLarge,
             fmt::format("batch of {} bytes: max.message.bytes is {}", batch.size(), max_size));
    }
    if (info.shallow_count++ == 0) {
      result.first_base_offset = info.first_offset = batch.base_offset();
      info.source_compression = batch.compression();
    }
    result.offsets_monotonic &= batch.last_offset() > last;
    last = info.last_offset = batch.last_offset();
    info.last_leader_epoch = batch.partition_leader_epoch();
    info.valid_bytes += static_cast<int32_t>(batch.size());
    if (batch.max_timestamp() > info.max_timestamp) {
      info.max_timestamp = batch.max_timestamp();
      info.offset_of_max_timestamp = last;
    }
  }
  if (info.shallow_count == 0 && origin != AppendOrigin::kReplication) {
    refuse(ErrorCode::kInvalidRecord, "no whole record batch");
  }
  result.records = records.subslice(0, static_cast<size_t>(info.valid_bytes));
  return result;
}

LogAppendInfo Log::append_analyzed(Analyzed analyzed, LeaderEpoch leader_epoch, AppendOrigin origin,
                                   bool assign_offsets) {
  LogAppendInfo& info = analyzed.info;
  info.log_start_offset = log_start_offset();
  if (info.shallow_count == 0) return info;
  if (assign_offsets) {
    const auto config = this->config();
    LogValidator validator({*config, topic_partition_, origin, leader_epoch, log_end_offset(),
                            node_.clock().wall_ms()});
    analyzed.records = validator.validate_and_assign_offsets(analyzed.records, info);
    info.valid_bytes = static_cast<int32_t>(analyzed.records.size());
  } else {
    if (!analyzed.offsets_monotonic) info.last_offset = kNoOffset;
    check_follower_offsets(info);
  }
  check_sizes(analyzed.records);

  ProducerUpdates updates;
  if (!prepare_producers(analyzed.records, origin, info, updates)) return info;
  write(analyzed.records, info, updates);
  if (log_end_offset() - recovery_point() >= config()->flush_interval) {
    flush_locked(log_end_offset());
  }
  return info;
}

void Log::check_follower_offsets(const LogAppendInfo& info) const {
  if (info.last_offset != kNoOffset && info.first_offset >= log_end_offset()) return;
  throw KafkaException(
      ErrorCode::kUnknownServerError,
      fmt::format(
          "{}: batches from the leader start at offset {}, in order: {}; the log ends at {}",
          topic_partition_.to_string(), info.first_offset, info.last_offset != kNoOffset,
          log_end_offset()));
}

void Log::check_sizes(const SharedSlice& records) const {
  const auto config = this->config();
  // What recompression made larger is checked again by size; replicated batches passed the leader.
  if (records.size() <= static_cast<size_t>(config->segment_size)) return;
  throw KafkaException(
      ErrorCode::kRecordListTooLarge,
      fmt::format("{}: {} bytes in one append: segment.bytes is {}", topic_partition_.to_string(),
                  records.size(), config->segment_size));
}

bool Log::prepare_producers(const SharedSlice& records, AppendOrigin origin, LogAppendInfo& info,
                            ProducerUpdates& updates) {
  for (const RecordBatch& batch : MemoryRecords(records)) {
    if (!batch.has_producer_id()) continue;
    if (origin == AppendOrigin::kClient) {
      const ProducerStateEntry* known = producers_->last_entry(batch.producer_id());
      const auto duplicate = known != nullptr ? known->find_duplicate(batch) : std::nullopt;
      if (duplicate) {
        info.duplicate = true;
        info.first_offset = duplicate->first_offset();
        info.last_offset = duplicate->last_offset;
        info.log_append_time =
            info.log_append_time == kNoTimestamp ? kNoTimestamp : duplicate->timestamp;
        return false;
      }
    }
    ProducerAppendInfo& update = updates.of(*producers_, batch.producer_id(), origin);
    if (const auto completed = update.append(batch, std::nullopt)) {
      updates.completed.push_back(*completed);
    }
  }
  return true;
}

void Log::write(const SharedSlice& records, LogAppendInfo& info, ProducerUpdates& updates) {
  const auto segment = maybe_roll(info, records.size());
  // Epochs are durable before the records that bear them (KIP-101).
  for (const RecordBatch& batch : MemoryRecords(records)) {
    if (batch.magic() < 2) continue;
    const LeaderEpoch epoch = batch.partition_leader_epoch();
    const auto latest = epochs_->latest_epoch();
    if (!latest || epoch > *latest) epochs_->assign(epoch, batch.base_offset());
  }
  const SegmentPosition position = segment->size();
  segment->append(records.view());
  set_log_end({info.last_offset + 1, segment->base_offset(), segment->size()});
  for (const ProducerAppendInfo& update : updates.infos) producers_->update(update);
  for (const CompletedTxn& txn : updates.completed) {
    segment->update_txn_index(txn, producers_->last_stable_offset(txn));
    producers_->complete_txn(txn);
  }
  producers_->update_map_end_offset(info.last_offset + 1);
  if (!updates.infos.empty()) update_first_unstable_offset();
  KS_TRACE(node_, "RecordsAppended", {"partition", topic_partition_.to_string()},
           {"first_offset", info.first_offset}, {"last_offset", info.last_offset},
           {"bytes", static_cast<int64_t>(records.size())}, {"segment", segment->base_offset()},
           {"position", int64_t{position}});
}

}  // namespace kafkascope
