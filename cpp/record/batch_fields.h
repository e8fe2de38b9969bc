// BatchField: a batch as named byte ranges, for eyes (docs/formats/record-batch.md has the names).
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "record/record_batch.h"

namespace kafkascope {

/// Nothing, a number, bytes of a key or a value (views into the batch), or words.
using BatchFieldValue = std::variant<std::monostate, int64_t, ByteView, std::string>;

struct BatchField {
  std::string name;  // "crc", "key"
  size_t begin = 0;
  size_t end = 0;
  int depth = 0;          // a record's fields stand one below the record
  bool is_group = false;  // a record: the fields after it own its bytes
  BatchFieldValue value;
};

/// Every byte of the batch belongs to one field that is no group; what is compressed is one field.
/// Never throws for bad bytes: the last field is then named "error", says why, and owns the rest.
std::vector<BatchField> describe_fields(const RecordBatch& batch);

}  // namespace kafkascope
