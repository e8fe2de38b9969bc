// LogLoader: makes a log's directory whole when it is opened (Kafka's LogLoader).
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "log/log.h"
#include "log/log_segments.h"

namespace kafkascope {

/// Removes what a crash left half done, loads the segments, recovers those above the recovery point
/// and rebuilds producers' state and leader epochs. Running it again changes nothing.
class LogLoader {
 public:
  struct Loaded {
    Offset log_start_offset = 0;
    Offset recovery_point = 0;
    LogOffsetMetadata next_offset;
    /// The lowest base offset of a swap that a crash had left unfinished.
    std::optional<Offset> swapped_from;
  };

  LogLoader(Node& node, const LogOpenOptions& options, LogSegments& segments,
            ProducerStateManager& producers, LeaderEpochFileCache& epochs)
      : node_(node),
        options_(options),
        segments_(segments),
        producers_(producers),
        epochs_(epochs) {}

  Loaded load();

 private:
  void remove_leftovers();
  void finish_swap(const std::string& name);
  void load_segments();
  /// Finds the segments whose indexes must be built anew although their records are durable.
  void check_segments();
  void recover_segments();
  /// Bytes cut off.
  int32_t recover_segment(LogSegment& segment);
  /// The base offset of the first segment that may not be durable; none after a clean shutdown.
  Offset first_unflushed() const;
  /// Producers learn the records from where their snapshot ends up to the offset.
  void replay_producers(Offset upto);
  /// Epochs of records that the log start had passed before a crash, but not in its checkpoint.
  void relearn_epochs();
  void drop_segments_from(Offset base_offset);
  std::string path_of(const std::string& name) const { return options_.dir + "/" + name; }

  Node& node_;
  const LogOpenOptions& options_;
  LogSegments& segments_;
  ProducerStateManager& producers_;
  LeaderEpochFileCache& epochs_;
  Offset log_start_offset_ = 0;
  std::set<Offset> broken_;  // segments whose indexes cannot be trusted
  std::optional<Offset> swapped_from_;
  Offset recovered_upto_ = kNoOffset;
  bool changed_ = false;  // a file was made, removed or renamed
};

/// Replays batches of [from, upto) into the producers' state.
void replay_into(ProducerStateManager& producers, const LogSegments& segments, Offset from,
                 Offset upto);

}  // namespace kafkascope
