// TransactionIndex: the aborted transactions of a segment, for read_committed fetches.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "log/fetch_data_info.h"
#include "runtime/file_system.h"
#include "runtime/threads.h"

namespace kafkascope {

/// One entry: 34 bytes, version 0.
struct AbortedTxn {
  ProducerId producer_id = kNoProducerId;
  Offset first_offset = 0;
  Offset last_offset = 0;         // of the abort marker
  Offset last_stable_offset = 0;  // when it was aborted: a search may stop above it

  static constexpr size_t kSize = 34;
  auto operator<=>(const AbortedTxn&) const = default;
  /// Throws SerializationException.
  static AbortedTxn parse(ByteView bytes);
  ByteBuffer encode() const;
};

/// Kafka's TransactionIndex. The file appears with the first entry: most segments have none. Any
/// thread may look up while one appends.
class TransactionIndex {
 public:
  TransactionIndex(Node& node, std::string path, Offset start_offset);

  /// Last offsets must grow. Throws KafkaException(CORRUPT_MESSAGE) otherwise.
  void append(const AbortedTxn& txn);
  std::vector<AbortedTxn> all() const;
  /// Adds those that overlap [fetch_offset, upper_bound). False when later segments have none.
  bool collect_aborted(Offset fetch_offset, Offset upper_bound,
                       std::vector<AbortedTransaction>& found) const;
  /// Drops those whose marker is at or above the offset.
  void truncate_to(Offset offset);
  void reset();
  void flush();
  void close();
  void set_path(std::string path);
  std::string path() const;
  bool exists() const;
  /// Empty when the entries may be trusted, else what is wrong.
  std::string sanity_check() const;

 private:
  void load() KS_REQUIRES(mutex_);

  Node& node_;
  mutable Mutex mutex_;
  std::string path_ KS_GUARDED_BY(mutex_);
  const Offset start_offset_;
  std::unique_ptr<File> file_ KS_GUARDED_BY(mutex_);
  std::vector<AbortedTxn> txns_ KS_GUARDED_BY(mutex_);  // the file's, in memory: they are few
  std::string problem_ KS_GUARDED_BY(mutex_);
};

}  // namespace kafkascope
