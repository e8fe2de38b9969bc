// ControllerEventManager: one queue of events, one thread that processes them.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "controller/controller_state.h"
#include "runtime/metrics/metrics_registry.h"
#include "runtime/worker.h"

namespace kafkascope {

/// Something that happened, and what to do about it.
struct ControllerEvent {
  std::string name;  // "BrokerChange", "PartitionModifications(orders)"
  ControllerState state = ControllerState::kIdle;
  std::function<void()> process;
  std::function<void()> preempt;  // instead, when the event is thrown away; may be empty
};

/// Kafka's ControllerEventManager. Any thread may put events; they are processed one at a time, in
/// this order, on the thread "controller-event-thread".
class ControllerEventManager {
 public:
  /// Runs one event; must not throw.
  using Processor = std::function<void(const ControllerEvent&)>;

  ControllerEventManager(Node& node, MetricsRegistry& metrics, Processor processor);
  ~ControllerEventManager();

  void start();
  /// Ends the thread after the event that it is at; those that wait are preempted, as are all later
  /// ones.
  void close();
  void put(ControllerEvent event) { put_after(Duration{}, std::move(event)); }
  void put_after(Duration delay, ControllerEvent event);
  /// Preempts all events that wait, puts this one, and returns when its processing begins: whatever
  /// ran before is over. Returns at once when closed.
  void clear_and_put_and_await(ControllerEvent event);

  ControllerState state() const { return state_; }
  /// Names of the events that wait, the next first.
  std::vector<std::string> queued() const;

 private:
  struct QueuedEvent {
    ControllerEvent event;
    Instant due;
    uint64_t id = 0;
  };
  class ControllerEventThread : public Worker {
   public:
    explicit ControllerEventThread(Node& node, ControllerEventManager& manager)
        : Worker(node, "controller-event-thread"), manager_(manager) {}

   protected:
    void do_work() override { manager_.process_next(); }
    void wakeup() override { manager_.changed_.notify_all(); }

   private:
    ControllerEventManager& manager_;
  };

  void process_next();
  void run(const QueuedEvent& queued);
  /// Empties the queue.
  std::vector<QueuedEvent> take_all() KS_REQUIRES(mutex_);
  static void preempt(const std::vector<QueuedEvent>& events);

  Node& node_;
  MetricsRegistry& metrics_;
  const Processor processor_;
  mutable Mutex mutex_;
  ConditionVariable changed_;
  std::map<std::pair<Instant, uint64_t>, QueuedEvent> queue_ KS_GUARDED_BY(mutex_);  // by due time
  uint64_t next_id_ KS_GUARDED_BY(mutex_) = 1;
  uint64_t started_id_ KS_GUARDED_BY(mutex_) = 0;  // the event that is or was processed last
  bool closed_ KS_GUARDED_BY(mutex_) = false;
  std::atomic<ControllerState> state_{ControllerState::kIdle};
  Histogram& queue_time_ms_;
  std::map<ControllerState, Timer*> timers_;
  ControllerEventThread thread_;
};

}  // namespace kafkascope
