// KafkaChannel: one connection with the frame it is receiving and the one it is sending.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "network/network_receive.h"
#include "network/network_send.h"

namespace kafkascope {

/// Kafka's KafkaChannel. Owned by its Selector, on the Selector's thread.
class KafkaChannel {
 public:
  enum class State { kConnecting, kReady };

  KafkaChannel(std::string id, uint64_t token, std::unique_ptr<Connection> connection, State state,
               size_t max_receive, std::shared_ptr<FrameBuffers> buffers,
               std::shared_ptr<MemoryPool> pool)
      : id(std::move(id)),
        token(token),
        connection(std::move(connection)),
        state(state),
        receive_(max_receive, std::move(buffers), std::move(pool)) {}

  const std::string id;
  const uint64_t token;  // in the Poller
  const std::unique_ptr<Connection> connection;
  State state;
  bool muted = false;
  uint8_t interest = kNone;         // what the Poller was last told
  uint64_t delivered_in_round = 0;  // the poll that last handed out a frame
  Instant last_active{};
  std::optional<NetworkSend> send;

  /// Reads what has come, into `scratch` or straight into a large frame. kOk: a frame may be
  /// complete.
  IoResult read(MutableByteView scratch);
  /// The next whole frame of what was read; nothing when there is none. Throws KafkaException for a
  /// bad length.
  std::optional<SharedSlice> next_frame();
  /// The four bytes that next_frame() threw for.
  ByteView bad_length() const { return receive_.length_bytes(); }
  /// Bytes read but not yet looked at: a muted channel keeps them.
  bool has_buffered() const { return !leftover_.empty(); }
  /// Waits for memory: nothing is read until next_frame() finds some.
  bool starved() const { return receive_.starved(); }

  size_t memory() const { return receive_.capacity() + leftover_.capacity(); }

 private:
  NetworkReceive receive_;
  ByteBuffer leftover_;
};

}  // namespace kafkascope
