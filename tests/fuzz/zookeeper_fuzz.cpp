// ZooKeeper's server: any bytes as requests are answered or end the connection, and leave a tree
// that survives being written and read; any bytes as log or snapshot are read or refused.
#include "common/byte_reader.h"
#include "common/check.h"
#include "common/errors.h"
#include "common/logging.h"
#include "runtime/sim/sim_runtime.h"
#include "zookeeper/server/request_processor.h"

namespace {

using namespace kafkascope;      // NOLINT: a program of its own
using namespace kafkascope::zk;  // NOLINT

/// Frames of a 2-byte length each, on a connection with a session.
void as_requests(ByteView bytes) {
  set_log_level(LogLevel::kOff);
  static sim::SimRuntime sim({});
  static Node& node = sim.add_node("fuzz");
  static const auto config = ZooKeeperServerConfig::parse({{"dataDir", "/d"}});
  FileTxnSnapLog log(node, {.data_dir = "/d", .log_dir = "/d"});
  RequestProcessor processor(node, config, log);
  processor.restore();
  processor.add_cnxn(1, {"10.0.0.1", 1});
  processor.process(1, encode(ConnectRequest{.password = ByteBuffer(16)}));
  ServerCnxn& cnxn = processor.cnxns().at(1);
  for (ByteReader in(bytes); in.remaining() >= 2 && cnxn.fate == ServerCnxn::Fate::kStay;) {
    const size_t wanted = in.read_uint16();
    const size_t size = std::min(wanted, in.remaining());
    const size_t before = cnxn.out.size();
    processor.process(1, in.read_bytes(size));
    KS_CHECK(cnxn.out.size() > before || cnxn.fate != ServerCnxn::Fate::kStay);
  }
  const ByteBuffer snapshot = encode_snapshot(processor.tree(), processor.sessions().timeouts());
  DataTree read;
  SessionTimeouts sessions;
  decode_snapshot(snapshot, read, sessions);
  KS_CHECK(encode_snapshot(read, sessions) == snapshot);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const ByteView bytes(data + 1, size - 1);
  if (data[0] % 3 == 0) as_requests(bytes);
  DataTree tree;
  SessionTimeouts sessions;
  try {
    if (data[0] % 3 == 1) {
      const LogScan scan =
          scan_log(bytes, [&](const Txn& txn) { tree.apply(txn.header, txn.record); });
      KS_CHECK(scan.valid_bytes <= bytes.size());
    }
    if (data[0] % 3 == 2) decode_snapshot(bytes, tree, sessions);
  } catch (const SerializationException&) {
  }
  return 0;
}
