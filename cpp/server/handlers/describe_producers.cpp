// DescribeProducers: the idempotent and transactional producers of a log (KIP-664).
#include "log/producer_state_entry.h"
#include "protocol/messages/describe_producers_request.h"
#include "protocol/messages/describe_producers_response.h"
#include "server/handlers/handlers.h"
#include "server/handlers/leader_of.h"

namespace kafkascope {

using namespace protocol;  // NOLINT: this file is about messages

namespace {

DescribeProducersResponse::ProducerState to_state(const ProducerStateEntry& entry) {
  return {.producer_id = entry.producer_id,
          .producer_epoch = entry.producer_epoch,
          .last_sequence = entry.last_seq(),
          .last_timestamp = entry.last_timestamp,
          .coordinator_epoch = entry.coordinator_epoch,
          .current_txn_start_offset = entry.current_txn_first_offset.value_or(kNoOffset)};
}

}  // namespace

void handle_describe_producers(ApiContext& context, const RequestPtr& request) {
  const auto body = decode_body<DescribeProducersRequest>(*request);
  DescribeProducersResponse answer;
  for (const auto& topic : body.topics) {
    auto& out = answer.topics.emplace_back();
    out.name = topic.name;
    for (const int32_t index : topic.partition_indexes) {
      auto& result = out.partitions.emplace_back();
      result.partition_index = index;
      const auto partition = leader_of(context, {topic.name, index});
      if (!partition.ok()) {
        result.error_code = to_wire(partition.code());
        continue;
      }
      for (const ProducerStateEntry& entry : (*partition)->log()->active_producers())
        result.active_producers.push_back(to_state(entry));
    }
  }
  respond(context, request, answer);
}

}  // namespace kafkascope
