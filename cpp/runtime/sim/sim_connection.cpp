#include "runtime/sim/sim_connection.h"

#include <algorithm>

#include "runtime/file_system.h"
#include "runtime/sim/sim_network.h"

namespace kafkascope::sim {
namespace {

constexpr const char* kReset = "Connection reset by peer";

}  // namespace

SimConnection::SimConnection(NetworkFabric& fabric, std::string node, Endpoint local, Endpoint peer)
    : fabric_(fabric),
      node_(std::move(node)),
      local_(std::move(local)),
      peer_(std::move(peer)),
      id_(fabric.add(*this)) {}

SimConnection::~SimConnection() {
  close();
  fabric_.remove(*this);
}

IoResult SimConnection::finish_connect() {
  if (!error_.empty()) return {IoStatus::kError, 0, error_};
  return open_ ? IoResult{} : IoResult{IoStatus::kWouldBlock, 0, {}};
}

IoResult SimConnection::read(MutableByteView into) {
  fabric_.scheduler().switch_point("read");
  if (inbox_.empty()) {
    if (!error_.empty()) return {IoStatus::kError, 0, error_};
    return {ended_ ? IoStatus::kClosed : IoStatus::kWouldBlock, 0, {}};
  }
  const ByteBuffer& first = inbox_.front();
  const size_t count = fabric_.some_of(std::min(into.size(), first.size() - taken_));
  std::copy_n(first.begin() + static_cast<ptrdiff_t>(taken_), count, into.begin());
  taken_ += count;
  if (taken_ == first.size()) inbox_.pop_front(), taken_ = 0;
  if (SimConnection* other = fabric_.find(other_)) {
    other->outstanding_ -= count;
    other->notify();
  }
  return {IoStatus::kOk, count, {}};
}

ByteBuffer SimConnection::gather(std::span<const ByteView> slices, size_t count) const {
  ByteBuffer bytes;
  bytes.reserve(count);
  for (const ByteView slice : slices) {
    const size_t part = std::min(slice.size(), count - bytes.size());
    bytes.insert(bytes.end(), slice.begin(), slice.begin() + static_cast<ptrdiff_t>(part));
  }
  return bytes;
}

IoResult SimConnection::write(std::span<const ByteView> slices) {
  fabric_.scheduler().switch_point("write");
  if (!error_.empty() || closed_) return {IoStatus::kError, 0, error_.empty() ? "closed" : error_};
  size_t total = 0;
  for (const ByteView slice : slices) total += slice.size();
  const size_t room = std::min(total, kWindow - std::min(kWindow, outstanding_));
  if (room == 0) return {IoStatus::kWouldBlock, 0, {}};
  const std::optional<size_t> cut_at = fabric_.resets_within(room);
  ByteBuffer bytes = gather(slices, cut_at ? *cut_at : fabric_.some_of(room));
  const size_t count = bytes.size();
  outstanding_ += count;
  transmit(count, [bytes = std::move(bytes)](SimConnection& peer) mutable {
    if (!bytes.empty() && peer.error_.empty()) peer.inbox_.push_back(std::move(bytes));
  });
  if (!cut_at) return {IoStatus::kOk, count, {}};
  send_reset();
  fail(kReset);
  return {IoStatus::kError, 0, error_};
}

IoResult SimConnection::send_file(File& file, uint64_t offset, size_t count) {
  ByteBuffer bytes(std::min(count, kWindow));
  bytes.resize(file.pread(bytes, offset));
  if (bytes.empty())
    return {IoStatus::kError, 0, file.path() + " is shorter than the range to send"};
  const ByteView view(bytes);
  return write({&view, 1});
}

void SimConnection::close() {
  if (std::exchange(closed_, true)) return;
  if (error_.empty()) transmit(0, [](SimConnection& peer) { peer.ended_ = true; });
}

uint8_t SimConnection::ready() const {
  uint8_t events = kNone;
  if (!inbox_.empty() || ended_ || !error_.empty()) events |= kRead;
  if ((open_ && outstanding_ < kWindow) || !error_.empty()) events |= kWrite;
  return events;
}

void SimConnection::pair_with(SimConnection& other) {
  other_ = other.id_, peer_node_ = other.node_;
  other.other_ = id_, other.peer_node_ = node_;
}

void SimConnection::open() {
  open_ = true;
  notify();
}

void SimConnection::fail(const std::string& why) {
  if (error_.empty()) error_ = why;
  inbox_.clear();
  taken_ = 0;
  notify();
}

void SimConnection::send_reset() {
  transmit(0, [](SimConnection& peer) { peer.fail(kReset); });
}

void SimConnection::abort() {
  if (std::exchange(closed_, true)) return;
  send_reset();
}

/// Runs `effect` at the other end after the latency, behind everything sent before.
void SimConnection::transmit(size_t bytes, Effect effect) {
  if (SimConnection* other = fabric_.find(other_)) other->arriving_.push_back(std::move(effect));
  last_arrival_ = std::max(last_arrival_, fabric_.arrival(node_, peer_node_, bytes));
  // A delivery applies the oldest effect, whichever of them it was made for: what a cut held back
  // and what was sent after it healed may become due in any order, the stream may not.
  fabric_.carry(node_, peer_node_, last_arrival_,
                [&fabric = fabric_, id = other_, sender = id_, bytes] {
                  SimConnection* const peer = fabric.find(id);
                  const bool there = peer != nullptr && !peer->closed_;
                  if (peer != nullptr) peer->deliver_oldest();
                  if (there || bytes == 0) return;
                  // Bytes for an end that is gone: its kernel answers with a reset, if it has one.
                  fabric.refuse(sender, kReset);
                });
}

void SimConnection::deliver_oldest() {
  if (arriving_.empty()) return;
  Effect oldest = std::move(arriving_.front());
  arriving_.pop_front();
  oldest(*this);
  notify();
}

}  // namespace kafkascope::sim
