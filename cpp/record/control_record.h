// ControlRecord: what a record of a control batch says (KIP-98, KIP-595, KIP-630).
#pragma once

#include <optional>

#include "record/record_view.h"

namespace kafkascope {

/// Kafka's ControlRecordType.
enum class ControlRecordType : int16_t {
  kAbort = 0,
  kCommit = 1,
  kLeaderChange = 2,
  kSnapshotHeader = 3,
  kSnapshotFooter = 4,
  kKraftVersion = 5,
  kKraftVoters = 6,
  kUnknown = -1,
};

/// From the record's key. kUnknown for those of later Kafkas. Throws SerializationException for a
/// key that is too short.
ControlRecordType control_record_type(const RecordView& record);
/// The key of such a record: a version and the type.
ByteBuffer control_record_key(ControlRecordType type);

/// The end of a transaction on one partition (Kafka's EndTransactionMarker).
struct EndTransactionMarker {
  bool commit = false;
  int32_t coordinator_epoch = 0;

  ControlRecordType type() const {
    return commit ? ControlRecordType::kCommit : ControlRecordType::kAbort;
  }
  ByteBuffer value() const;
  /// Nothing for a control record of another kind. Throws SerializationException for a broken one.
  static std::optional<EndTransactionMarker> read(const RecordView& record);
  bool operator==(const EndTransactionMarker&) const = default;
};

}  // namespace kafkascope
