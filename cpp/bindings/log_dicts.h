// Descriptions of logs and timers as Python dicts.
#pragma once

#include <pybind11/pybind11.h>

#include "log/cleaner/cleaner_stats.h"
#include "log/log_description.h"
#include "purgatory/timer_description.h"

namespace kafkascope::bindings {

/// What kafkascope.log.Log is made of. An offset that nobody knows is None.
pybind11::dict log_to_dict(const LogDescription& log);
/// What kafkascope.live_log.CleanerStats is made of.
pybind11::dict cleaner_stats_to_dict(const CleanerStats& stats);
pybind11::dict timer_to_dict(const TimerDescription& timer);

}  // namespace kafkascope::bindings
