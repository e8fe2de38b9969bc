// SystemTimer: a timing wheel whose clock only Python moves.
#include <pybind11/stl.h>

#include "bindings/host.h"
#include "bindings/init.h"
#include "bindings/log_dicts.h"
#include "purgatory/system_timer.h"

namespace py = pybind11;

namespace kafkascope::bindings {
namespace {

class SteppedClock : public Clock {
 public:
  int64_t wall_ms() override { return now_ms_; }
  Instant monotonic() override { return std::chrono::milliseconds(now_ms_); }
  void advance(int64_t ms) { now_ms_ += ms; }

 private:
  int64_t now_ms_ = 0;
};

class NamedTask : public TimerTask {
 public:
  NamedTask(std::string name, int64_t delay_ms, std::vector<std::string>& expired)
      : TimerTask(std::chrono::milliseconds(delay_ms)), name_(std::move(name)), expired_(expired) {}
  void run() override { expired_.push_back(name_); }
  std::string describe() const override { return name_; }

 private:
  const std::string name_;
  std::vector<std::string>& expired_;
};

class SteppedTimer {
 public:
  SteppedTimer(int64_t tick_ms, int wheel_size)
      : outside_(make_real_node("timer")),
        node_("timer", {clock_, outside_->network(), outside_->files(), outside_->random(), nullptr,
                        nullptr}),
        timer_(node_, "timer", tick_ms, wheel_size) {}

  std::shared_ptr<NamedTask> add(const std::string& name, int64_t delay_ms) {
    auto task = std::make_shared<NamedTask>(name, delay_ms, expired_);
    timer_.add(task);
    return task;
  }
  std::vector<std::string> advance_clock(int64_t ms) {
    clock_.advance(ms);
    while (timer_.advance_clock(Duration::zero())) {
    }
    return std::exchange(expired_, {});
  }
  TimerDescription describe() { return timer_.describe(); }

 private:
  std::unique_ptr<Node> outside_;
  SteppedClock clock_;
  Node node_;
  std::vector<std::string> expired_;
  SystemTimer timer_;
};

}  // namespace

void init_purgatory(py::module_& m) {
  py::class_<NamedTask, std::shared_ptr<NamedTask>>(m, "TimerTask", "A task in a SystemTimer.")
      .def("cancel", &NamedTask::cancel, "Takes the task out of its timer.")
      .def("__repr__", [](const NamedTask& t) { return "<TimerTask " + t.describe() + ">"; });
  py::class_<SteppedTimer>(m, "SystemTimer",
                           "A timing wheel whose clock stands still between advances.")
      .def(py::init<int64_t, int>(), py::arg("tick_ms"), py::arg("wheel_size"))
      .def("add", &SteppedTimer::add, py::arg("name"), py::arg("delay_ms"), py::keep_alive<0, 1>())
      .def("advance_clock", &SteppedTimer::advance_clock, py::arg("ms"))
      .def("to_dict", [](SteppedTimer& t) { return timer_to_dict(t.describe()); });
}

}  // namespace kafkascope::bindings
