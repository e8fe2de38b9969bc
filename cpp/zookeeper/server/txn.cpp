#include "zookeeper/server/txn.h"

namespace kafkascope::zk {
namespace {

template <typename T>
TxnRecord read_as(JuteReader& reader) {
  T record;
  reader(record);
  return record;
}

}  // namespace

TxnRecord decode_txn_record(OpCode type, JuteReader& reader) {
  switch (type) {
    case OpCode::kCreate:
    case OpCode::kCreate2:
      return read_as<CreateTxn>(reader);
    case OpCode::kDelete:
    case OpCode::kDeleteContainer:
      return read_as<DeleteTxn>(reader);
    case OpCode::kSetData:
      return read_as<SetDataTxn>(reader);
    case OpCode::kSetAcl:
      return read_as<SetAclTxn>(reader);
    case OpCode::kCheck:
      return read_as<CheckVersionTxn>(reader);
    case OpCode::kCreateSession:
      return read_as<CreateSessionTxn>(reader);
    case OpCode::kCloseSession:
      // ZooKeeper before 3.6 writes no record.
      return reader.in().at_end() ? CloseSessionTxn{} : read_as<CloseSessionTxn>(reader);
    case OpCode::kError:
      return read_as<ErrorTxn>(reader);
    case OpCode::kMulti:
      return read_as<MultiTxn>(reader);
    default:
      reader.in().fail("a transaction of a type that this server does not have");
  }
}

ByteBuffer encode_txn_record(const TxnRecord& record) {
  return std::visit([](const auto& r) { return encode(r); }, record);
}

Txn decode_txn(ByteView bytes) {
  Txn txn;
  JuteReader reader(bytes);
  reader(txn.header);
  txn.record = decode_txn_record(txn.header.type, reader);
  return txn;
}

ByteBuffer encode_txn(const Txn& txn) {
  JuteWriter writer;
  writer(txn.header);
  std::visit([&](const auto& record) { writer(record); }, txn.record);
  return writer.take();
}

}  // namespace kafkascope::zk
