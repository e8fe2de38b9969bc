// Timer: how often something is done, and how long it takes in milliseconds (Yammer's Timer).
#pragma once

#include <chrono>

#include "runtime/metrics/histogram.h"
#include "runtime/metrics/meter.h"

namespace kafkascope {

class Timer {
 public:
  Timer(Clock& clock, RandomStream random) : clock_(clock), meter_(clock), micros_(random) {}

  void update(Duration taken) {
    meter_.mark();
    micros_.update(std::chrono::duration_cast<std::chrono::microseconds>(taken).count());
  }
  /// Runs body and measures it, also when it throws.
  template <typename Body>
  decltype(auto) time(Body body) {
    struct Measure {
      Timer& timer;
      Instant start;
      ~Measure() { timer.update(timer.clock_.monotonic() - start); }
    } measure{*this, clock_.monotonic()};
    return body();
  }

  Meter& meter() { return meter_; }
  /// In microseconds.
  const Histogram& micros() const { return micros_; }

 private:
  Clock& clock_;
  Meter meter_;
  Histogram micros_;
};

}  // namespace kafkascope
