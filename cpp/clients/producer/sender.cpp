#include "clients/producer/sender.h"

#include <fmt/core.h>

#include <algorithm>

#include "common/logging.h"
#include "protocol/messages/init_producer_id_request.h"
#include "protocol/messages/init_producer_id_response.h"
#include "protocol/messages/produce_request.h"

namespace kafkascope {
namespace {

constexpr int16_t kFirstProduceVersionWithFormat2 = 3;
constexpr Duration kNothingToDo = std::chrono::hours(1);

}  // namespace

Sender::Sender(Node& node, const ProducerConfig& config, const std::string& client_id,
               ProducerMetadata& metadata, RecordAccumulator& accumulator,
               TransactionManager& transactions, MetricsRegistry& metrics)
    : Worker(node, "kafka-producer-network-thread | " + client_id),
      config_(config),
      metadata_(metadata),
      accumulator_(accumulator),
      transactions_(transactions),
      client_(node, config, metadata, config.max_in_flight),
      guarantee_message_order_(config.max_in_flight == 1),
      metrics_(metrics, client_id),
      init_backoff_(config.retry_backoff, config.retry_backoff_max),
      random_(node.random().stream("init producer id")),
      stopped_(node),
      stopped_future_(stopped_.future()) {}

Sender::~Sender() = default;

void Sender::run_once() {
  const Instant now = node_.clock().monotonic();
  if (const std::optional<Error> fatal = transactions_.fatal_error(); fatal.has_value()) {
    accumulator_.abort_undrained(*fatal);
    client_.poll(config_.retry_backoff, now);
    return;
  }
  transactions_.maybe_resolve_sequences();
  transactions_.bump_epoch_if_needed();
  maybe_init_producer_id(now);
  const Duration wait = send_producer_data(now);
  client_.poll(wait, now);
}

void Sender::on_stopped() {
  while (!force_close_ && (accumulator_.has_undrained() || client_.has_in_flight() ||
                           accumulator_.has_incomplete())) {
    run_once();
  }
  const Error closed{ErrorCode::kInvalidRequest,
                     "the producer was closed before this record was acknowledged"};
  const int64_t failed = accumulator_.abort_incomplete(closed);
  client_.close();
  stopped_.set(failed);
}

void Sender::force_close() {
  force_close_ = true;
  initiate_shutdown();
}

Duration Sender::send_producer_data(Instant now) {
  const std::shared_ptr<const Cluster> cluster = metadata_.fetch();
  RecordAccumulator::ReadyCheck check = accumulator_.ready(*cluster, now);
  for (const std::string& topic : check.unknown_leader_topics) metadata_.add(topic, now);
  if (!check.unknown_leader_topics.empty()) (void)metadata_.request_update();

  Duration wait = std::min(kNothingToDo, check.next_check);
  wait = std::min(wait, drop_unready_nodes(check, *cluster, now));
  for (const auto& [node, queues] : check.queues_by_node) {
    Batches batches = accumulator_.drain(node, queues, *cluster, config_.max_request_size, now);
    if (batches.empty()) continue;
    for (const Batch& batch : batches) {
      metadata_.add(batch->topic_partition().topic, now);  // in use: not to be forgotten
      if (guarantee_message_order_) accumulator_.mute(batch->topic_partition());
      in_flight_batches_.push_back(batch);
    }
    send_produce_request(node, std::move(batches), now);
    wait = Duration::zero();  // more may wait behind what was drained
  }
  fail_expired(now);
  for (const Batch& batch : in_flight_batches_) {
    wait = std::min(wait,
                    std::max(Duration::zero(), batch->created() + config_.delivery_timeout - now));
  }
  if (transactions_.is_idempotent() && !transactions_.has_producer_id()) {
    wait = std::min<Duration>(wait,
                              std::max<Duration>(config_.reconnect_backoff, init_retry_at_ - now));
  }
  return wait;
}

Duration Sender::drop_unready_nodes(RecordAccumulator::ReadyCheck& check, const Cluster& cluster,
                                    Instant now) {
  Duration wait = Duration::max();
  for (auto at = check.queues_by_node.begin(); at != check.queues_by_node.end();) {
    if (client_.ready(*cluster.broker(at->first), now)) {
      ++at;
      continue;
    }
    wait = std::min(wait, client_.connection_delay(at->first, now));
    at = check.queues_by_node.erase(at);
  }
  return wait;
}

void Sender::fail_expired(Instant now) {
  Batches expired = accumulator_.take_expired(now);
  for (const Batch& batch : in_flight_batches_) {
    if (batch->reached_delivery_timeout(config_.delivery_timeout, now)) expired.push_back(batch);
  }
  for (const Batch& batch : expired) {
    const std::string why = client_.report().explain();
    Outcome outcome{ErrorCode::kRequestTimedOut};
    outcome.message = fmt::format(
        "expiring {} record(s) for {}: {} ms have passed since the batch was created{}{}",
        batch->record_count(), batch->topic_partition().to_string(),
        std::chrono::duration_cast<Milliseconds>(now - batch->created()).count(),
        why.empty() ? "" : ": ", why);
    // Sent once, it may have arrived: nobody knows which sequence the broker expects next.
    transactions_.mark_sequence_unresolved(*batch);
    fail(batch, outcome, false);
  }
}

void Sender::send_produce_request(BrokerId node, Batches batches, Instant now) {
  protocol::ProduceRequest request;
  request.acks = config_.acks;
  request.timeout_ms = static_cast<int32_t>(config_.request_timeout.count());
  std::sort(batches.begin(), batches.end(), [](const Batch& a, const Batch& b) {
    return a->topic_partition() < b->topic_partition();
  });
  int64_t records = 0;
  for (const Batch& batch : batches) {
    const TopicPartition& tp = batch->topic_partition();
    if (request.topic_data.empty() || request.topic_data.back().name != tp.topic) {
      request.topic_data.emplace_back().name = tp.topic;
    }
    auto& partition = request.topic_data.back().partition_data.emplace_back();
    partition.index = tp.partition;
    partition.records = batch->finish();
    records += batch->record_count();
    metrics_.batch_size.update(batch->size_bytes());
    metrics_.record_queue_time.update(
        std::chrono::duration_cast<Milliseconds>(now - batch->created()).count());
  }
  metrics_.records_per_request.update(records);
  metrics_.record_send.mark(records);
  KS_TRACE(node_, "ProduceRequestSent", {"broker", int64_t{node}},
           {"batches", static_cast<int64_t>(batches.size())});
  ClientRequest client_request = client_.new_request(
      node, make_request(std::move(request), {}, kFirstProduceVersionWithFormat2),
      [this, batches = std::move(batches)](const ClientResponse& response) {
        handle_produce_response(response, batches);
      },
      now);
  client_request.expects_response = config_.acks != 0;
  client_.send(std::move(client_request), now);
}

void Sender::maybe_init_producer_id(Instant now) {
  if (!transactions_.is_idempotent() || transactions_.has_producer_id() || now < init_retry_at_)
    return;
  const BrokerNode* broker = client_.least_loaded_node(now);
  if (broker == nullptr || !client_.ready(*broker, now) || !transactions_.begin_initialization())
    return;
  protocol::InitProducerIdRequest request;
  request.transactional_id.reset();
  request.transaction_timeout_ms = static_cast<int32_t>(config_.transaction_timeout.count());
  client_.send(
      client_.new_request(
          broker->id, make_request(std::move(request)),
          [this](const ClientResponse& response) { handle_init_producer_id(response); }, now),
      now);
}

void Sender::handle_init_producer_id(const ClientResponse& response) {
  const Result<protocol::InitProducerIdResponse> decoded =
      response.decode<protocol::InitProducerIdResponse>();
  const ErrorCode error = decoded ? error_code_from_wire(decoded->error_code) : decoded.code();
  if (error == ErrorCode::kNone) {
    init_attempts_ = 0;
    transactions_.complete_initialization({decoded->producer_id, decoded->producer_epoch});
  } else if (error == ErrorCode::kUnsupportedVersion ||
             error == ErrorCode::kClusterAuthorizationFailed) {
    transactions_.fatal_error({error, fmt::format("no producer id: {}{}", error_name(error),
                                                  decoded ? "" : ": " + decoded.error().message)});
  } else {
    init_retry_at_ = node_.clock().monotonic() + init_backoff_.backoff(init_attempts_++, random_);
    transactions_.failed_initialization();
  }
}

}  // namespace kafkascope
