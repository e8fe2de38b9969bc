#include "record/control_record.h"

#include "common/byte_reader.h"
#include "common/byte_writer.h"

namespace kafkascope {
namespace {

constexpr int16_t kVersion = 0;  // of keys and markers; later ones only add fields

}  // namespace

ControlRecordType control_record_type(const RecordView& record) {
  ByteReader key(record.key.value_or(ByteView()));
  key.read_int16();  // version
  const int16_t type = key.read_int16();
  const bool known = type >= 0 && type <= static_cast<int16_t>(ControlRecordType::kKraftVoters);
  return known ? static_cast<ControlRecordType>(type) : ControlRecordType::kUnknown;
}

ByteBuffer control_record_key(ControlRecordType type) {
  ByteWriter key(4);
  key.write_int16(kVersion);
  key.write_int16(static_cast<int16_t>(type));
  return key.take();
}

ByteBuffer EndTransactionMarker::value() const {
  ByteWriter value(6);
  value.write_int16(kVersion);
  value.write_int32(coordinator_epoch);
  return value.take();
}

std::optional<EndTransactionMarker> EndTransactionMarker::read(const RecordView& record) {
  const ControlRecordType type = control_record_type(record);
  if (type != ControlRecordType::kCommit && type != ControlRecordType::kAbort) return std::nullopt;
  ByteReader value(record.value.value_or(ByteView()));
  value.read_int16();
  return EndTransactionMarker{type == ControlRecordType::kCommit, value.read_int32()};
}

}  // namespace kafkascope
