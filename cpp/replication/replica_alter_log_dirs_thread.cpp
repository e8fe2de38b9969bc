#include "replication/replica_alter_log_dirs_thread.h"

#include "common/logging.h"

namespace kafkascope {
namespace {

constexpr int32_t kPiece = 1 << 20;  // replica.fetch.max.bytes
/// Producers add to a log while it is copied, and tell nobody here.
constexpr Duration kLookAgain = std::chrono::milliseconds(100);

}  // namespace

ReplicaAlterLogDirsThread::ReplicaAlterLogDirsThread(Node& node, LogManager& logs, Replace replace)
    : Worker(node, "ReplicaAlterLogDirsThread-0"),
      logs_(logs),
      replace_(std::move(replace)),
      mutex_(node, "alter-log-dirs"),
      woken_(node, "log to be moved") {}

void ReplicaAlterLogDirsThread::wake() {
  Lock lock(mutex_);
  wake_ = true;
  woken_.notify_all();
}

void ReplicaAlterLogDirsThread::do_work() {
  const auto moving = logs_.future_logs();
  bool copied = false;
  for (const auto& to : moving) {
    const TopicPartition& partition = to->topic_partition();
    const auto from = logs_.get_log(partition);
    try {
      if (from == nullptr) continue;  // its directory failed, or it is being deleted
      copied |= copy_some(partition, *from, *to);
      copied |= to->log_end_offset() == from->log_end_offset() && replace_(partition);
    } catch (const KafkaException& e) {
      KS_LOG(kError, node_.name(), "moving {} to {}: {}: given up", partition.to_string(),
             to->parent_dir(), e.what());
      give_up(partition);
    }
  }
  if (copied) return;
  Lock lock(mutex_);
  const auto woken = [this]() KS_REQUIRES(mutex_) { return wake_ || !is_running(); };
  const Instant until =
      moving.empty() ? kForever : deadline_after(node_.clock().monotonic(), kLookAgain);
  woken_.wait_until(lock, until, woken);
  wake_ = false;
}

void ReplicaAlterLogDirsThread::give_up(const TopicPartition& partition) {
  try {
    logs_.remove_future_log(partition);
  } catch (const KafkaException& e) {  // its directory has failed
    KS_LOG(kError, node_.name(), "{}: {}", partition.to_string(), e.what());
  }
}

bool ReplicaAlterLogDirsThread::copy_some(const TopicPartition& partition, Log& from, Log& to) {
  const Offset start = from.log_start_offset();
  if (to.log_end_offset() > from.log_end_offset()) to.truncate_to(from.log_end_offset());
  if (to.log_end_offset() < start) to.truncate_fully_and_start_at(start);
  const auto piece = from.read(to.log_end_offset(), kPiece, FetchIsolation::kLogEnd, true);
  if (!piece.ok()) throw KafkaException(piece.error().code, piece.error().message);
  if (piece->records.empty()) return false;
  const LogAppendInfo info = to.append_as_follower(piece->records.to_slice());
  if (!info.ok()) throw KafkaException(info.error, info.error_message);
  to.update_high_watermark(std::min(from.high_watermark(), to.log_end_offset()));
  (void)to.maybe_increment_log_start_offset(std::min(start, to.high_watermark()), "moved log");
  KS_TRACE(node_, "FutureLogCopied", {"partition", partition.to_string()},
           {"offset", to.log_end_offset()});
  return true;
}

}  // namespace kafkascope
