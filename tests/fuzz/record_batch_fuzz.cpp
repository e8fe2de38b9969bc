// Record batches of any format: validation and iteration end with records or an error, and each
// byte has a name, whatever the bytes.
#include "common/errors.h"
#include "record/batch_fields.h"
#include "record/convert.h"

namespace {

/// Each byte of the batch belongs to one field.
void check_fields(const kafkascope::RecordBatch& batch) {
  size_t owned = 0;
  for (const kafkascope::BatchField& field : describe_fields(batch)) {
    if (field.end < field.begin || field.end > batch.size()) __builtin_trap();
    if (field.is_group) continue;
    if (field.begin != owned) __builtin_trap();
    owned = field.end;
  }
  if (owned != batch.size()) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace kafkascope;
  const MemoryRecords records(SharedSlice::of(ByteBuffer(data, data + size)));
  try {
    for (const RecordBatch& batch : records) {
      check_fields(batch);
      (void)batch.validate(true);
      (void)batch.last_sequence();
    }
    records.for_each_record([](const RecordBatch&, const RecordView& record) {
      record.headers.for_each([](const HeaderView&) {});
    });
    for (int8_t magic : {0, 1, 2}) (void)convert(records, magic);
  } catch (const KafkaException&) {
  }
  return 0;
}
