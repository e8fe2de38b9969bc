// A decided fetch session request as the message that says it.
#pragma once

#include "clients/consumer/fetch_session_handler.h"
#include "protocol/messages/fetch_request.h"

namespace kafkascope {

/// Session, partitions and those to forget. Below version 7 nobody knows of the latter: the caller
/// leaves them out.
void put_session(protocol::FetchRequest& request, const FetchSessionRequest& session);

}  // namespace kafkascope
