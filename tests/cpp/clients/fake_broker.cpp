#include "clients/fake_broker.h"

#include <algorithm>

#include "protocol/messages/api_versions_response.h"
#include "protocol/messages/create_topics_request.h"
#include "protocol/messages/create_topics_response.h"
#include "protocol/messages/fetch_request.h"
#include "protocol/messages/fetch_response.h"
#include "protocol/messages/init_producer_id_request.h"
#include "protocol/messages/init_producer_id_response.h"
#include "protocol/messages/list_offsets_request.h"
#include "protocol/messages/list_offsets_response.h"
#include "protocol/messages/metadata_request.h"
#include "protocol/messages/metadata_response.h"
#include "protocol/messages/offset_for_leader_epoch_request.h"
#include "protocol/messages/offset_for_leader_epoch_response.h"
#include "protocol/messages/produce_request.h"
#include "protocol/messages/produce_response.h"
#include "record/memory_records.h"

namespace kafkascope {
namespace {

using protocol::ApiKey;
constexpr Duration kTick = std::chrono::milliseconds(2);
constexpr size_t kRemembered = 5;

template <typename Response>
protocol::MessageWriter reply(const FakeCluster::Request& request, const Response& response) {
  return protocol::encode_response(response, request.version(), request.header.correlation_id);
}

int16_t wire(ErrorCode error) { return static_cast<int16_t>(error); }

}  // namespace

FakeCluster::FakeCluster(Node& node, Options options)
    : Worker(node, "fake-cluster"),
      mutex_(node, "fake cluster"),
      options_(std::move(options)),
      selector_(node, SelectorConfig{}),
      random_(node.random().stream("fake cluster")) {
  for (int i = 0; i < options_.brokers; ++i) {
    const uint16_t port =
        static_cast<size_t>(i) < options_.ports.size() ? options_.ports[i] : uint16_t{0};
    auto listener = node.network().listen({options_.host, port});
    endpoints_[i + 1] = listener->local_endpoint();
    listeners_[i + 1] = std::move(listener);
  }
}

FakeCluster::~FakeCluster() = default;

std::string FakeCluster::bootstrap_servers() const {
  std::string servers;
  for (const auto& [id, endpoint] : endpoints_)
    servers += (servers.empty() ? "" : ",") + endpoint.to_string();
  return servers;
}

void FakeCluster::create_topic(const std::string& topic, int partitions) {
  const Uuid id{7, topic_ids_.size() + 1};
  topic_ids_[topic] = id;
  for (int i = 0; i < partitions; ++i) logs[{topic, i}].leader = 1 + i % options_.brokers;
}

void FakeCluster::do_work() {
  accept_all();
  selector_.poll(node_.clock().monotonic() + kTick);
  Lock lock(mutex_);
  for (const Selector::Receive& receive : selector_.completed_receives()) {
    selector_.mute(receive.channel);
    serve(receive.channel, receive.frame);
  }
  for (const std::string& channel : selector_.completed_sends()) selector_.unmute(channel);
  std::vector<Parked> parked;
  parked.swap(parked_);
  for (Parked& one : parked) {
    if (!selector_.has(one.channel)) continue;
    auto response = handle(one.request, node_.clock().monotonic() < one.deadline);
    if (response.has_value())
      answer(one.channel, std::move(*response));
    else
      parked_.push_back(std::move(one));
  }
}

void FakeCluster::on_stopped() {
  selector_.close_all();
  for (auto& [id, listener] : listeners_) listener->close();
}

void FakeCluster::accept_all() {
  for (auto& [id, listener] : listeners_) {
    while (auto connection = listener->accept()) {
      selector_.register_channel(std::to_string(id) + "-" + std::to_string(next_channel_++),
                                 std::move(connection));
    }
  }
}

void FakeCluster::serve(const std::string& channel, const SharedSlice& frame) {
  if (random_.chance(lose_request)) return selector_.close(channel);
  const protocol::ParsedHeader parsed = protocol::parse_request_header(frame);
  Request request{std::stoi(channel), parsed.header,
                  frame.subslice(parsed.body_offset, frame.size() - parsed.body_offset)};
  ++requests[request.api()];
  last_versions[request.api()] = request.version();
  auto response = handle(request, true);
  if (!response.has_value()) {
    const auto fetch = request.decode<protocol::FetchRequest>();
    const Instant deadline =
        node_.clock().monotonic() + std::chrono::milliseconds(fetch.max_wait_ms);
    parked_.push_back({channel, std::move(request), deadline});
    return;
  }
  if (random_.chance(lose_answer)) return selector_.close(channel);
  const bool silent =
      request.api() == ApiKey::kProduce && request.decode<protocol::ProduceRequest>().acks == 0;
  if (silent)
    selector_.unmute(channel);
  else
    answer(channel, std::move(*response));
}

void FakeCluster::answer(const std::string& channel, protocol::MessageWriter response) {
  if (selector_.has(channel)) selector_.send(NetworkSend(channel, response.take()));
}

std::optional<protocol::MessageWriter> FakeCluster::handle(const Request& request, bool may_wait) {
  if (const auto scripted = handlers_.find(request.api()); scripted != handlers_.end())
    return scripted->second(request);
  switch (request.api()) {
    case ApiKey::kApiVersions:
      return api_versions(request);
    case ApiKey::kMetadata:
      return metadata(request);
    case ApiKey::kProduce:
      return produce(request);
    case ApiKey::kFetch:
      return fetch(request, may_wait);
    case ApiKey::kListOffsets:
      return list_offsets(request);
    case ApiKey::kInitProducerId:
      return init_producer_id(request);
    case ApiKey::kOffsetForLeaderEpoch:
      return offset_for_leader_epoch(request);
    case ApiKey::kCreateTopics:
      return create_topics(request);
    default:
      throw KafkaException(ErrorCode::kUnsupportedVersion,
                           "the fake cluster has no script for this request");
  }
}

protocol::MessageWriter FakeCluster::api_versions(const Request& request) {
  protocol::ApiVersionsResponse response;
  for (const protocol::ApiInfo& api : protocol::all_apis()) {
    const auto limit = max_versions.find(api.key);
    if (limit != max_versions.end() && limit->second < api.lowest_version) continue;
    const int16_t highest = limit == max_versions.end() ? api.highest_version : limit->second;
    response.api_keys.push_back({static_cast<int16_t>(api.key), api.lowest_version, highest});
  }
  const auto limit = max_versions.find(ApiKey::kApiVersions);
  if (limit == max_versions.end() || request.version() <= limit->second)
    return reply(request, response);
  response.error_code = wire(ErrorCode::kUnsupportedVersion);
  return protocol::encode_response(response, 0, request.header.correlation_id);
}

protocol::MessageWriter FakeCluster::metadata(const Request& request) {
  const auto asked = request.decode<protocol::MetadataRequest>();
  protocol::MetadataResponse response;
  response.cluster_id = "fake";
  response.controller_id = 1;
  for (const auto& [id, endpoint] : endpoints_) {
    const auto other = options_.advertised.find(id);
    const Endpoint& shown = other == options_.advertised.end() ? endpoint : other->second;
    response.brokers.push_back({id, shown.host, shown.port, std::nullopt});
  }
  std::vector<std::string> names;
  if (!asked.topics.has_value())
    for (const auto& [name, id] : topic_ids_) names.push_back(name);
  else
    for (const auto& topic : *asked.topics) names.push_back(topic.name.value_or(""));
  for (const std::string& name : names) {
    auto& topic = response.topics.emplace_back();
    topic.name = name;
    if (!topic_ids_.contains(name)) {
      const bool bad = name.find('!') != std::string::npos;
      topic.error_code =
          wire(bad ? ErrorCode::kInvalidTopicException : ErrorCode::kUnknownTopicOrPartition);
      if (!bad && auto_create && asked.allow_auto_topic_creation) create_topic(name, 2);
      continue;
    }
    topic.topic_id = topic_ids_[name];
    for (const auto& [tp, log] : logs) {
      if (tp.topic != name) continue;
      auto& partition = topic.partitions.emplace_back();
      partition.partition_index = tp.partition;
      partition.leader_id = log.leader;
      partition.leader_epoch = log.epoch;
      partition.replica_nodes = partition.isr_nodes = {log.leader};
      if (log.leader < 0) partition.error_code = wire(ErrorCode::kLeaderNotAvailable);
    }
  }
  return reply(request, response);
}

ErrorCode FakeCluster::append_checked(Log& log, const SharedSlice& records, Offset& base_offset) {
  if (records.size() > static_cast<size_t>(max_message_bytes)) return ErrorCode::kMessageTooLarge;
  const RecordBatch batch(records.view());
  if (!batch.is_checksum_valid() || !batch.validate(true)) return ErrorCode::kCorruptMessage;
  if (batch.has_producer_id()) {
    Log::Producer& producer = log.producers[batch.producer_id()];
    for (const auto& [sequence, offset] : producer.recent) {
      if (batch.producer_epoch() != producer.epoch || sequence != batch.base_sequence()) continue;
      ++duplicates_refused;
      base_offset = offset;
      return ErrorCode::kNone;  // as a real leader: the answer it gave before
    }
    if (batch.producer_epoch() < producer.epoch) return ErrorCode::kInvalidProducerEpoch;
    const bool fresh =
        batch.producer_epoch() > producer.epoch || producer.last_sequence == kNoSequence;
    const int32_t expected = fresh ? 0 : increment_sequence(producer.last_sequence, 1);
    if (batch.base_sequence() != expected) {
      ++out_of_order;
      return ErrorCode::kOutOfOrderSequenceNumber;
    }
    if (batch.producer_epoch() > producer.epoch) producer.recent.clear();
    producer.epoch = batch.producer_epoch();
    producer.last_sequence = batch.last_sequence();
    producer.recent.emplace_back(batch.base_sequence(), log.end);
    if (producer.recent.size() > kRemembered) producer.recent.pop_front();
  }
  base_offset = log.end;
  ByteBuffer copy(records.view().begin(), records.view().end());
  MutableRecordBatch(copy).set_last_offset(log.end + batch.count() - 1);
  log.end += batch.count();
  log.batches.push_back(std::move(copy));
  return ErrorCode::kNone;
}

void FakeCluster::append(const TopicPartition& tp, ByteBuffer batch) {
  Log& log = logs[tp];
  const Offset last = RecordBatch(batch).last_offset();
  log.batches.push_back(std::move(batch));
  log.end = last + 1;
}

protocol::MessageWriter FakeCluster::produce(const Request& request) {
  const auto asked = request.decode<protocol::ProduceRequest>();
  protocol::ProduceResponse response;
  for (const auto& topic : asked.topic_data) {
    auto& answered = response.responses.emplace_back();
    answered.name = topic.name;
    for (const auto& partition : topic.partition_data) {
      auto& outcome = answered.partition_responses.emplace_back();
      outcome.index = partition.index;
      outcome.base_offset = -1;
      const auto found = logs.find({topic.name, partition.index});
      ErrorCode error = ErrorCode::kNone;
      if (!produce_errors.empty()) {
        error = produce_errors.front();
        produce_errors.pop_front();
      } else if (found == logs.end()) {
        error = ErrorCode::kUnknownTopicOrPartition;
      } else if (found->second.leader != request.broker) {
        error = ErrorCode::kNotLeaderOrFollower;
      } else {
        error = append_checked(found->second, partition.records->to_slice(), outcome.base_offset);
      }
      outcome.error_code = wire(error);
    }
  }
  return reply(request, response);
}

std::optional<protocol::MessageWriter> FakeCluster::fetch(const Request& request, bool may_wait) {
  const auto asked = request.decode<protocol::FetchRequest>();
  protocol::FetchResponse response;
  std::map<Uuid, std::string> names;
  for (const auto& [name, id] : topic_ids_) names[id] = name;
  const auto name_of = [&](const auto& topic) {
    return topic.topic.empty() ? names[topic.topic_id] : topic.topic;
  };
  const bool sessions = options_.sessions && request.version() >= 7 && asked.session_epoch >= 0;
  Session whole;
  Session* session = &whole;
  const bool full = asked.session_epoch <= 0;
  if (sessions && !full) {
    const auto found = sessions_.find(asked.session_id);
    if (found == sessions_.end()) {
      response.error_code = wire(ErrorCode::kFetchSessionIdNotFound);
      return reply(request, response);
    }
    session = &found->second;
    // A parked request comes by again with the epoch that was counted already.
    if (asked.session_epoch != session->epoch + 1 && asked.session_epoch != session->epoch) {
      response.error_code = wire(ErrorCode::kInvalidFetchSessionEpoch);
      return reply(request, response);
    }
    session->epoch = asked.session_epoch;
    response.session_id = asked.session_id;
  }
  for (const auto& topic : asked.topics) {
    for (const auto& partition : topic.partitions) {
      session->positions[{name_of(topic), partition.partition}] = partition.fetch_offset;
    }
  }
  for (const auto& topic : asked.forgotten_topics_data) {
    for (const int32_t partition : topic.partitions)
      session->positions.erase({name_of(topic), partition});
  }
  size_t bytes = 0;
  for (const auto& [tp, position] : session->positions) {
    const auto found = logs.find(tp);
    protocol::FetchResponse::PartitionData data;
    data.partition_index = tp.partition;
    ErrorCode error = ErrorCode::kNone;
    if (found == logs.end())
      error = ErrorCode::kUnknownTopicOrPartition;
    else if (found->second.leader != request.broker)
      error = ErrorCode::kNotLeaderOrFollower;
    else if (position < found->second.start || position > found->second.end)
      error = ErrorCode::kOffsetOutOfRange;
    if (!fetch_errors.empty()) {
      error = fetch_errors.front();
      fetch_errors.pop_front();
    }
    data.error_code = wire(error);
    ByteBuffer records;
    if (error == ErrorCode::kNone) {
      data.high_watermark = data.last_stable_offset = found->second.end;
      data.log_start_offset = found->second.start;
      for (const ByteBuffer& batch : found->second.batches) {
        if (RecordBatch(batch).last_offset() < position) continue;
        if (!records.empty() && records.size() + batch.size() > 1000) break;
        records.insert(records.end(), batch.begin(), batch.end());
      }
    }
    for (const auto& [producer, first] : aborted_transactions)
      data.aborted_transactions->push_back({producer, first});
    const bool interesting = error != ErrorCode::kNone || !records.empty();
    if (interesting) bytes += 1 + records.size();
    if (sessions && !full && !interesting) continue;
    data.records = Payload(SharedSlice::of(std::move(records)));
    if (response.responses.empty() || response.responses.back().topic != tp.topic) {
      auto& topic = response.responses.emplace_back();
      topic.topic = tp.topic;
      topic.topic_id = topic_ids_[tp.topic];
    }
    response.responses.back().partitions.push_back(std::move(data));
  }
  if (may_wait && bytes == 0 && asked.min_bytes > 0 && asked.session_epoch != -1)
    return std::nullopt;
  if (sessions && full && !whole.positions.empty()) {
    sessions_.erase(asked.session_id);
    response.session_id = next_session_;
    sessions_[next_session_++] = std::move(whole);
  }
  return reply(request, response);
}

protocol::MessageWriter FakeCluster::list_offsets(const Request& request) {
  const auto asked = request.decode<protocol::ListOffsetsRequest>();
  protocol::ListOffsetsResponse response;
  for (const auto& topic : asked.topics) {
    auto& answered = response.topics.emplace_back();
    answered.name = topic.name;
    for (const auto& partition : topic.partitions) {
      auto& outcome = answered.partitions.emplace_back();
      outcome.partition_index = partition.partition_index;
      const auto found = logs.find({topic.name, partition.partition_index});
      if (found == logs.end() || found->second.leader != request.broker) {
        outcome.error_code = wire(found == logs.end() ? ErrorCode::kUnknownTopicOrPartition
                                                      : ErrorCode::kNotLeaderOrFollower);
        continue;
      }
      const Log& log = found->second;
      if (request.version() >= 4) outcome.leader_epoch = log.epoch;
      if (partition.timestamp == -1)
        outcome.offset = log.end;
      else if (partition.timestamp == -2)
        outcome.offset = log.start;
      else {
        for (const ByteBuffer& batch : log.batches) {
          RecordIterator records{RecordBatch(batch)};
          for (RecordView record; outcome.offset < 0 && records.next(record);) {
            if (record.timestamp < partition.timestamp) continue;
            outcome.offset = record.offset;
            outcome.timestamp = record.timestamp;
          }
        }
      }
    }
  }
  return reply(request, response);
}

protocol::MessageWriter FakeCluster::init_producer_id(const Request& request) {
  protocol::InitProducerIdResponse response;
  if (request.decode<protocol::InitProducerIdRequest>().transactional_id.has_value()) {
    response.error_code = wire(ErrorCode::kInvalidRequest);  // not even an empty one
    return reply(request, response);
  }
  response.producer_id = next_producer_id++;
  response.producer_epoch = 0;
  return reply(request, response);
}

protocol::MessageWriter FakeCluster::offset_for_leader_epoch(const Request& request) {
  const auto asked = request.decode<protocol::OffsetForLeaderEpochRequest>();
  protocol::OffsetForLeaderEpochResponse response;
  for (const auto& topic : asked.topics) {
    auto& answered = response.topics.emplace_back();
    answered.topic = topic.topic;
    for (const auto& partition : topic.partitions) {
      const Log& log = logs[{topic.topic, partition.partition}];
      auto& outcome = answered.partitions.emplace_back();
      outcome.partition = partition.partition;
      outcome.leader_epoch = partition.leader_epoch;
      outcome.end_offset = log.end;
    }
  }
  return reply(request, response);
}

protocol::MessageWriter FakeCluster::create_topics(const Request& request) {
  const auto asked = request.decode<protocol::CreateTopicsRequest>();
  protocol::CreateTopicsResponse response;
  for (const auto& topic : asked.topics) {
    auto& answered = response.topics.emplace_back();
    answered.name = topic.name;
    if (topic_ids_.contains(topic.name)) {
      answered.error_code = wire(ErrorCode::kTopicAlreadyExists);
      answered.error_message = "Topic '" + topic.name + "' already exists.";
    } else {
      if (!asked.validate_only) create_topic(topic.name, std::max(1, topic.num_partitions));
      answered.num_partitions = std::max(1, topic.num_partitions);
      answered.replication_factor = 1;
    }
  }
  return reply(request, response);
}

std::vector<std::string> FakeCluster::values(const TopicPartition& tp) {
  Lock lock(mutex_);
  std::vector<std::string> all;
  for (const ByteBuffer& batch : logs[tp].batches) {
    RecordIterator records{RecordBatch(batch)};
    for (RecordView record; records.next(record);)
      all.push_back(to_string(record.value.value_or(ByteView())));
  }
  return all;
}

void FakeCluster::forget_sessions() {
  Lock lock(mutex_);
  sessions_.clear();
}

int16_t FakeCluster::last_version(ApiKey api) {
  Lock lock(mutex_);
  return last_versions[api];
}

int FakeCluster::request_count(protocol::ApiKey api) {
  Lock lock(mutex_);
  return requests[api];
}

}  // namespace kafkascope
