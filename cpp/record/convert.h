// Conversion between message formats and codecs: for old consumers (down), old producers (up), and
// compression.type.
#pragma once

#include "record/memory_records.h"
#include "record/memory_records_builder.h"

namespace kafkascope {

/// The records in format `magic`, each batch on its own, with the codec it had. Offsets and
/// timestamps stay; what the older format cannot say (headers, producer state, control batches) is
/// left out. Batches that have the format or an older one are copied as they are. zstd, which older
/// formats never had, becomes uncompressed. Uncompressed records below first_offset are left out:
/// they become messages of their own, which a fetch from there must not begin with. Throws
/// KafkaException(CORRUPT_MESSAGE) where offsets do not grow, and what RecordIterator throws.
ByteBuffer convert(const MemoryRecords& records, int8_t magic, Offset first_offset = 0);

/// All records as one batch made by `options`, offsets counted from its base offset. Throws
/// KafkaException(INVALID_RECORD) when there are none, and what RecordIterator throws.
ByteBuffer rebuild(const MemoryRecords& records, const MemoryRecordsBuilder::Options& options);

}  // namespace kafkascope
