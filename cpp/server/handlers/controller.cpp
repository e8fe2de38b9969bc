// What brokers ask of the controller: ControlledShutdown, AlterPartition, AllocateProducerIds.
#include "protocol/messages/allocate_producer_ids_request.h"
#include "protocol/messages/allocate_producer_ids_response.h"
#include "protocol/messages/alter_partition_request.h"
#include "protocol/messages/alter_partition_response.h"
#include "protocol/messages/controlled_shutdown_request.h"
#include "protocol/messages/controlled_shutdown_response.h"
#include "server/cluster_membership.h"
#include "server/handlers/handlers.h"

namespace kafkascope {

using namespace protocol;  // NOLINT: this file is about messages

void handle_controlled_shutdown(ApiContext& context, const RequestPtr& request) {
  const auto body = decode_body<ControlledShutdownRequest>(*request);
  if (context.cluster == nullptr) {
    return respond(context, request,
                   ControlledShutdownResponse{.error_code = to_wire(ErrorCode::kNotController)});
  }
  context.cluster->controller().controlled_shutdown(
      body.broker_id, body.broker_epoch,
      [&context, request](Result<std::set<TopicPartition>> remaining) {
        ControlledShutdownResponse answer{.error_code = to_wire(remaining.code())};
        if (remaining.ok()) {
          for (const TopicPartition& partition : *remaining)
            answer.remaining_partitions.push_back({partition.topic, partition.partition});
        }
        respond(context, request, answer);
      });
}

void handle_alter_partition(ApiContext& context, const RequestPtr& request) {
  auto body = decode_body<AlterPartitionRequest>(*request);
  if (context.cluster == nullptr) {
    return respond(context, request,
                   AlterPartitionResponse{.error_code = to_wire(ErrorCode::kNotController)});
  }
  context.cluster->controller().alter_partition(
      std::move(body), request->version(),
      [&context, request](const AlterPartitionResponse& answer) {
        respond(context, request, answer);
      });
}

void handle_allocate_producer_ids(ApiContext& context, const RequestPtr& request) {
  const auto body = decode_body<AllocateProducerIdsRequest>(*request);
  if (context.cluster == nullptr) {
    return respond(context, request,
                   AllocateProducerIdsResponse{.error_code = to_wire(ErrorCode::kNotController)});
  }
  context.cluster->controller().allocate_producer_ids(
      body.broker_id, body.broker_epoch, [&context, request](Result<ProducerIdBlock> block) {
        AllocateProducerIdsResponse answer{.error_code = to_wire(block.code())};
        if (block.ok()) {
          answer.producer_id_start = block->start;
          answer.producer_id_len = static_cast<int32_t>(block->end - block->start + 1);
        }
        respond(context, request, answer);
      });
}

}  // namespace kafkascope
