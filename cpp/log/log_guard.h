// Log::guard_io, for the sources of Log.
#pragma once

#include "log/log.h"

namespace kafkascope {

template <typename Function>
auto Log::guard_io(Function fn) const {
  try {
    return fn();
  } catch (const KafkaStorageException& e) {
    report_io_error(e);
    throw;
  }
}

}  // namespace kafkascope
