// Selector: many connections, one thread (Kafka's KSelector). Frames in, frames out, nothing blocks
// but poll.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "network/kafka_channel.h"
#include "runtime/node.h"

namespace kafkascope {

struct SelectorConfig {
  size_t max_receive_size = 100 * 1024 * 1024;
  Duration connections_max_idle = kForever;
  std::shared_ptr<MemoryPool> memory_pool;  // null: no bound on what all channels receive
  /// What a channel that sent these four bytes instead of a length is told before it is closed: as
  /// much as the connection takes at once. Null: nothing.
  std::function<std::string(const std::string& id, ByteView bad_length)> last_words;
};

/// Owned by one thread; only wakeup() may come from others. What happened in a poll stays to be
/// read until the next. Per channel: one frame being sent, one frame handed out per poll, both in
/// order.
class Selector {
 public:
  struct Receive {
    std::string channel;
    SharedSlice frame;  // without its length
  };

  Selector(Node& node, SelectorConfig config);
  ~Selector();
  Selector(const Selector&) = delete;
  Selector& operator=(const Selector&) = delete;

  /// Starts to connect; the id then appears in connected() or disconnected(). Throws KafkaException
  /// when the address does not resolve or the id is in use.
  void connect(const std::string& id, const Endpoint& address);
  /// Takes over an accepted connection.
  void register_channel(const std::string& id, std::unique_ptr<Connection> connection);
  /// Queues a frame for its destination, which must be ready and have no other frame on its way.
  void send(NetworkSend send);
  /// Waits for something to happen until the deadline, and does it.
  void poll(Instant deadline);
  /// Ends a poll that waits, or the next one. Any thread.
  void wakeup();

  const std::vector<std::string>& connected() const { return connected_; }
  /// Id to reason: "Connection refused", "closed by the peer", "idle", ...
  const std::map<std::string, std::string>& disconnected() const { return disconnected_; }
  /// Those of them that were closed because what they sent was no frame.
  const std::set<std::string>& malformed() const { return malformed_; }
  const std::vector<Receive>& completed_receives() const { return completed_receives_; }
  std::vector<Receive>& completed_receives() { return completed_receives_; }
  const std::vector<std::string>& completed_sends() const { return completed_sends_; }

  /// Stops reading from the channel; what has been read already waits.
  void mute(const std::string& id);
  void unmute(const std::string& id);
  /// Closes without a word in disconnected(). Unknown ids are ignored.
  void close(const std::string& id);
  void close_all();

  bool is_ready(const std::string& id) const;
  bool has(const std::string& id) const { return find(id) != nullptr; }
  /// Null when there is no such channel.
  const KafkaChannel* find(const std::string& id) const;
  size_t size() const { return channels_.size(); }
  std::vector<std::string> ids() const;

 private:
  using Channels = std::map<std::string, std::unique_ptr<KafkaChannel>>;
  KafkaChannel& add(const std::string& id, std::unique_ptr<Connection> connection,
                    KafkaChannel::State state);
  void clear_results();
  void handle(const Poller::Ready& ready);
  bool finish_connect(KafkaChannel& channel);
  void read(KafkaChannel& channel);
  bool deliver(KafkaChannel& channel);
  void say_last_words(KafkaChannel& channel);
  void write(KafkaChannel& channel);
  void write_queued();
  void deliver_buffered();
  void close_idle();
  void disconnect(KafkaChannel& channel, const std::string& reason);
  void update_interest(KafkaChannel& channel);
  Instant next_deadline(Instant deadline);

  Node& node_;
  const SelectorConfig config_;
  std::unique_ptr<Poller> poller_;
  Channels channels_;
  std::map<uint64_t, KafkaChannel*> by_token_;
  std::map<std::string, KafkaChannel*> to_write_;
  std::map<std::string, KafkaChannel*> buffered_;  // may go on without new bytes
  uint64_t next_token_ = 1;
  uint64_t round_ = 0;  // polls so far
  Instant next_idle_check_{};
  ByteBuffer scratch_;
  std::shared_ptr<FrameBuffers> frame_buffers_ = std::make_shared<FrameBuffers>();
  std::vector<std::string> connected_;
  std::map<std::string, std::string> disconnected_;
  std::set<std::string> malformed_;
  std::map<std::string, std::string> failed_sends_;
  std::vector<Receive> completed_receives_;
  std::vector<std::string> completed_sends_;
};

}  // namespace kafkascope
