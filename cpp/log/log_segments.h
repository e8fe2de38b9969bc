// LogSegments: the segments of a log by base offset, which readers see whole while it changes.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "log/log_segment.h"

namespace kafkascope {

/// Copy on write: a reader takes the map of the moment, and segments that leave the log stay
/// readable for who holds them. Any thread may call.
class LogSegments {
 public:
  using Map = std::map<Offset, std::shared_ptr<LogSegment>>;

  explicit LogSegments(Node& node)
      : mutex_(node, "log-segments"), map_(std::make_shared<const Map>()) {}

  std::shared_ptr<const Map> snapshot() const {
    Lock lock(mutex_);
    return map_;
  }
  void add(std::shared_ptr<LogSegment> segment);
  void remove(Offset base_offset);
  /// One takes the place of others, for every reader at once.
  void replace(std::shared_ptr<LogSegment> segment,
               const std::vector<std::shared_ptr<LogSegment>>& old);
  void clear();

  bool empty() const { return snapshot()->empty(); }
  size_t size() const { return snapshot()->size(); }
  /// The one that is written: the last. There must be one.
  std::shared_ptr<LogSegment> active() const;
  /// The one that holds the offset: the last whose base is not above it; null below all.
  std::shared_ptr<LogSegment> floor(Offset offset) const;
  std::vector<std::shared_ptr<LogSegment>> all() const;
  /// Those that may hold offsets in [from, to).
  std::vector<std::shared_ptr<LogSegment>> between(Offset from, Offset to) const;
  std::vector<Offset> base_offsets() const;

 private:
  mutable Mutex mutex_;
  std::shared_ptr<const Map> map_ KS_GUARDED_BY(mutex_);
};

}  // namespace kafkascope
