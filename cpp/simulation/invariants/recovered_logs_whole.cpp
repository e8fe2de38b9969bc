#include "simulation/invariants/recovered_logs_whole.h"

#include <fmt/core.h>

#include <algorithm>

#include "replication/replica_manager.h"
#include "server/kafka_server.h"
#include "simulation/invariants/live_log.h"
#include "simulation/invariants/second_recovery.h"
#include "simulation/invariants/segment_check.h"

namespace kafkascope {
namespace {

/// What a second recovery may not change, as a line.
std::string facts(const LogDescription& log) {
  std::string text = fmt::format("offsets {} to {}", log.log_start_offset, log.log_end_offset);
  for (const SegmentDescription& segment : log.segments)
    text += fmt::format(", segment {} of {} bytes", segment.base_offset, segment.size_bytes);
  for (const EpochEntry& entry : log.leader_epochs) {
    // One at the log end has no records yet: a leader that starts assigns it anew.
    if (entry.start_offset < log.log_end_offset)
      text += fmt::format(", epoch {} at {}", entry.epoch, entry.start_offset);
  }
  return text;
}

}  // namespace

std::string RecoveredLogsWhole::check(const TraceEvent& event, Simulation& simulation) {
  appended_->learn(event, simulation);
  if (std::string_view(event.kind) != "BrokerStarted") return {};
  std::map<std::string, LogDescription> logs;
  KafkaServer& server = *simulation.process(event.node).server;
  for (const std::shared_ptr<Log>& log : server.replica_manager().log_manager().all_logs()) {
    logs[log->topic_partition().to_string()] = log->describe();
  }
  for (const auto& [name, log] : logs) {
    const std::string wrong = check_log(event.node, simulation, log);
    if (!wrong.empty()) return name + ": " + wrong;
  }
  for (const LogDescription& again : recover_again(simulation, event.node)) {
    const auto found = logs.find(again.partition.to_string());
    const std::string before = found == logs.end() ? "no such log" : facts(found->second);
    if (before != facts(again))
      return fmt::format("{}: {}; after a second recovery {}", again.partition.to_string(), before,
                         facts(again));
  }
  return {};
}

std::string RecoveredLogsWhole::check_log(const std::string& node, Simulation& simulation,
                                          const LogDescription& log) {
  Batches found;
  if (std::string wrong = check_contiguous(log.segments); !wrong.empty()) return wrong;
  for (const SegmentDescription& segment : log.segments) {
    const ByteView bytes =
        segment_bytes(simulation, node, log.dir, segment.base_offset, 0, segment.size_bytes);
    const std::string wrong = check_segment(segment, bytes, found);
    if (!wrong.empty()) return fmt::format("segment {}: {}", segment.base_offset, wrong);
  }
  if (std::string wrong = check_epochs(log.leader_epochs, found); !wrong.empty()) return wrong;
  return check_prefix(node, log, found);
}

std::string RecoveredLogsWhole::check_prefix(const std::string& node, const LogDescription& log,
                                             const Batches& found) {
  auto* const ghost = appended_->find({node, log.partition.to_string()});
  if (ghost == nullptr) return {};
  if (log.log_end_offset < ghost->synced)
    return fmt::format("it ends at {}, but {} was synced", log.log_end_offset, ghost->synced);
  const Offset appended_end = ghost->next_offset();
  Offset came_back_from = INT64_MAX;
  for (const auto& [base, batch] : found) {
    const auto appended = ghost->batches.find(base);
    // One append may have been under way, written and not yet told.
    if (appended == ghost->batches.end() && base >= appended_end) continue;
    if (appended != ghost->batches.end() && appended->second == batch) continue;
    if (!ghost->was_truncated(base, batch))
      return fmt::format("batch {}-{} is not what was appended", base, batch.last_offset);
    came_back_from = std::min(came_back_from, base);
  }
  for (const auto& [base, batch] : ghost->batches) {
    const bool deleted = batch.last_offset < log.log_start_offset ||
                         (!log.segments.empty() && base < log.segments.front().base_offset);
    const bool expected = base < log.log_end_offset && base < came_back_from;
    if (!deleted && expected && !found.contains(base))
      return fmt::format("batch {}-{} is missing in the middle", base, batch.last_offset);
  }
  // What a power loss took may be written anew, and that write may not be told when a crash
  // follows.
  ghost->cut_from(std::min(came_back_from, log.log_end_offset));
  for (const auto& [base, batch] : found) ghost->batches[base] = batch;
  return {};
}

}  // namespace kafkascope
