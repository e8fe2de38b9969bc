// Cleaner: compacts one log: segments are copied without the records that later ones replace.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "log/cleaner/cleaner_config.h"
#include "log/cleaner/cleaner_stats.h"
#include "log/cleaner/log_to_clean.h"
#include "log/cleaner/record_filter.h"
#include "runtime/throttler.h"

namespace kafkascope {

class FileBatchReader;

/// Kafka's Cleaner. Two passes: the dirty section's keys go into an offset map, then all segments
/// below the map's end are copied, several into one where they have become small, and swapped in.
/// Not for several threads.
class Cleaner {
 public:
  using CheckDone = std::function<void(const TopicPartition&)>;
  using Segments = std::vector<std::shared_ptr<const LogSegment>>;

  /// `check_done` is called now and then and throws LogCleaningAbortedException to end a cleaning.
  Cleaner(Node& node, const CleanerConfig& config, Throttler& throttler, CheckDone check_done);

  struct Result {
    Offset end_offset = 0;  // clean up to here
    CleanerStats stats;
  };
  /// Throws KafkaStorageException; KafkaException(CORRUPT_MESSAGE) for a batch that is damaged, and
  /// for one with more keys than the offset map holds.
  Result clean(const LogToClean& cleanable);

  /// Neighbours that fit together into one segment, in data, in index entries, and in the distance
  /// of their offsets.
  static std::vector<Segments> group_segments_by_size(const Segments& segments, int64_t max_size,
                                                      int64_t max_index_size,
                                                      Offset first_uncleanable_offset);

 private:
  SkimpyOffsetMap make_map(const LogToClean& cleanable);
  void build_offset_map(const LogToClean& cleanable, SkimpyOffsetMap& map, CleanerStats& stats);
  /// False when the map is full.
  bool build_offset_map_for_segment(const Log& log, const LogSegment& segment, Offset from,
                                    CleanedTransactionMetadata& transactions, SkimpyOffsetMap& map,
                                    CleanerStats& stats);
  bool put_keys(const RecordBatch& batch, Offset from, SkimpyOffsetMap& map, CleanerStats& stats);
  void clean_segments(Log& log, const Segments& group, RecordFilter::Options options,
                      TimestampMs legacy_delete_horizon, CleanedTransactionMetadata& transactions,
                      CleanerStats& stats);
  void clean_into(const Log& log, const LogSegment& source, RecordFilter& filter, LogSegment& into);
  /// Calls fn(batch) for each batch from the position on, all its bytes read and checked; ends when
  /// fn says false.
  template <typename Function>
  void for_each_batch(const Log& log, const LogSegment& segment, SegmentPosition from, Function fn);

  Node& node_;
  const CleanerConfig config_;
  Throttler& throttler_;
  const CheckDone check_done_;
  RandomStream seeds_;
  ByteBuffer write_buffer_;
  ByteBuffer decompressed_;
  std::vector<std::pair<SkimpyOffsetMap::Key, Offset>> keys_;  // of the batch at hand
};

}  // namespace kafkascope
