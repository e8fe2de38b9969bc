#include "log/log_segments.h"

#include "common/check.h"

namespace kafkascope {

void LogSegments::add(std::shared_ptr<LogSegment> segment) {
  Lock lock(mutex_);
  auto next = std::make_shared<Map>(*map_);
  const Offset base = segment->base_offset();
  (*next)[base] = std::move(segment);
  map_ = std::move(next);
}

void LogSegments::remove(Offset base_offset) {
  Lock lock(mutex_);
  auto next = std::make_shared<Map>(*map_);
  next->erase(base_offset);
  map_ = std::move(next);
}

void LogSegments::replace(std::shared_ptr<LogSegment> segment,
                          const std::vector<std::shared_ptr<LogSegment>>& old) {
  Lock lock(mutex_);
  auto next = std::make_shared<Map>(*map_);
  for (const auto& gone : old) next->erase(gone->base_offset());
  const Offset base = segment->base_offset();
  (*next)[base] = std::move(segment);
  map_ = std::move(next);
}

void LogSegments::clear() {
  Lock lock(mutex_);
  map_ = std::make_shared<const Map>();
}

std::shared_ptr<LogSegment> LogSegments::active() const {
  const auto map = snapshot();
  KS_CHECK(!map->empty(), "a log has a segment");
  return map->rbegin()->second;
}

std::shared_ptr<LogSegment> LogSegments::floor(Offset offset) const {
  const auto map = snapshot();
  const auto above = map->upper_bound(offset);
  return above == map->begin() ? nullptr : std::prev(above)->second;
}

std::vector<std::shared_ptr<LogSegment>> LogSegments::all() const {
  const auto map = snapshot();
  std::vector<std::shared_ptr<LogSegment>> all;
  for (const auto& [base, segment] : *map) all.push_back(segment);
  return all;
}

std::vector<std::shared_ptr<LogSegment>> LogSegments::between(Offset from, Offset to) const {
  const auto map = snapshot();
  std::vector<std::shared_ptr<LogSegment>> found;
  auto at = map->upper_bound(from);
  if (at != map->begin()) --at;
  for (; at != map->end() && at->first < to; ++at) found.push_back(at->second);
  return found;
}

std::vector<Offset> LogSegments::base_offsets() const {
  const auto map = snapshot();
  std::vector<Offset> bases;
  for (const auto& [base, segment] : *map) bases.push_back(base);
  return bases;
}

}  // namespace kafkascope
