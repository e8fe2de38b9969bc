// LogSegment::recover: what a crash left of a segment, made whole again.
#include "common/logging.h"
#include "log/epoch/leader_epoch_file_cache.h"
#include "log/log_config.h"
#include "log/log_file_names.h"
#include "log/log_segment.h"
#include "log/producer_state_manager.h"
#include "runtime/trace.h"

namespace kafkascope {
namespace {

constexpr size_t kRecoveryChunk = 64 * 1024;

/// Where the walk stands. The checksum covers neither base offset nor leader epoch, and a page that
/// was never written may hold just these: they must grow.
struct Walk {
  Offset next_offset;
  LeaderEpoch epoch = kNoLeaderEpoch;

  const char* problem(const RecordBatch& batch, Offset base_offset) const {
    if (!batch.is_checksum_valid()) return "its checksum does not match";
    if (batch.last_offset() < next_offset) return "its offsets do not grow";
    if (batch.magic() >= 2 && batch.base_offset() < next_offset) return "its offsets do not grow";
    if (batch.last_offset() - base_offset > INT32_MAX) return "its offset is too far off";
    if (batch.magic() >= 2 && batch.partition_leader_epoch() < epoch) return "its epoch is older";
    return nullptr;
  }
};

struct Walked {
  SegmentPosition valid = 0;  // up to there all is sound
  std::string problem;        // with what comes next
};

/// Calls visit(batch, position) for each sound batch up to the first that is not.
template <typename Visit>
Walked walk_sound_batches(const FileRecords& records, Offset base_offset, Visit visit) {
  Walk walk{base_offset};
  Walked walked;
  FileBatchReader reader = records.batches(0, kRecoveryChunk);
  try {
    while (reader.next()) {
      const RecordBatch batch = reader.load();
      if (const char* wrong = walk.problem(batch, base_offset)) {
        walked.problem = wrong;
        break;
      }
      if (batch.magic() >= 2) walk.epoch = batch.partition_leader_epoch();
      visit(batch, walked.valid);
      walk.next_offset = batch.next_offset();
      walked.valid = reader.position();
    }
  } catch (const SerializationException& e) {
    walked.problem = e.what();
  } catch (const KafkaStorageException&) {
    throw;  // the disk, not the data
  } catch (const KafkaException& e) {
    walked.problem = e.what();
  }
  return walked;
}

void learn_epoch(const RecordBatch& batch, LeaderEpochFileCache& epochs) {
  if (batch.magic() < 2) return;
  const auto latest = epochs.latest_epoch();
  const LeaderEpoch epoch = batch.partition_leader_epoch();
  if (epoch != kNoLeaderEpoch && (!latest || epoch > *latest))
    epochs.assign(epoch, batch.base_offset());
}

void learn_batch(const RecordBatch& batch, ProducerStateManager& producers, LogSegment& segment) {
  if (batch.has_producer_id() && batch.last_offset() >= producers.map_end_offset()) {
    ProducerAppendInfo info =
        producers.prepare_update(batch.producer_id(), AppendOrigin::kReplication);
    const auto completed = info.append(batch, std::nullopt);
    producers.update(info);
    if (completed) {
      segment.update_txn_index(*completed, producers.last_stable_offset(*completed));
      producers.complete_txn(*completed);
    }
  }
  if (batch.next_offset() > producers.map_end_offset()) {
    producers.update_map_end_offset(batch.next_offset());
  }
}

}  // namespace

std::string LogSegment::tail_check() const {
  FileBatchReader reader = records_.batches(scan_start(INT64_MAX));
  Offset next = base_offset_;
  TimestampMs newest = kNoTimestamp;
  try {
    while (const auto batch = reader.next()) {
      next = batch->header.next_offset();
      newest = std::max(newest, batch->header.max_timestamp());
    }
  } catch (const KafkaStorageException&) {
    throw;
  } catch (const KafkaException& e) {
    return e.what();
  }
  if (reader.position() != size()) return path_ + " ends within a batch";
  if (time_index_.entries() == 0) return {};
  // A page of the index from before a truncation may be all that a crash left.
  const TimestampOffset last = time_index_.last_entry();
  const bool fits = last.offset < std::max(next, base_offset_ + 1) && last.timestamp >= newest;
  return fits ? std::string() : time_index_.path() + " is not of these records";
}

bool LogSegment::data_are_sound() const {
  const auto ignore = [](const RecordBatch&, SegmentPosition) {};
  return walk_sound_batches(records_, base_offset_, ignore).valid == size();
}

int32_t LogSegment::recover(ProducerStateManager& producers, LeaderEpochFileCache& epochs) {
  offset_index_.reset(max_index_size_);
  time_index_.reset(max_index_size_);
  txn_index_.reset();
  bytes_since_last_index_entry_ = 0;
  max_timestamp_ = kNoTimestamp;
  offset_of_max_timestamp_ = kNoOffset;
  first_timestamp_.reset();

  const auto [valid, problem] = walk_sound_batches(
      records_, base_offset_, [&](const RecordBatch& batch, SegmentPosition position) {
        learn_epoch(batch, epochs);
        note_timestamp(batch);
        add_index_entries(batch, position);
        learn_batch(batch, producers, *this);
      });
  const int32_t cut = size() - valid;
  if (cut > 0) {
    KS_LOG(kWarn, node_.name(), "{}: cut off {} bytes at position {}: {}", path_, cut, valid,
           problem.empty() ? "the last batch is not whole" : problem);
    records_.truncate(valid);
  }
  on_become_inactive();
  KS_TRACE(node_, "SegmentRecovered", {"segment", file_name_of(path_)}, {"bytes", int64_t{valid}},
           {"cut", int64_t{cut}});
  return cut;
}

}  // namespace kafkascope
