#include "clients/consumer/fetch_session_handler.h"

#include <algorithm>
#include <limits>

namespace kafkascope {

FetchSessionRequest FetchSessionHandler::build(FetchPartitions wanted) {
  const bool topic_ids = std::all_of(wanted.begin(), wanted.end(), [](const auto& entry) {
    return !entry.second.topic_id.is_zero();
  });
  // A session keeps to ids or to names; a change of mind opens a new one that replaces it.
  if (!session_partitions_.empty() && topic_ids != uses_topic_ids_ && !wanted.empty())
    next_epoch_ = kInitialSessionEpoch;

  FetchSessionRequest request;
  request.session_id = session_id_;
  request.session_epoch = next_epoch_;
  if (next_epoch_ == kInitialSessionEpoch) {
    uses_topic_ids_ = topic_ids;
    request.to_send = wanted;
  } else {
    for (const auto& [tp, data] : wanted) {
      const auto known = session_partitions_.find(tp);
      if (known != session_partitions_.end() && known->second.topic_id != data.topic_id) {
        request.to_forget.emplace(
            tp, known->second.topic_id);  // deleted and made again under the same name
      }
      if (known == session_partitions_.end() || known->second != data)
        request.to_send.emplace(tp, data);
    }
    for (const auto& [tp, data] : session_partitions_) {
      if (!wanted.contains(tp)) request.to_forget.emplace(tp, data.topic_id);
    }
  }
  session_partitions_ = std::move(wanted);
  request.session_partitions = session_partitions_;
  request.uses_topic_ids = uses_topic_ids_;
  return request;
}

bool FetchSessionHandler::handle_response(ErrorCode error, int32_t session_id,
                                          const std::set<TopicPartition>& partitions) {
  if (error != ErrorCode::kNone) {
    // The broker kept the session unless it does not know it: then a full request in the same
    // session repairs it.
    reset_to(error == ErrorCode::kFetchSessionIdNotFound ? kInvalidSessionId : session_id_,
             kInitialSessionEpoch);
    return false;
  }
  const bool full = next_epoch_ == kInitialSessionEpoch || next_epoch_ == kFinalSessionEpoch;
  for (const TopicPartition& tp : partitions) {
    if (session_partitions_.contains(tp)) continue;
    reset_to(full ? kInvalidSessionId : session_id_, kInitialSessionEpoch);
    return false;
  }
  if (full && partitions.size() != session_partitions_.size()) {
    reset_to(kInvalidSessionId, kInitialSessionEpoch);
    return false;
  }
  if (full)
    reset_to(session_id, session_id == kInvalidSessionId ? kInitialSessionEpoch : 1);
  else if (session_id == kInvalidSessionId)
    reset_to(kInvalidSessionId, kInitialSessionEpoch);  // evicted
  else
    next_epoch_ = next_epoch_ == std::numeric_limits<int32_t>::max() ? 1 : next_epoch_ + 1;
  return true;
}

void FetchSessionHandler::handle_error() { next_epoch_ = kInitialSessionEpoch; }

FetchSessionRequest FetchSessionHandler::close() {
  next_epoch_ = kFinalSessionEpoch;
  FetchSessionRequest request;
  request.session_id = session_id_;
  request.session_epoch = kFinalSessionEpoch;
  request.uses_topic_ids = uses_topic_ids_;
  session_partitions_.clear();
  return request;
}

void FetchSessionHandler::reset_to(int32_t session_id, int32_t epoch) {
  session_id_ = session_id;
  next_epoch_ = epoch;
}

FetchSessionDescription FetchSessionHandler::describe() const {
  FetchSessionDescription description{broker_, session_id_, next_epoch_};
  for (const auto& [tp, data] : session_partitions_) description.partitions.push_back(tp);
  return description;
}

}  // namespace kafkascope
