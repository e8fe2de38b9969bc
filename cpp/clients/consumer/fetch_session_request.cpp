#include "clients/consumer/fetch_session_request.h"

namespace kafkascope {
namespace {

template <typename Topics>
auto& topic_entry(Topics& topics, const std::string& name, const Uuid& id) {
  if (topics.empty() || topics.back().topic != name || topics.back().topic_id != id) {
    auto& topic = topics.emplace_back();
    topic.topic = name;
    topic.topic_id = id;
  }
  return topics.back();
}

}  // namespace

void put_session(protocol::FetchRequest& request, const FetchSessionRequest& session) {
  request.session_id = session.session_id;
  request.session_epoch = session.session_epoch;
  for (const auto& [tp, data] : session.to_send) {
    auto& partition =
        topic_entry(request.topics, tp.topic, data.topic_id).partitions.emplace_back();
    partition.partition = tp.partition;
    partition.current_leader_epoch = data.current_leader_epoch;
    partition.fetch_offset = data.fetch_offset;
    partition.last_fetched_epoch = data.last_fetched_epoch;
    partition.log_start_offset = data.log_start_offset;
    partition.partition_max_bytes = data.max_bytes;
  }
  for (const auto& [tp, id] : session.to_forget)
    topic_entry(request.forgotten_topics_data, tp.topic, id).partitions.push_back(tp.partition);
}

}  // namespace kafkascope
