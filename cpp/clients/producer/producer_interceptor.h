// ProducerInterceptor: sees every record on its way out and every acknowledgement on its way back.
#pragma once

#include "clients/producer/producer_record.h"

namespace kafkascope {

/// Kafka's ProducerInterceptor over bytes. Exceptions of an interceptor are logged and otherwise
/// ignored.
class ProducerInterceptor {
 public:
  virtual ~ProducerInterceptor() = default;
  /// On the sending thread, before the partition is chosen. May point the views elsewhere; that
  /// memory must stay until send() has returned.
  virtual void on_send(ProducerRecord& record) = 0;
  /// On the network thread, or on the sending thread when the record was refused at once.
  virtual void on_acknowledgement(const RecordMetadata& metadata, const Error* error) = 0;
  virtual void close() {}
};

}  // namespace kafkascope
