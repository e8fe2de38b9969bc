#include "network/selector.h"

#include <fmt/core.h>

#include <algorithm>

#include "common/check.h"
#include "common/errors.h"

namespace kafkascope {
namespace {

constexpr size_t kScratchSize = 64 * 1024;
constexpr int kReadsPerPoll = 16;

}  // namespace

Selector::Selector(Node& node, SelectorConfig config)
    : node_(node),
      config_(std::move(config)),
      poller_(node.network().make_poller()),
      scratch_(kScratchSize) {}

Selector::~Selector() { close_all(); }

void Selector::connect(const std::string& id, const Endpoint& address) {
  KafkaChannel& channel =
      add(id, node_.network().connect(address), KafkaChannel::State::kConnecting);
  update_interest(channel);
}

void Selector::register_channel(const std::string& id, std::unique_ptr<Connection> connection) {
  KafkaChannel& channel = add(id, std::move(connection), KafkaChannel::State::kReady);
  update_interest(channel);
}

KafkaChannel& Selector::add(const std::string& id, std::unique_ptr<Connection> connection,
                            KafkaChannel::State state) {
  KS_CHECK(find(id) == nullptr, "channel id in use: " + id);
  auto made =
      std::make_unique<KafkaChannel>(id, next_token_++, std::move(connection), state,
                                     config_.max_receive_size, frame_buffers_, config_.memory_pool);
  KafkaChannel& channel = *made;
  channel.last_active = node_.clock().monotonic();
  by_token_[channel.token] = &channel;
  channels_[id] = std::move(made);
  return channel;
}

void Selector::send(NetworkSend send) {
  const auto found = channels_.find(send.destination());
  if (found == channels_.end()) {
    // It was closed since the caller looked: Kafka too reports that by disconnected() of the next
    // poll.
    failed_sends_.emplace(send.destination(), "closed before the send");
    return;
  }
  KafkaChannel& channel = *found->second;
  KS_CHECK(!channel.send.has_value(), "a frame is on its way already to " + channel.id);
  channel.send.emplace(std::move(send));
  to_write_[channel.id] = &channel;
}

void Selector::poll(Instant deadline) {
  ++round_;
  clear_results();
  write_queued();
  deliver_buffered();
  for (const Poller::Ready& ready : poller_->wait(next_deadline(deadline))) handle(ready);
  close_idle();
}

void Selector::wakeup() { poller_->wakeup(); }

void Selector::clear_results() {
  connected_.clear();
  disconnected_ = std::move(failed_sends_);
  malformed_.clear();
  failed_sends_.clear();
  completed_receives_.clear();
  completed_sends_.clear();
}

Instant Selector::next_deadline(Instant deadline) {
  const bool done =
      !completed_receives_.empty() || !completed_sends_.empty() || !disconnected_.empty();
  if (done) return Instant{};
  return config_.connections_max_idle == kForever || channels_.empty()
             ? deadline
             : std::min(deadline, next_idle_check_);
}

void Selector::handle(const Poller::Ready& ready) {
  const auto found = by_token_.find(ready.token);
  if (found == by_token_.end()) return;  // closed while this round was being handled
  KafkaChannel& channel = *found->second;
  channel.last_active = node_.clock().monotonic();
  if (channel.state == KafkaChannel::State::kConnecting && !finish_connect(channel)) return;
  if ((ready.events & kWrite) != 0 && channel.send.has_value()) {
    write(channel);
    if (!by_token_.contains(ready.token)) return;
  }
  if ((ready.events & kRead) != 0) read(channel);
}

bool Selector::finish_connect(KafkaChannel& channel) {
  const IoResult result = channel.connection->finish_connect();
  if (result.status == IoStatus::kWouldBlock) return false;
  if (result.status != IoStatus::kOk) {
    disconnect(channel, result.error);
    return false;
  }
  channel.state = KafkaChannel::State::kReady;
  connected_.push_back(channel.id);
  update_interest(channel);
  return true;
}

void Selector::read(KafkaChannel& channel) {
  if (channel.muted || channel.delivered_in_round == round_ || buffered_.contains(channel.id))
    return;
  for (int i = 0; i < kReadsPerPoll; ++i) {
    const IoResult result = channel.read(scratch_);
    if (result.status == IoStatus::kWouldBlock) return;
    if (result.status == IoStatus::kClosed) return disconnect(channel, "closed by the peer");
    if (result.status == IoStatus::kError) return disconnect(channel, result.error);
    if (deliver(channel)) return;
  }
}

/// Hands out at most one frame a poll, so that no channel starves the others. True when the channel
/// is done for this poll: a frame went out, it was closed for a bad one, or it waits for memory.
bool Selector::deliver(KafkaChannel& channel) {
  std::optional<SharedSlice> frame;
  try {
    frame = channel.next_frame();
  } catch (const KafkaException& e) {
    malformed_.insert(channel.id);
    if (config_.last_words) say_last_words(channel);
    disconnect(channel, e.what());
    return true;
  }
  if (frame) {
    completed_receives_.push_back({channel.id, std::move(*frame)});
    channel.delivered_in_round = round_;
  }
  if (channel.has_buffered() || channel.starved()) {
    buffered_[channel.id] = &channel;
  } else {
    buffered_.erase(channel.id);
  }
  update_interest(channel);
  return frame.has_value() || channel.starved();
}

void Selector::say_last_words(KafkaChannel& channel) {
  const std::string words = config_.last_words(channel.id, channel.bad_length());
  const ByteView bytes = as_bytes(words);
  if (!words.empty()) channel.connection->write({&bytes, 1});
}

void Selector::deliver_buffered() {
  std::vector<KafkaChannel*> waiting;
  for (const auto& [id, channel] : buffered_) {
    if (!channel->muted) waiting.push_back(channel);
  }
  for (KafkaChannel* channel : waiting) deliver(*channel);
}

void Selector::write_queued() {
  std::map<std::string, KafkaChannel*> queued;
  queued.swap(to_write_);
  for (const auto& [id, channel] : queued) {
    if (channel->state == KafkaChannel::State::kReady) {
      write(*channel);
    } else {
      update_interest(*channel);
    }
  }
}

void Selector::write(KafkaChannel& channel) {
  const IoResult result = channel.send->write_to(*channel.connection);
  if (result.status == IoStatus::kError) return disconnect(channel, result.error);
  channel.last_active = node_.clock().monotonic();
  if (result.status == IoStatus::kOk) {
    channel.send.reset();
    completed_sends_.push_back(channel.id);
  }
  update_interest(channel);
}

void Selector::close_idle() {
  if (config_.connections_max_idle == kForever) return;
  const Instant now = node_.clock().monotonic();
  if (now < next_idle_check_) return;
  std::vector<KafkaChannel*> idle;
  Instant oldest = now;
  for (const auto& [id, channel] : channels_) {
    if (now - channel->last_active >= config_.connections_max_idle) {
      idle.push_back(channel.get());
    } else {
      oldest = std::min(oldest, channel->last_active);
    }
  }
  for (KafkaChannel* channel : idle)
    disconnect(*channel, "idle for longer than connections.max.idle.ms");
  next_idle_check_ = oldest + config_.connections_max_idle;
}

void Selector::mute(const std::string& id) {
  if (const auto found = channels_.find(id); found != channels_.end() && !found->second->muted) {
    found->second->muted = true;
    update_interest(*found->second);
  }
}

void Selector::unmute(const std::string& id) {
  if (const auto found = channels_.find(id); found != channels_.end() && found->second->muted) {
    found->second->muted = false;
    update_interest(*found->second);
  }
}

void Selector::update_interest(KafkaChannel& channel) {
  uint8_t interest = channel.muted || channel.starved() ? kNone : kRead;
  if (channel.state == KafkaChannel::State::kConnecting) interest = kWrite;
  if (channel.send.has_value()) interest |= kWrite;
  if (interest == channel.interest) return;
  channel.interest = interest;
  poller_->set_interest(*channel.connection, interest, channel.token);
}

void Selector::disconnect(KafkaChannel& channel, const std::string& reason) {
  disconnected_.emplace(channel.id, reason);
  close(std::string(channel.id));
}

void Selector::close(const std::string& id) {
  const auto found = channels_.find(id);
  if (found == channels_.end()) return;
  KafkaChannel& channel = *found->second;
  poller_->remove(*channel.connection);
  channel.connection->close();
  by_token_.erase(channel.token);
  to_write_.erase(id);
  buffered_.erase(id);
  channels_.erase(found);
}

void Selector::close_all() {
  while (!channels_.empty()) close(std::string(channels_.begin()->first));
}

const KafkaChannel* Selector::find(const std::string& id) const {
  const auto found = channels_.find(id);
  return found == channels_.end() ? nullptr : found->second.get();
}

bool Selector::is_ready(const std::string& id) const {
  const KafkaChannel* channel = find(id);
  return channel != nullptr && channel->state == KafkaChannel::State::kReady;
}

std::vector<std::string> Selector::ids() const {
  std::vector<std::string> found;
  for (const auto& [id, channel] : channels_) found.push_back(id);
  return found;
}

}  // namespace kafkascope
