// ExpiredOperationReaper: the thread that turns a purgatory's timing wheel (Kafka's
// ExpiredOperationReaper).
#pragma once

#include <functional>
#include <string>

#include "purgatory/system_timer.h"
#include "runtime/worker.h"

namespace kafkascope {

/// Expires what is due, then lets the purgatory purge its watchers.
class ExpiredOperationReaper : public Worker {
 public:
  ExpiredOperationReaper(Node& node, const std::string& purgatory, SystemTimer& timer,
                         std::function<void()> purge);

 protected:
  void do_work() override;
  void wakeup() override { timer_.close(); }

 private:
  SystemTimer& timer_;
  const std::function<void()> purge_;
};

}  // namespace kafkascope
