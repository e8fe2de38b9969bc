#include "zookeeper/server/zookeeper_server.h"

#include <fmt/core.h>

#include <charconv>

#include "common/errors.h"
#include "common/logging.h"
#include "zookeeper/server/four_letter_words.h"

namespace kafkascope::zk {
namespace {

constexpr size_t kConnectionQueueSize = 20;
constexpr int kMostPollsARound = 64;  // what one sync may wait for
constexpr size_t kMostUnsent = 1000;  // answers to one client; it is not read from above that

/// The Selector's names are the connections' numbers.
std::string channel_of(WatcherId id) { return std::to_string(id); }

WatcherId id_of(const std::string& channel) {
  WatcherId id = 0;
  std::from_chars(channel.data(), channel.data() + channel.size(), id);
  return id;
}

ZooKeeperServerConfig validated(ZooKeeperServerConfig config) {
  config.validate();
  return config;
}

ConnectionLimits limits_of(const ZooKeeperServerConfig& config) {
  return {.per_ip = config.max_client_cnxns == 0 ? INT32_MAX : config.max_client_cnxns};
}

}  // namespace

ZooKeeperServer::ZooKeeperServer(Node& node, ZooKeeperServerConfig config)
    : Worker(node, "zookeeper-server"),
      config_(validated(std::move(config))),
      quotas_(node, limits_of(config_)),
      selector_(node, selector_config()),
      new_connections_(node, "new connections", kConnectionQueueSize),
      mutex_(node, "zookeeper server") {}

/// Who lives pings more often than its session lasts; who never says which session it is goes too.
SelectorConfig ZooKeeperServer::selector_config() {
  const auto idle_ms = config_.max_timeout_ms() + int64_t{config_.tick_time_ms};
  return {.max_receive_size = config_.jute_max_buffer,
          .connections_max_idle = std::chrono::milliseconds(idle_ms),
          .memory_pool = nullptr,
          .last_words = [this](const std::string& channel, ByteView word) {
            return answer_word(channel, as_text(word));
          }};
}

void ZooKeeperServer::startup() {
  node_.files().create_directories(config_.data_dir);
  data_lock_ = node_.files().try_lock(config_.data_dir + "/.lock");
  if (data_lock_ == nullptr)
    throw KafkaStorageException(config_.data_dir + " is in use by another server");
  const std::string& log_dir =
      config_.data_log_dir.empty() ? config_.data_dir : config_.data_log_dir;
  log_ = std::make_unique<FileTxnSnapLog>(
      node_, SnapLogConfig{config_.data_dir, log_dir, config_.force_sync, config_.snap_count,
                           config_.snap_retain_count, config_.purge_interval_hours > 0});
  auto processor = std::make_unique<RequestProcessor>(node_, config_, *log_);
  processor->restore();
  {
    Lock lock(mutex_);
    processor_ = std::move(processor);
  }
  log_->commit();
  save_snapshot();
  std::unique_ptr<Listener> listener = node_.network().listen(config_.address);
  endpoint_ = {config_.address.host, listener->local_endpoint().port};
  acceptor_ = std::make_unique<CnxnAcceptor>(
      node_, std::move(listener), quotas_, [this](std::unique_ptr<Connection> connection) {
        const std::string address = connection->peer_endpoint().host;
        if (!new_connections_.put(std::move(connection))) quotas_.remove(address);
        selector_.wakeup();
      });
  started_ = true;
  Worker::start();
  acceptor_->start();
}

void ZooKeeperServer::shutdown() {
  if (!std::exchange(started_, false)) return;
  acceptor_->initiate_shutdown();
  Worker::initiate_shutdown();  // it drains the acceptor's queue at its end
  acceptor_->await_shutdown();
  Worker::await_shutdown();
  data_lock_.reset();
}

void ZooKeeperServer::do_work() {
  try {
    serve_round();
  } catch (const KafkaStorageException& e) {
    fail(e.what());
  }
}

void ZooKeeperServer::serve_round() {
  add_new_cnxns();
  poll_and_process();
  log_->commit();
  if (log_->snapshot_due()) save_snapshot();
  flush();
  drop_closed();
}

void ZooKeeperServer::add_new_cnxns() {
  while (std::optional<std::unique_ptr<Connection>> taken = new_connections_.try_take()) {
    const WatcherId id = next_cnxn_++;
    {
      Lock lock(mutex_);
      processor_->add_cnxn(id, (*taken)->peer_endpoint());
    }
    selector_.register_channel(channel_of(id), std::move(*taken));
  }
}

// Polls again while requests come, so that a pipeline of them shares one sync.
void ZooKeeperServer::poll_and_process() {
  selector_.poll(next_deadline());
  process_results();
  for (int i = 1; i < kMostPollsARound && !selector_.completed_receives().empty(); ++i) {
    selector_.poll(Instant{});
    process_results();
  }
  Lock lock(mutex_);
  for (const SessionId session : std::exchange(to_expire_, {})) processor_->expire(session);
  processor_->expire_due();
}

void ZooKeeperServer::process_results() {
  Lock lock(mutex_);
  auto& cnxns = processor_->cnxns();
  for (const std::string& channel : selector_.completed_sends()) {
    if (const auto found = cnxns.find(id_of(channel)); found != cnxns.end())
      found->second.sending = false;
  }
  for (const Selector::Receive& receive : selector_.completed_receives()) {
    if (cnxns.contains(id_of(receive.channel)))
      processor_->process(id_of(receive.channel), receive.frame.view());
  }
  for (const auto& [channel, reason] : selector_.disconnected()) {
    const auto found = cnxns.find(id_of(channel));
    if (found == cnxns.end()) continue;
    KS_LOG(kDebug, node_.name(), "connection {}: {}", found->second.peer.to_string(), reason);
    quotas_.remove(found->second.peer.host);
    processor_->remove_cnxn(found->first);
  }
}

void ZooKeeperServer::save_snapshot() {
  Lock lock(mutex_);
  const ByteBuffer bytes = encode_snapshot(processor_->tree(), processor_->sessions().timeouts());
  const Zxid zxid = processor_->tree().last_zxid();
  lock.unlock();
  log_->save_snapshot(zxid, bytes);
}

/// A word is what a connection says first, or not at all.
std::string ZooKeeperServer::answer_word(const std::string& channel, std::string_view word) {
  Lock lock(mutex_);
  const auto found = processor_->cnxns().find(id_of(channel));
  if (found == processor_->cnxns().end() || found->second.session != 0) return "";
  return four_letter_answer(word, config_, *processor_);
}

void ZooKeeperServer::flush() {
  Lock lock(mutex_);
  for (auto& [id, cnxn] : processor_->cnxns()) {
    if (flush(cnxn, channel_of(id))) ++processor_->sent;
  }
}

/// True when a frame was handed to the Selector.
bool ZooKeeperServer::flush(ServerCnxn& cnxn, const std::string& channel) {
  if (cnxn.out.size() > kMostUnsent) {
    selector_.mute(channel);
  } else {
    selector_.unmute(channel);
  }
  if (cnxn.sending || cnxn.out.empty() || cnxn.out.front().not_before > node_.clock().monotonic())
    return false;
  selector_.send(NetworkSend(channel, {SharedSlice::of(std::move(cnxn.out.front().frame))}));
  cnxn.out.pop_front();
  cnxn.sending = true;
  ++cnxn.sent;
  return true;
}

void ZooKeeperServer::drop_closed() {
  Lock lock(mutex_);
  std::vector<WatcherId> closed;
  for (const auto& [id, cnxn] : processor_->cnxns()) {
    const bool sent = cnxn.out.empty() && !cnxn.sending;
    if (cnxn.fate == ServerCnxn::Fate::kCloseNow ||
        (cnxn.fate == ServerCnxn::Fate::kCloseWhenSent && sent))
      closed.push_back(id);
  }
  for (const WatcherId id : closed) {
    selector_.close(channel_of(id));
    quotas_.remove(processor_->cnxns().at(id).peer.host);
    processor_->remove_cnxn(id);
  }
}

Instant ZooKeeperServer::next_deadline() {
  Lock lock(mutex_);
  const auto tick = std::chrono::milliseconds(config_.tick_time_ms);
  Instant deadline =
      std::min(node_.clock().monotonic() + tick, processor_->sessions().next_expiry());
  for (const auto& [id, cnxn] : processor_->cnxns()) {
    if (!cnxn.sending && !cnxn.out.empty())
      deadline = std::min(deadline, cnxn.out.front().not_before);
  }
  return deadline;
}

void ZooKeeperServer::fail(const std::string& reason) {
  KS_LOG(kError, node_.name(), "ZooKeeper stops: {}", reason);
  {
    Lock lock(mutex_);
    failure_ = reason;
  }
  Worker::initiate_shutdown();
}

void ZooKeeperServer::on_stopped() {
  new_connections_.close();
  while (auto connection = new_connections_.try_take())
    quotas_.remove((*connection)->peer_endpoint().host);
  selector_.close_all();
  if (!failure().empty()) return;
  try {
    save_snapshot();
  } catch (const KafkaStorageException& e) {
    // Nothing is lost: the log has it all.
    KS_LOG(kError, node_.name(), "no snapshot at the end: {}", e.what());
  }
}

}  // namespace kafkascope::zk
