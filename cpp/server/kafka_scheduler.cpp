#include "server/kafka_scheduler.h"

#include <algorithm>

#include "common/errors.h"
#include "common/logging.h"

namespace kafkascope {

KafkaScheduler::KafkaScheduler(Node& node)
    : Worker(node, "kafka-scheduler"), mutex_(node, "scheduler"), stopped_(node, "scheduler") {}

void KafkaScheduler::schedule(std::string name, Duration period, std::function<void()> task) {
  const Instant due = deadline_after(node_.clock().monotonic(), period);
  tasks_.push_back({std::move(name), period, std::move(task), due});
}

void KafkaScheduler::do_work() {
  const auto next = std::min_element(tasks_.begin(), tasks_.end(),
                                     [](const Task& a, const Task& b) { return a.due < b.due; });
  const Instant due = next == tasks_.end() ? kForever : next->due;
  {
    Lock lock(mutex_);
    stopped_.wait_until(lock, due, [this] { return !is_running(); });
  }
  if (!is_running()) return;
  KS_TRACE(node_, "TaskStarted", {"task", next->name});
  try {
    next->run();
  } catch (const KafkaException& e) {
    KS_LOG(kError, node_.name(), "{}: {}", next->name, e.what());
  }
  next->due = deadline_after(node_.clock().monotonic(), next->period);
}

void KafkaScheduler::wakeup() {
  Lock lock(mutex_);
  stopped_.notify_all();
}

}  // namespace kafkascope
