// The Sender's other half: what each batch's answer leads to.
#include <fmt/core.h>

#include <algorithm>

#include "clients/producer/sender.h"
#include "common/logging.h"

namespace kafkascope {

Sender::Outcome Sender::outcome_of(
    const protocol::ProduceResponse::PartitionProduceResponse& partition) {
  Outcome outcome;
  outcome.error = error_code_from_wire(partition.error_code);
  outcome.message = partition.error_message.value_or("");
  outcome.base_offset = partition.base_offset;
  outcome.log_append_time = partition.log_append_time_ms;
  outcome.log_start_offset = partition.log_start_offset;
  for (const auto& refused : partition.record_errors) {
    outcome.record_errors.emplace(refused.batch_index,
                                  refused.batch_index_error_message.value_or(""));
  }
  return outcome;
}

void Sender::handle_produce_response(const ClientResponse& response, Batches batches) {
  const Instant now = response.received;
  metrics_.request_latency.update(
      std::chrono::duration_cast<Milliseconds>(now - response.created).count());
  if (config_.acks == 0 && !response.failure.has_value()) {
    for (const Batch& batch : batches) end_attempt(batch, Outcome{}, now);
    return;
  }
  const Result<protocol::ProduceResponse> decoded = response.decode<protocol::ProduceResponse>();
  KS_TRACE(node_, "ProduceResponseReceived", {"broker", int64_t{response.destination}},
           {"error", std::string(error_name(decoded.code()))});
  if (!decoded) {
    for (const Batch& batch : batches)
      end_attempt(batch, Outcome{decoded.code(), decoded.error().message}, now);
    return;
  }
  client_.throttle(response.destination, decoded->throttle_time_ms, now);
  for (const auto& topic : decoded->responses) {
    for (const auto& partition : topic.partition_responses) {
      const TopicPartition tp{topic.name, partition.index};
      const auto found = std::find_if(batches.begin(), batches.end(), [&](const Batch& batch) {
        return batch->topic_partition() == tp;
      });
      if (found == batches.end()) continue;
      note_new_leader(*decoded, tp, partition);
      const Batch batch = *found;
      batches.erase(found);
      end_attempt(batch, outcome_of(partition), now);
    }
  }
  for (const Batch& batch : batches) {
    end_attempt(
        batch, Outcome{ErrorCode::kCorruptMessage, "the broker's answer leaves this partition out"},
        now);
  }
}

// KIP-951: the refusal itself says who leads now.
void Sender::note_new_leader(const protocol::ProduceResponse& response, const TopicPartition& tp,
                             const protocol::ProduceResponse::PartitionProduceResponse& partition) {
  if (partition.current_leader.leader_id < 0) return;
  std::optional<BrokerNode> address;
  for (const auto& node : response.node_endpoints) {
    if (node.node_id != partition.current_leader.leader_id) continue;
    address = BrokerNode{node.node_id, {node.host, static_cast<uint16_t>(node.port)}, node.rack};
  }
  metadata_.update_leader(tp, partition.current_leader.leader_id,
                          partition.current_leader.leader_epoch, address);
}

void Sender::end_attempt(const Batch& batch, const Outcome& outcome, Instant now) {
  if (guarantee_message_order_) accumulator_.unmute(batch->topic_partition());
  remove_in_flight(batch);
  if (batch->is_done()) return;  // it expired meanwhile
  if (outcome.error == ErrorCode::kMessageTooLarge && batch->record_count() > 1) {
    split(batch, now);
  } else if (outcome.error == ErrorCode::kNone ||
             outcome.error == ErrorCode::kDuplicateSequenceNumber) {
    succeed(batch, outcome);
  } else if (can_retry(batch, outcome, now)) {
    KS_TRACE(node_, "BatchRetried", {"partition", batch->topic_partition().to_string()},
             {"error", std::string(error_name(outcome.error))},
             {"attempts", int64_t{batch->attempts()} + 1});
    KS_LOG(kInfo, node_.name(), "retrying a batch for {} after {}: {}",
           batch->topic_partition().to_string(), error_name(outcome.error), outcome.message);
    metrics_.record_retry.mark(batch->record_count());
    accumulator_.reenqueue(batch, now);
  } else {
    fail(batch, outcome, batch->attempts() < config_.retries);
  }
  if (is_invalid_metadata(outcome.error)) (void)metadata_.request_update();
}

bool Sender::can_retry(const Batch& batch, const Outcome& outcome, Instant now) {
  if (batch->reached_delivery_timeout(config_.delivery_timeout, now) ||
      batch->attempts() >= config_.retries) {
    return false;
  }
  return is_retriable(outcome.error) ||
         transactions_.can_retry(*batch, outcome.error, outcome.log_start_offset);
}

void Sender::split(const Batch& batch, Instant now) {
  const size_t parts = accumulator_.split_and_reenqueue(batch, now);
  KS_TRACE(node_, "BatchSplit", {"partition", batch->topic_partition().to_string()},
           {"parts", static_cast<int64_t>(parts)});
  metrics_.batch_split.mark();
  accumulator_.deallocate(batch);
}

void Sender::succeed(const Batch& batch, const Outcome& outcome) {
  const Offset last =
      outcome.base_offset < 0 ? kNoOffset : outcome.base_offset + batch->record_count() - 1;
  transactions_.complete_batch(*batch, last);
  KS_TRACE(node_, "BatchCompleted", {"partition", batch->topic_partition().to_string()},
           {"base_offset", outcome.base_offset}, {"records", int64_t{batch->record_count()}});
  (void)batch->complete(outcome.base_offset, outcome.log_append_time);
  accumulator_.deallocate(batch);
}

void Sender::fail(const Batch& batch, const Outcome& outcome, bool adjust_sequences) {
  const std::string words =
      outcome.message.empty() ? std::string(error_name(outcome.error)) : outcome.message;
  const Error error{outcome.error, words};
  transactions_.fail_batch(*batch, error, adjust_sequences);
  remove_in_flight(batch);
  metrics_.record_error.mark(batch->record_count());
  KS_TRACE(node_, "BatchFailed", {"partition", batch->topic_partition().to_string()},
           {"error", std::string(error_name(outcome.error))},
           {"records", int64_t{batch->record_count()}});
  if (outcome.record_errors.empty()) {
    (void)batch->fail(error);
  } else {
    (void)batch->fail(
        [error, refused = outcome.record_errors](int32_t index) -> std::optional<Error> {
          const auto found = refused.find(index);
          if (found == refused.end()) {
            return Error{ErrorCode::kInvalidRecord,
                         "other records of the same batch were refused: " + error.message};
          }
          return Error{ErrorCode::kInvalidRecord,
                       found->second.empty() ? error.message : found->second};
        });
  }
  accumulator_.deallocate(batch);
}

void Sender::remove_in_flight(const Batch& batch) { std::erase(in_flight_batches_, batch); }

}  // namespace kafkascope
