// What holds for a log at any time and after any recovery (invariants 11, 28 and 29).
#pragma once

#include "log/epoch/epoch_entry.h"
#include "log/log_description.h"
#include "log/log_test_support.h"

namespace kafkascope {

// 11
inline void check_offsets(const Log& log) {
  const LogOffsetSnapshot offsets = log.offset_snapshot();
  EXPECT_LE(offsets.log_start_offset, offsets.last_stable_offset.message_offset);
  EXPECT_LE(offsets.last_stable_offset.message_offset, offsets.high_watermark.message_offset);
  EXPECT_LE(offsets.high_watermark.message_offset, offsets.log_end_offset.message_offset);
  EXPECT_LE(log.recovery_point(), log.log_end_offset());
}

/// An entry (t, o) says that no batch up to offset o is younger than t.
inline void check_time_index(const LogSegment& segment) {
  for (const TimestampOffset& entry : segment.time_index().all_entries()) {
    FileBatchReader reader = segment.records().batches(0);
    while (const auto b = reader.next()) {
      if (b->header.last_offset() > entry.offset) break;
      EXPECT_LE(b->header.max_timestamp(), entry.timestamp);
    }
  }
}

// 28. Compaction leaves holes, overlaps never.
inline void check_segments(const Log& log, bool compacted = false) {
  Offset expected = kNoOffset;
  for (const auto& segment : log.segments()) {
    const Offset base = segment->base_offset();
    EXPECT_TRUE(expected == kNoOffset || base == expected || (compacted && base > expected))
        << "contiguous: " << base << " after " << expected;
    expected = segment->read_next_offset();
    std::map<SegmentPosition, Offset> starts;
    Offset last = base - 1;
    FileBatchReader reader = segment->records().batches(0);
    while (const auto b = reader.next()) {
      EXPECT_GT(b->header.last_offset(), last);
      last = b->header.last_offset();
      EXPECT_TRUE(reader.load().is_checksum_valid());
      starts[b->position] = last;
    }
    EXPECT_EQ(reader.position(), segment->size()) << "whole batches to the end";
    OffsetPosition before{-1, -1};
    for (const OffsetPosition& entry : segment->offset_index().all_entries()) {
      EXPECT_GT(entry.offset, before.offset);
      EXPECT_GT(entry.position, before.position);
      ASSERT_TRUE(starts.contains(entry.position)) << "an entry points at a batch";
      EXPECT_EQ(starts[entry.position], entry.offset);
      before = entry;
    }
    TimestampOffset time_before{-1, -1};
    for (const TimestampOffset& entry : segment->time_index().all_entries()) {
      EXPECT_GT(entry.timestamp, time_before.timestamp);
      EXPECT_GE(entry.offset, time_before.offset);
      EXPECT_LT(entry.offset, expected);
      time_before = entry;
    }
    check_time_index(*segment);
  }
}

// 29
inline void check_epochs(const Log& log) {
  const std::vector<EpochEntry> entries = log.describe().leader_epochs;
  EpochEntry before{-1, -1};
  for (const EpochEntry& entry : entries) {
    EXPECT_GT(entry.epoch, before.epoch);
    EXPECT_GE(entry.start_offset, before.start_offset);
    before = entry;
  }
  for (const auto& segment : log.segments()) {
    FileBatchReader reader = segment->records().batches(0);
    while (const auto b = reader.next()) {
      const Offset base = b->header.base_offset();
      if (b->header.last_offset() < log.log_start_offset()) continue;
      LeaderEpoch known = kNoLeaderEpoch;
      for (const EpochEntry& e : entries) {
        if (e.start_offset <= std::max(base, log.log_start_offset())) known = e.epoch;
      }
      EXPECT_EQ(known, b->header.partition_leader_epoch()) << "at offset " << base;
    }
  }
}

/// All that a second recovery must not change.
inline std::string facts_of(const Log& log) {
  const LogDescription d = log.describe();
  std::string text = std::to_string(d.log_start_offset) + " " + std::to_string(d.log_end_offset) +
                     " " + std::to_string(d.active_producers);
  for (const auto& s : d.segments) {
    text += " [" + std::to_string(s.base_offset) + " " + std::to_string(s.size_bytes);
    for (const auto& e : s.offset_index)
      text += " " + std::to_string(e.offset) + "@" + std::to_string(e.position);
    for (const auto& e : s.time_index) text += " " + std::to_string(e.timestamp);
    text += " " + std::to_string(s.aborted_transactions) + "]";
  }
  for (const auto& e : d.leader_epochs)
    text += " e" + std::to_string(e.epoch) + "@" + std::to_string(e.start_offset);
  return text;
}

}  // namespace kafkascope
