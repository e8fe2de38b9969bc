// Record batches of any format: validation and iteration end with records or an error, whatever the
// bytes.
#include "common/errors.h"
#include "record/convert.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace kafkascope;
  const MemoryRecords records(SharedSlice::of(ByteBuffer(data, data + size)));
  try {
    for (const RecordBatch& batch : records) {
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
