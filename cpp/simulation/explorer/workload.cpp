#include "simulation/explorer/workload.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "clients/consumer/kafka_consumer.h"
#include "clients/producer/kafka_producer.h"

namespace kafkascope {
namespace {

using namespace std::chrono_literals;

constexpr const char* kWatcher = "watcher";

/// Values are padded with dots to different sizes.
std::string value_of(const ConsumerRecord& record) {
  const std::string padded = to_string(*record.value);
  return padded.substr(0, padded.find('.'));
}

/// All records of the partitions, up to where they end now.
std::vector<ConsumerRecords> read_to_end(Process& p, const std::vector<TopicPartition>& all) {
  p.consumer->assign(all);
  const auto ends = p.consumer->end_offsets(all);
  std::vector<ConsumerRecords> found;
  for (bool more = true; more;) {
    found.push_back(p.consumer->poll(p.node->clock().monotonic() + 1s));
    more = false;
    for (const auto& [partition, end] : ends) more |= p.consumer->position(partition) < end;
  }
  return found;
}

}  // namespace

Workload::Workload(Simulation& simulation, RandomStream& random, Options options)
    : simulation_(simulation), random_(random), options_(std::move(options)) {
  for (int i = 0; i < options_.producers; ++i) {
    ConfigMap config{{"bootstrap.servers", simulation_.bootstrap_servers()},
                     {"linger.ms", random_.chance(0.5) ? "0" : "20"},
                     {"retry.backoff.ms", "50"},
                     {"request.timeout.ms", "5000"},
                     {"max.block.ms", "5000"}};
    for (const auto& [key, value] : options_.producer_config) config[key] = value;
    simulation_.add_producer(producer(i), config);
  }
  add_consumer(kWatcher);
}

std::string Workload::producer(int i) { return fmt::format("producer-{}", i + 1); }

void Workload::add_consumer(const std::string& name) {
  simulation_.add_consumer(name, {{"bootstrap.servers", simulation_.bootstrap_servers()},
                                  {"auto.offset.reset", "earliest"},
                                  {"request.timeout.ms", "5000"},
                                  {"default.api.timeout.ms", "10000"}});
}

std::vector<TopicPartition> Workload::all_partitions() const {
  std::vector<TopicPartition> all;
  for (int i = 0; i < options_.partitions; ++i) all.push_back({"t", i});
  return all;
}

void Workload::send() {
  const auto by = static_cast<int>(random_.below(static_cast<uint64_t>(options_.producers)));
  const std::string value = fmt::format("{}-{}", by, next_value_++);
  const std::string padding(random_.below(200), '.');
  const auto partition =
      static_cast<PartitionIndex>(random_.below(static_cast<uint64_t>(options_.partitions)));
  const auto call = simulation_.start(
      producer(by), "send", [value, padding, partition](Simulation&, Process& p) -> std::any {
        return p.producer->send(
            {.topic = "t", .partition = partition, .value = as_bytes(value + padding)});
      });
  sent_.push_back({call, value});
}

void Workload::poll() {
  const auto all = all_partitions();
  polls_.push_back(simulation_.start(kWatcher, "poll", [all](Simulation&, Process& p) -> std::any {
    if (p.consumer->assignment().empty()) p.consumer->assign(all);
    return p.consumer->poll(p.node->clock().monotonic() + 200ms);
  }));
}

void Workload::settle_done() {
  for (Sent& sent : sent_) {
    if (!sent.settled && simulation_.done(sent.call)) note(sent);
  }
  note_polls();
}

void Workload::note(Sent& sent) {
  std::optional<FutureRecordMetadata> future;
  try {
    future = std::any_cast<FutureRecordMetadata>(simulation_.result(sent.call));
  } catch (const KafkaException&) {
    sent.settled = true;  // send() itself refused: it was never written
    return;
  }
  if (!future->done()) return;
  sent.settled = true;
  const Result<RecordMetadata> outcome = future->get();
  if (!outcome.ok()) return ledger_.unknown(sent.value);
  ledger_.acknowledged(outcome->topic_partition, outcome->offset, sent.value);
}

/// In the order in which they were made: only one runs at a time, the others are refused.
void Workload::note_polls() {
  std::erase_if(polls_, [this](Simulation::CallId call) {
    if (!simulation_.done(call)) return false;
    if (!options_.ledger_of_polls) return true;
    try {
      for (const auto& part :
           std::any_cast<const ConsumerRecords&>(simulation_.result(call)).partitions) {
        for (const ConsumerRecord& record : part.records)
          ledger_.polled(kWatcher, part.topic_partition, record.offset, value_of(record));
      }
    } catch (const KafkaException&) {
      // Nothing was polled: another poll ran, or no broker answered.
    }
    return true;
  });
}

bool Workload::all_settled() const {
  return std::all_of(sent_.begin(), sent_.end(), [](const Sent& sent) { return sent.settled; });
}

void Workload::require_settled() const {
  for (const Sent& sent : sent_) {
    if (!sent.settled)
      throw InvariantViolated(fmt::format("liveness: the send of {} has not ended", sent.value));
  }
}

void Workload::read_everything() {
  add_consumer("reader");
  const auto call = simulation_.start(
      "reader", "read",
      [all = all_partitions()](Simulation&, Process& p) { return std::any(read_to_end(p, all)); });
  simulation_.wait(call, 5min);
  for (const auto& records :
       std::any_cast<const std::vector<ConsumerRecords>&>(simulation_.result(call))) {
    for (const PartitionRecords& part : records.partitions) {
      for (const ConsumerRecord& record : part.records)
        ledger_.read(part.topic_partition, record.offset, value_of(record));
    }
  }
}

}  // namespace kafkascope
