// ConsumerInterceptor: sees what poll() is about to return.
#pragma once

#include "clients/consumer/consumer_record.h"

namespace kafkascope {

/// Kafka's ConsumerInterceptor over bytes, on the polling thread. Its exceptions are logged and
/// otherwise ignored.
class ConsumerInterceptor {
 public:
  virtual ~ConsumerInterceptor() = default;
  /// May drop records, or point them elsewhere when it adds an owner.
  virtual void on_consume(ConsumerRecords& records) = 0;
  virtual void close() {}
};

}  // namespace kafkascope
