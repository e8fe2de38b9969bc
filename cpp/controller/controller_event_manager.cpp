#include "controller/controller_event_manager.h"

namespace kafkascope {
namespace {

MetricName manager_metric(const char* name) {
  return {"kafka.controller", "ControllerEventManager", name, {}};
}

}  // namespace

ControllerEventManager::ControllerEventManager(Node& node, MetricsRegistry& metrics,
                                               Processor processor)
    : node_(node),
      metrics_(metrics),
      processor_(std::move(processor)),
      mutex_(node, "controller events"),
      changed_(node, "controller events"),
      queue_time_ms_(metrics.histogram(manager_metric("EventQueueTimeMs"))),
      thread_(node, *this) {
  for (size_t state = 0; state < kRateAndTimeMetrics.size(); ++state) {
    if (kRateAndTimeMetrics[state] == nullptr) continue;
    timers_[static_cast<ControllerState>(state)] =
        &metrics.timer({"kafka.controller", "ControllerStats", kRateAndTimeMetrics[state], {}});
  }
  metrics.gauge(manager_metric("EventQueueSize"),
                [this] { return static_cast<double>(queued().size()); });
}

ControllerEventManager::~ControllerEventManager() {
  metrics_.remove(manager_metric("EventQueueSize"));
}

void ControllerEventManager::start() { thread_.start(); }

void ControllerEventManager::close() {
  std::vector<QueuedEvent> preempted;
  {
    Lock lock(mutex_);
    closed_ = true;
    preempted = take_all();
    changed_.notify_all();
  }
  preempt(preempted);
  thread_.shutdown();
}

void ControllerEventManager::put_after(Duration delay, ControllerEvent event) {
  const Instant due = node_.clock().monotonic() + delay;
  {
    Lock lock(mutex_);
    if (!closed_) {
      const uint64_t id = next_id_++;
      queue_.emplace(std::pair{due, id}, QueuedEvent{std::move(event), due, id});
      changed_.notify_all();
      return;
    }
  }
  if (event.preempt) event.preempt();
}

void ControllerEventManager::clear_and_put_and_await(ControllerEvent event) {
  const Instant now = node_.clock().monotonic();
  std::vector<QueuedEvent> preempted;
  uint64_t id = 0;
  {
    Lock lock(mutex_);
    if (closed_) return;
    preempted = take_all();
    id = next_id_++;
    queue_.emplace(std::pair{now, id}, QueuedEvent{std::move(event), now, id});
    changed_.notify_all();
  }
  preempt(preempted);
  Lock lock(mutex_);
  changed_.wait(lock, [&] { return closed_ || started_id_ >= id; });
}

std::vector<std::string> ControllerEventManager::queued() const {
  Lock lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [order, queued] : queue_) names.push_back(queued.event.name);
  return names;
}

void ControllerEventManager::process_next() {
  Lock lock(mutex_);
  while (!closed_) {
    const auto first = queue_.begin();
    if (first == queue_.end()) {
      changed_.wait(lock);
    } else if (first->second.due > node_.clock().monotonic()) {
      (void)changed_.wait_until(lock, first->second.due);
    } else {
      const QueuedEvent next = std::move(first->second);
      queue_.erase(first);
      started_id_ = next.id;
      changed_.notify_all();
      lock.unlock();
      return run(next);
    }
  }
}

void ControllerEventManager::run(const QueuedEvent& queued) {
  state_ = queued.event.state;
  const Duration waited = node_.clock().monotonic() - queued.due;
  queue_time_ms_.update(std::chrono::duration_cast<std::chrono::milliseconds>(waited).count());
  KS_TRACE(node_, "ControllerEventStarted", {"event", queued.event.name});
  const auto timer = timers_.find(queued.event.state);
  if (timer == timers_.end()) {
    processor_(queued.event);
  } else {
    timer->second->time([&] { processor_(queued.event); });
  }
  KS_TRACE(node_, "ControllerEventProcessed", {"event", queued.event.name});
  state_ = ControllerState::kIdle;
}

std::vector<ControllerEventManager::QueuedEvent> ControllerEventManager::take_all() {
  std::vector<QueuedEvent> all;
  for (auto& [order, queued] : queue_) all.push_back(std::move(queued));
  queue_.clear();
  return all;
}

void ControllerEventManager::preempt(const std::vector<QueuedEvent>& events) {
  for (const QueuedEvent& queued : events) {
    if (queued.event.preempt) queued.event.preempt();
  }
}

}  // namespace kafkascope
