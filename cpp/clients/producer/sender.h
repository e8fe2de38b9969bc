// Sender: the producer's network thread: batches out, answers in.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "clients/network_client.h"
#include "clients/producer/producer_metadata.h"
#include "clients/producer/record_accumulator.h"
#include "clients/producer/sender_metrics.h"
#include "protocol/messages/produce_response.h"
#include "runtime/future.h"
#include "runtime/worker.h"

namespace kafkascope {

/// Kafka's Sender, a Worker. After initiate_shutdown it goes on until everything has ended, or
/// force_close.
class Sender : public Worker {
 public:
  Sender(Node& node, const ProducerConfig& config, const std::string& client_id,
         ProducerMetadata& metadata, RecordAccumulator& accumulator,
         TransactionManager& transactions, MetricsRegistry& metrics);
  ~Sender() override;

  /// One round: sequences, producer id, drain and send, poll. Public for tests and lessons that
  /// step it.
  void run_once();
  void wakeup() override { client_.wakeup(); }
  /// Any thread: what has not ended by now fails.
  void force_close();
  /// True once the thread's last round is over.
  const Future<int64_t>& stopped() const { return stopped_future_; }

  NetworkClient& client() { return client_; }
  const NetworkClient& client() const { return client_; }

 private:
  using Batch = std::shared_ptr<ProducerBatch>;
  using Batches = std::vector<Batch>;

  void do_work() override { run_once(); }
  void on_stopped() override;

  Duration send_producer_data(Instant now);
  Duration drop_unready_nodes(RecordAccumulator::ReadyCheck& check, const Cluster& cluster,
                              Instant now);
  void fail_expired(Instant now);
  void send_produce_request(BrokerId node, Batches batches, Instant now);
  void maybe_init_producer_id(Instant now);
  void handle_init_producer_id(const ClientResponse& response);

  struct Outcome {
    ErrorCode error = ErrorCode::kNone;
    std::string message;
    Offset base_offset = kNoOffset;
    TimestampMs log_append_time = kNoTimestamp;
    Offset log_start_offset = -1;
    std::map<int32_t, std::string> record_errors;
  };
  static Outcome outcome_of(const protocol::ProduceResponse::PartitionProduceResponse& partition);
  void handle_produce_response(const ClientResponse& response, Batches batches);
  void note_new_leader(const protocol::ProduceResponse& response, const TopicPartition& tp,
                       const protocol::ProduceResponse::PartitionProduceResponse& partition);
  void end_attempt(const Batch& batch, const Outcome& outcome, Instant now);
  bool can_retry(const Batch& batch, const Outcome& outcome, Instant now);
  void split(const Batch& batch, Instant now);
  void succeed(const Batch& batch, const Outcome& outcome);
  void fail(const Batch& batch, const Outcome& outcome, bool adjust_sequences);
  void remove_in_flight(const Batch& batch);

  const ProducerConfig& config_;
  ProducerMetadata& metadata_;
  RecordAccumulator& accumulator_;
  TransactionManager& transactions_;
  NetworkClient client_;
  const bool guarantee_message_order_;
  SenderMetrics metrics_;
  Batches in_flight_batches_;
  ExponentialBackoff init_backoff_;
  RandomStream random_;
  int64_t init_attempts_ = 0;
  Instant init_retry_at_{};
  std::atomic<bool> force_close_{false};
  Promise<int64_t> stopped_;
  Future<int64_t> stopped_future_;
};

}  // namespace kafkascope
