#include "zookeeper/server/file_txn_log.h"

#include <algorithm>

namespace kafkascope::zk {
namespace {

constexpr int32_t kMagic = 0x5a4b4c47;  // "ZKLG"
constexpr int8_t kEndOfEntry = 'B';
constexpr size_t kEntryOverhead = 8 + 4 + 1;  // checksum, length, end

/// The bytes of the entry's transaction; nothing when it is not whole.
std::optional<ByteView> next_entry(ByteReader& in) {
  if (in.remaining() < kEntryOverhead) return std::nullopt;
  const int64_t checksum = in.read_int64();
  const int32_t size = in.read_int32();
  if (size <= 0 || static_cast<size_t>(size) >= in.remaining()) return std::nullopt;
  const ByteView bytes = in.read_bytes(static_cast<size_t>(size));
  if (in.read_int8() != kEndOfEntry || checksum != int64_t{adler32_of(bytes)}) return std::nullopt;
  return bytes;
}

}  // namespace

void FileTxnLog::append(const Txn& txn) {
  if (pending_.empty()) first_pending_ = txn.header.zxid;
  const ByteBuffer bytes = encode_txn(txn);
  ByteWriter entry(bytes.size() + kEntryOverhead);
  entry.write_int64(adler32_of(bytes));
  entry.write_int32(static_cast<int32_t>(bytes.size()));
  entry.write_bytes(bytes);
  entry.write_int8(kEndOfEntry);
  pending_.insert(pending_.end(), entry.view().begin(), entry.view().end());
}

void FileTxnLog::commit() {
  if (pending_.empty()) return;
  const bool fresh = file_ == nullptr;
  if (fresh) begin_file(first_pending_);
  const ByteView bytes(pending_);
  file_->append({&bytes, 1});
  if (force_sync_) file_->sync();
  if (force_sync_ && fresh) node_.files().sync_dir(directory_);
  pending_.clear();
}

void FileTxnLog::begin_file(Zxid zxid) {
  file_ = node_.files().open(directory_ + "/" + zxid_file_name("log", zxid), OpenMode::kCreateNew);
  const ByteBuffer header = encode(FileHeader{kMagic, 2, 0});
  const ByteView bytes(header);
  file_->append({&bytes, 1});
}

LogScan scan_log(ByteView bytes, const std::function<void(const Txn&)>& each) {
  LogScan scan;
  const auto finish = [&] {
    scan.torn = std::ranges::any_of(bytes.subspan(scan.valid_bytes), [](uint8_t b) { return b; });
    return scan;
  };
  if (bytes.size() < kFileHeaderSize) return finish();
  ByteReader in(bytes);
  if (in.read_int32() != kMagic) return finish();
  in.seek(kFileHeaderSize);
  scan.valid_bytes = kFileHeaderSize;
  // An Apache ZooKeeper allocates ahead: zeros are the end.
  while (const std::optional<ByteView> entry = next_entry(in)) {
    each(decode_txn(*entry));
    scan.valid_bytes = in.position();
  }
  return finish();
}

}  // namespace kafkascope::zk
