#include "log/transaction_index.h"

#include <fmt/core.h>

#include "common/byte_reader.h"
#include "common/byte_writer.h"
#include "common/errors.h"

namespace kafkascope {

AbortedTxn AbortedTxn::parse(ByteView bytes) {
  ByteReader reader(bytes);
  if (reader.read_int16() != 0) reader.fail("aborted transaction of a version other than 0");
  AbortedTxn txn;
  txn.producer_id = reader.read_int64();
  txn.first_offset = reader.read_int64();
  txn.last_offset = reader.read_int64();
  txn.last_stable_offset = reader.read_int64();
  if (txn.producer_id < 0 || txn.first_offset < 0 || txn.last_offset < txn.first_offset) {
    reader.fail("impossible aborted transaction");
  }
  return txn;
}

ByteBuffer AbortedTxn::encode() const {
  ByteWriter writer(kSize);
  writer.write_int16(0);
  writer.write_int64(producer_id);
  writer.write_int64(first_offset);
  writer.write_int64(last_offset);
  writer.write_int64(last_stable_offset);
  return writer.take();
}

TransactionIndex::TransactionIndex(Node& node, std::string path, Offset start_offset)
    : node_(node),
      mutex_(node, "transaction-index"),
      path_(std::move(path)),
      start_offset_(start_offset) {
  if (node.files().exists(path_)) load();
}

void TransactionIndex::load() {
  file_ = node_.files().open(path_, OpenMode::kReadWrite);
  ByteBuffer content(file_->size());
  content.resize(file_->pread(content, 0));
  try {
    for (size_t at = 0; at < content.size(); at += AbortedTxn::kSize) {
      const size_t left = content.size() - at;
      const AbortedTxn txn =
          AbortedTxn::parse(ByteView(content).subspan(at, std::min(left, AbortedTxn::kSize)));
      if (txn.last_offset < start_offset_ ||
          (!txns_.empty() && txn.last_offset <= txns_.back().last_offset)) {
        throw SerializationException(
            fmt::format("last offset {} is out of order", txn.last_offset));
      }
      txns_.push_back(txn);
    }
  } catch (const SerializationException& e) {
    problem_ = fmt::format("{}: {}", path_, e.what());
  }
}

void TransactionIndex::append(const AbortedTxn& txn) {
  Lock lock(mutex_);
  if (!txns_.empty() && txns_.back().last_offset >= txn.last_offset) {
    throw KafkaException(ErrorCode::kCorruptMessage,
                         fmt::format("{}: aborted transaction that ends at {} after one at {}",
                                     path_, txn.last_offset, txns_.back().last_offset));
  }
  if (!file_) file_ = node_.files().open(path_, OpenMode::kCreate);
  file_->pwrite(txn.encode(), txns_.size() * AbortedTxn::kSize);
  txns_.push_back(txn);
}

std::vector<AbortedTxn> TransactionIndex::all() const {
  Lock lock(mutex_);
  return txns_;
}

bool TransactionIndex::collect_aborted(Offset fetch_offset, Offset upper_bound,
                                       std::vector<AbortedTransaction>& found) const {
  Lock lock(mutex_);
  for (const AbortedTxn& txn : txns_) {
    if (txn.last_offset >= fetch_offset && txn.first_offset < upper_bound) {
      found.push_back({txn.producer_id, txn.first_offset});
    }
    // All that was undecided then came later: what later entries abort begins above the bound.
    if (txn.last_stable_offset >= upper_bound) return false;
  }
  return true;
}

void TransactionIndex::truncate_to(Offset offset) {
  Lock lock(mutex_);
  const size_t before = txns_.size();
  while (!txns_.empty() && txns_.back().last_offset >= offset) txns_.pop_back();
  if (file_ && txns_.size() != before) file_->truncate(txns_.size() * AbortedTxn::kSize);
}

void TransactionIndex::reset() {
  Lock lock(mutex_);
  txns_.clear();
  problem_.clear();
  if (file_) file_->truncate(0);
}

void TransactionIndex::flush() {
  Lock lock(mutex_);
  if (file_) file_->sync();
}

void TransactionIndex::close() {
  Lock lock(mutex_);
  file_.reset();
}

void TransactionIndex::set_path(std::string path) {
  Lock lock(mutex_);
  path_ = std::move(path);
}

std::string TransactionIndex::path() const {
  Lock lock(mutex_);
  return path_;
}

bool TransactionIndex::exists() const {
  Lock lock(mutex_);
  return file_ != nullptr;
}

std::string TransactionIndex::sanity_check() const {
  Lock lock(mutex_);
  return problem_;
}

}  // namespace kafkascope
