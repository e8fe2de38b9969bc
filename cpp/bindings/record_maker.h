// RecordMaker: what poll() returned, as Python's ConsumerRecord tuples.
#pragma once

#include <pybind11/pybind11.h>

#include "clients/consumer/consumer_record.h"

namespace kafkascope::bindings {

/// Fills tuples of kafkascope.structs.ConsumerRecord without a call into Python: a record costs its
/// own objects.
class RecordMaker {
 public:
  RecordMaker();
  /// TopicPartition to a list of its records.
  pybind11::dict to_dict(const ConsumerRecords& records) const;

 private:
  pybind11::object make(const pybind11::object& topic, const pybind11::object& partition,
                        const ConsumerRecord& record) const;

  pybind11::object record_;
  pybind11::object partition_;
};

}  // namespace kafkascope::bindings
