// InitProducerId: an identity for an idempotent producer.
#include "protocol/messages/init_producer_id_request.h"
#include "protocol/messages/init_producer_id_response.h"
#include "server/handlers/handlers.h"
#include "server/producer_id_manager.h"

namespace kafkascope {

using namespace protocol;  // NOLINT: this file is about messages

void handle_init_producer_id(ApiContext& context, const RequestPtr& request) {
  const auto body = decode_body<InitProducerIdRequest>(*request);
  InitProducerIdResponse answer;
  answer.producer_epoch = -1;
  if (body.transactional_id) {
    answer.error_code =
        to_wire(body.transactional_id->empty() ? ErrorCode::kInvalidRequest
                                               : ErrorCode::kCoordinatorNotAvailable);
    return respond(context, request, answer);
  }
  // Without a transactional id a producer that asks again, also to raise its epoch, gets a new
  // identity.
  try {
    answer.producer_id = context.producer_ids.generate();
    answer.producer_epoch = 0;
  } catch (const KafkaException&) {  // ZooKeeper does not answer now
    answer.error_code = to_wire(ErrorCode::kCoordinatorLoadInProgress);
  }
  respond(context, request, answer);
}

}  // namespace kafkascope
