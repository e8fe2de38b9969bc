// WakeupException: a blocking call of a consumer was ended by another thread's wakeup().
#pragma once

#include "common/errors.h"

namespace kafkascope {

class WakeupException : public KafkaException {
 public:
  WakeupException() : KafkaException(ErrorCode::kNone, "woken up by wakeup()") {}
};

}  // namespace kafkascope
