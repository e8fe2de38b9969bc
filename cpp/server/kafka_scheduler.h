// KafkaScheduler: the thread for what is due every so often: retention, flush, checkpoints, expiry.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "runtime/worker.h"

namespace kafkascope {

/// Kafka's KafkaScheduler, on one thread. Tasks are added before start().
class KafkaScheduler : public Worker {
 public:
  explicit KafkaScheduler(Node& node);

  /// First after one period. A task that throws KafkaException is logged and goes on with its next
  /// period.
  void schedule(std::string name, Duration period, std::function<void()> task);

 protected:
  void do_work() override;
  void wakeup() override;

 private:
  struct Task {
    std::string name;
    Duration period;
    std::function<void()> run;
    Instant due;
  };

  Mutex mutex_;
  ConditionVariable stopped_;
  std::vector<Task> tasks_;
};

}  // namespace kafkascope
