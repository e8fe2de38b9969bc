#include "simulation/invariants/segment_check.h"

#include <fmt/core.h>

#include <algorithm>

#include "record/memory_records.h"

namespace kafkascope {
namespace {

std::string check_offset_index(const SegmentDescription& segment,
                               const std::map<int64_t, Offset>& last_offset_at) {
  Offset offset = segment.base_offset - 1;
  SegmentPosition position = -1;
  for (const OffsetPosition& entry : segment.offset_index) {
    if (entry.offset <= offset || entry.position <= position)
      return fmt::format("the offset index goes back at {}", entry.offset);
    const auto batch = last_offset_at.find(entry.position);
    if (batch == last_offset_at.end())
      return fmt::format("the offset index points into a batch at {}", entry.position);
    if (batch->second != entry.offset)
      return fmt::format("the offset index has {} for the batch that ends with {}", entry.offset,
                         batch->second);
    offset = entry.offset, position = entry.position;
  }
  return {};
}

std::string check_time_index(const SegmentDescription& segment) {
  TimestampOffset last{kNoTimestamp, segment.base_offset - 1};
  for (const TimestampOffset& entry : segment.time_index) {
    if (entry.timestamp < last.timestamp || entry.offset < last.offset)
      return fmt::format("the time index goes back at offset {}", entry.offset);
    if (entry.offset >= segment.next_offset)
      return fmt::format("the time index names {}, beyond the segment", entry.offset);
    last = entry;
  }
  return {};
}

}  // namespace

std::string check_segment(const SegmentDescription& segment, ByteView bytes,
                          std::map<Offset, AppendedBatch>& found) {
  std::map<int64_t, Offset> last_offset_at;  // by position of the batch
  Offset next = segment.base_offset;
  size_t position = 0;
  for (const RecordBatch& batch : MemoryRecords(SharedSlice(nullptr, bytes))) {
    if (batch.base_offset() < next || batch.last_offset() >= segment.next_offset)
      return fmt::format("batch {}-{} lies outside its place", batch.base_offset(),
                         batch.last_offset());
    if (!batch.is_checksum_valid())
      return fmt::format("batch {} has a wrong checksum", batch.base_offset());
    found[batch.base_offset()] = AppendedBatch::of(batch);
    last_offset_at[static_cast<int64_t>(position)] = batch.last_offset();
    next = batch.next_offset();
    position += batch.size();
  }
  if (position != static_cast<size_t>(segment.size_bytes))
    return fmt::format("{} bytes of batches in a segment of {}", position, segment.size_bytes);
  if (std::string wrong = check_offset_index(segment, last_offset_at); !wrong.empty()) return wrong;
  return check_time_index(segment);
}

std::string check_contiguous(const std::vector<SegmentDescription>& segments) {
  for (size_t i = 1; i < segments.size(); ++i) {
    if (segments[i - 1].next_offset != segments[i].base_offset)
      return fmt::format("segment {} is followed by {}, not by {}", segments[i - 1].base_offset,
                         segments[i].base_offset, segments[i - 1].next_offset);
  }
  return {};
}

std::string check_epochs(const std::vector<EpochEntry>& epochs,
                         const std::map<Offset, AppendedBatch>& batches) {
  for (size_t i = 1; i < epochs.size(); ++i) {
    if (epochs[i].epoch <= epochs[i - 1].epoch ||
        epochs[i].start_offset <= epochs[i - 1].start_offset)
      return fmt::format("leader epoch {} at {} does not come after {} at {}", epochs[i].epoch,
                         epochs[i].start_offset, epochs[i - 1].epoch, epochs[i - 1].start_offset);
  }
  for (const auto& [base, batch] : batches) {
    if (batch.epoch == kNoLeaderEpoch) continue;
    const auto after =
        std::find_if(epochs.begin(), epochs.end(),
                     [base = base](const EpochEntry& entry) { return entry.start_offset > base; });
    if (after == epochs.begin() || std::prev(after)->epoch != batch.epoch)
      return fmt::format("batch {} names leader epoch {}, which the cache does not have there",
                         base, batch.epoch);
  }
  return {};
}

}  // namespace kafkascope
