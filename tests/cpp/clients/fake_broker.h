// FakeCluster: brokers that a test scripts, on one thread, over the same seams as the clients.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/types.h"
#include "network/selector.h"
#include "protocol/request_header.h"
#include "record/record_batch.h"
#include "runtime/worker.h"

namespace kafkascope {

/// Answers ApiVersions, Metadata, Produce (with the sequence checks of a real leader), Fetch (with
/// sessions), ListOffsets, InitProducerId, OffsetForLeaderEpoch and CreateTopics from memory; other
/// APIs, or the same ones differently, by on(). Its knobs may be turned by any thread, under
/// lock().
class FakeCluster : public Worker {
 public:
  struct Options {
    int brokers = 1;
    std::vector<uint16_t> ports;  // 0 or missing: a free one
    bool sessions = true;
    std::map<BrokerId, Endpoint> advertised;  // instead of where the broker listens
    std::string host = "127.0.0.1";
  };
  struct Log {
    std::vector<ByteBuffer> batches;
    Offset end = 0;
    Offset start = 0;
    BrokerId leader = 1;
    LeaderEpoch epoch = 0;
    struct Producer {
      ProducerEpoch epoch = 0;
      int32_t last_sequence = kNoSequence;
      std::deque<std::pair<int32_t, Offset>> recent;  // first sequence, base offset
    };
    std::map<ProducerId, Producer> producers;
  };
  struct Request {
    BrokerId broker;
    protocol::RequestHeader header;
    SharedSlice body;
    protocol::ApiKey api() const { return static_cast<protocol::ApiKey>(header.request_api_key); }
    int16_t version() const { return header.request_api_version; }
    template <typename T>
    T decode() const {
      return protocol::decode<T>(body, version());
    }
  };
  using Handler = std::function<protocol::MessageWriter(const Request&)>;

  FakeCluster(Node& node, Options options);
  explicit FakeCluster(Node& node) : FakeCluster(node, Options{}) {}
  ~FakeCluster() override;

  std::string bootstrap_servers() const;
  Endpoint endpoint(BrokerId id) const { return endpoints_.at(id); }

  // Script. Under the lock, or before start().
  Mutex& lock() { return mutex_; }
  void create_topic(const std::string& topic, int partitions);
  void on(protocol::ApiKey api, Handler handler) { handlers_[api] = std::move(handler); }
  std::map<protocol::ApiKey, int16_t> max_versions;
  std::deque<ErrorCode>
      produce_errors;  // each for one partition of a produce request, which is then not appended
  std::deque<ErrorCode> fetch_errors;
  std::vector<std::pair<ProducerId, Offset>> aborted_transactions;  // told in every fetch answer
  int32_t max_message_bytes = 1 << 20;
  bool auto_create = true;
  /// Chance that a request is lost with its connection: before it is served, and after it was,
  /// without its answer.
  double lose_request = 0;
  double lose_answer = 0;

  // What happened.
  std::map<TopicPartition, Log> logs;
  std::map<protocol::ApiKey, int> requests;
  std::map<protocol::ApiKey, int16_t> last_versions;
  int duplicates_refused = 0;
  int out_of_order = 0;
  ProducerId next_producer_id = 1000;

  /// All values of a partition in offset order.
  std::vector<std::string> values(const TopicPartition& tp);
  void forget_sessions();
  int request_count(protocol::ApiKey api);
  int16_t last_version(protocol::ApiKey api);
  /// Appends a batch as a producer would; for consumer tests.
  void append(const TopicPartition& tp, ByteBuffer batch);

 private:
  struct Parked {
    std::string channel;
    Request request;
    Instant deadline;
  };
  void do_work() override;
  void wakeup() override { selector_.wakeup(); }
  void on_stopped() override;
  void accept_all();
  void serve(const std::string& channel, const SharedSlice& frame);
  void answer(const std::string& channel, protocol::MessageWriter response);
  std::optional<protocol::MessageWriter> handle(const Request& request, bool may_wait);
  protocol::MessageWriter api_versions(const Request& request);
  protocol::MessageWriter metadata(const Request& request);
  protocol::MessageWriter produce(const Request& request);
  ErrorCode append_checked(Log& log, const SharedSlice& records, Offset& base_offset);
  std::optional<protocol::MessageWriter> fetch(const Request& request, bool may_wait);
  protocol::MessageWriter list_offsets(const Request& request);
  protocol::MessageWriter init_producer_id(const Request& request);
  protocol::MessageWriter offset_for_leader_epoch(const Request& request);
  protocol::MessageWriter create_topics(const Request& request);

  Mutex mutex_;
  const Options options_;
  Selector selector_;
  std::map<BrokerId, std::unique_ptr<Listener>> listeners_;
  std::map<BrokerId, Endpoint> endpoints_;
  std::map<protocol::ApiKey, Handler> handlers_;
  RandomStream random_;
  std::vector<Parked> parked_;
  int next_channel_ = 0;
  struct Session {
    std::map<TopicPartition, Offset> positions;
    int32_t epoch = 0;
  };
  std::map<int32_t, Session> sessions_;
  int32_t next_session_ = 1;
  std::map<std::string, Uuid> topic_ids_;
};

}  // namespace kafkascope
