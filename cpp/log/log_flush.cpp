// Log's flush: what is written becomes durable, and the recovery point moves.
#include <algorithm>

#include "log/log_guard.h"
#include "log/log_segments.h"
#include "runtime/trace.h"

namespace kafkascope {

/// The segments that one flush makes durable, and what holds then.
struct Log::FlushPlan {
  std::vector<std::shared_ptr<LogSegment>> segments;
  Offset upto = 0;
  uint64_t truncations = 0;
};

void Log::flush(std::optional<Offset> upto) {
  FlushPlan plan;
  {
    Lock lock(mutex_);
    if (closed_) return;
    plan = plan_flush(upto.value_or(log_end_offset()));
  }
  if (plan.segments.empty()) return;
  // The disk is waited for without the lock: appends go on.
  guard_io([&] {
    for (const auto& segment : plan.segments) segment->flush();
  });
  Lock lock(mutex_);
  guard_io([&]() KS_REQUIRES(mutex_) { finish_flush(plan); });
}

void Log::flush_locked(Offset upto) {
  const FlushPlan plan = plan_flush(upto);
  if (plan.segments.empty()) return;
  for (const auto& segment : plan.segments) segment->flush();
  finish_flush(plan);
}

Log::FlushPlan Log::plan_flush(Offset upto) {
  last_flush_ms_ = node_.clock().wall_ms();
  FlushPlan plan;
  const Offset rolled_from = rolled_unflushed_from_.exchange(INT64_MAX);
  const Offset from = std::min(recovery_point(), rolled_from);
  if (upto <= from) {
    rolled_unflushed_from_ = rolled_from;
    return plan;
  }
  plan.upto = std::min(upto, log_end_offset());
  plan.truncations = truncations_;
  plan.segments = segments_->between(from, std::max(upto, int64_t{1}));
  return plan;
}

void Log::finish_flush(const FlushPlan& plan) {
  // What lies below the offset may be something else by now.
  if (closed_ || plan.truncations != truncations_) return;
  node_.files().sync_dir(dir());
  recovery_point_ = std::max(recovery_point(), plan.upto);
  KS_TRACE(node_, "LogFlushed", {"partition", topic_partition_.to_string()},
           {"recovery_point", recovery_point()});
}

void Log::flush_rolled() {
  if (rolled_unflushed_from_ != INT64_MAX) flush(active_base_offset());
}

bool Log::needs_flush() const {
  const bool dirty = recovery_point() < log_end_offset();
  return dirty && node_.clock().wall_ms() - last_flush_ms_.load() >= config()->flush_ms;
}

}  // namespace kafkascope
