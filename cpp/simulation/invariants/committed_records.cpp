#include "simulation/invariants/committed_records.h"

#include <fmt/core.h>

#include <algorithm>

#include "simulation/invariants/event_fields.h"

namespace kafkascope {

const CommittedRecords::Committed* CommittedRecords::find(const std::string& partition) const {
  const auto found = partitions_.find(partition);
  return found == partitions_.end() ? nullptr : &found->second;
}

void CommittedRecords::learn(const TraceEvent& event) {
  const std::string_view kind = event.kind;
  if (kind == "HighWatermarkAdvanced") commit(event);
  if (kind == "LeaderElected" && text(event, "why") == "unclean") take_back(event);
  if (kind == "TopicDeleted") {
    const std::string prefix = text(event, "topic") + "-";
    std::erase_if(partitions_, [&](const auto& entry) { return entry.first.starts_with(prefix); });
  }
  if ((kind == "NodeCrashed" && field<bool>(event, "power_loss")) || kind == "DiskReplaced") {
    for (const auto& [partition, view] : view_->partitions())
      lossy_.insert({event.node, partition});
  }
  if (!lossy_.empty() && kind.starts_with("ZNode")) {
    for (const auto& [partition, view] : view_->partitions()) forgive(partition);
  }
}

void CommittedRecords::forgive(const std::string& partition) {
  const std::vector<BrokerId>& isr = view_->find(partition)->state.isr;
  std::erase_if(lossy_, [&](const LogName& log) {
    return log.second == partition && std::none_of(isr.begin(), isr.end(), [&](BrokerId id) {
             return broker_node(id) == log.first;
           });
  });
}

void CommittedRecords::commit(const TraceEvent& event) {
  const std::string& name = text(event, "partition");
  Committed& partition = partitions_[name];
  const Offset offset = number(event, "offset");
  const auto* const log = appended_->find({event.node, name});
  // A leader from before an unclean election still commits what the election took back.
  if (log == nullptr || number(event, "epoch") < partition.unclean_epoch) return;
  for (auto at = log->batches.lower_bound(partition.high_watermark);
       at != log->batches.end() && at->second.last_offset < offset; ++at)
    partition.batches.insert(*at);
  partition.high_watermark = std::max(partition.high_watermark, offset);
}

void CommittedRecords::take_back(const TraceEvent& event) {
  const std::string& name = text(event, "partition");
  Committed& partition = partitions_[name];
  ++unclean_elections_;
  partition.unclean_epoch = static_cast<LeaderEpoch>(number(event, "leader_epoch"));
  const auto* const log =
      appended_->find({broker_node(static_cast<BrokerId>(number(event, "leader"))), name});
  for (const auto& [base, batch] : partition.batches) {
    const bool kept =
        log != nullptr && log->batches.contains(base) && log->batches.at(base) == batch;
    if (kept) continue;
    partition.high_watermark = base;
    partition.batches.erase(partition.batches.lower_bound(base), partition.batches.end());
    return;
  }
}

std::string CommittedRecords::missing(const std::string& node, const std::string& partition,
                                      Offset from, Offset to) const {
  const Committed* const committed = find(partition);
  if (committed == nullptr) return {};
  const auto* const log = appended_->find({node, partition});
  for (auto at = committed->batches.lower_bound(from);
       at != committed->batches.end() && at->second.last_offset < to; ++at) {
    const std::string which = fmt::format("{} {}-{}", partition, at->first, at->second.last_offset);
    if (log == nullptr) return fmt::format("{} is committed, and {} has no log", which, node);
    const auto found = log->batches.find(at->first);
    if (found == log->batches.end())
      return fmt::format("{} is committed, and {} ends at {} without it", which, node,
                         log->next_offset());
    if (found->second != at->second)
      return fmt::format("{} is committed in epoch {}, and {} has other bytes there, of epoch {}",
                         which, at->second.epoch, node, found->second.epoch);
  }
  return {};
}

}  // namespace kafkascope
