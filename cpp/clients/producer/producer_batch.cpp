#include "clients/producer/producer_batch.h"

#include <algorithm>

#include "clients/producer/producer_config.h"
#include "common/logging.h"
#include "record/memory_records.h"

namespace kafkascope {

ProducerBatch::ProducerBatch(Node& node, TopicPartition topic_partition,
                             MemoryRecordsBuilder builder, int32_t allocated, Instant created,
                             BatchOrder order)
    : node_(node),
      topic_partition_(std::move(topic_partition)),
      created_(created),
      order_(order),
      allocated_(allocated),
      builder_(std::move(builder)),
      result_(std::make_shared<ProduceRequestResult>(node, topic_partition_)),
      last_attempt_(created) {}

MemoryRecordsBuilder ProducerBatch::make_builder(const ProducerConfig& config, ByteBuffer buffer) {
  MemoryRecordsBuilder::Options options;
  options.compression = config.compression_type;
  if (config.compression_level.has_value()) options.level = *config.compression_level;
  options.write_limit = std::max<size_t>(static_cast<size_t>(config.batch_size), buffer.capacity());
  return MemoryRecordsBuilder(options, std::move(buffer));
}

int32_t ProducerBatch::upper_bound_size(const ProducerRecord& record) {
  const size_t size =
      MemoryRecordsBuilder::estimate_size_upper_bound(record.key, record.value, record.headers);
  return static_cast<int32_t>(std::min<size_t>(size, INT32_MAX));
}

bool ProducerBatch::try_append(const ProducerRecord& record, TimestampMs timestamp,
                               ProducerCallback&& callback, FutureRecordMetadata* future) {
  if (!open_) return false;
  if (!builder_.has_room_for(record.key, record.value, record.headers)) {
    open_ = false;  // records stay in order: smaller ones do not slip in behind
    return false;
  }
  builder_.append(timestamp, record.key, record.value, record.headers);
  const int32_t key_size = record.key.has_value() ? static_cast<int32_t>(record.key->size()) : -1;
  const int32_t value_size =
      record.value.has_value() ? static_cast<int32_t>(record.value->size()) : -1;
  if (callback)
    thunks_.push_back({record_count_, timestamp, key_size, value_size, std::move(callback)});
  if (future != nullptr)
    *future = FutureRecordMetadata(result_, record_count_, timestamp, key_size, value_size);
  ++record_count_;
  return true;
}

bool ProducerBatch::is_full() const {
  return !open_ ||
         (record_count_ > 0 && builder_.uncompressed_size() >= builder_.options().write_limit);
}

int32_t ProducerBatch::size_bytes() const {
  return static_cast<int32_t>(bytes_ != nullptr ? bytes_->size() : builder_.uncompressed_size());
}

Payload ProducerBatch::finish() {
  open_ = false;
  if (bytes_ == nullptr) {
    builder_.set_producer_state(producer_id_, producer_epoch_, base_sequence_, false);
    bytes_ = std::make_shared<ByteBuffer>(builder_.close());
  } else if (sequence_was_reset_) {
    // The old bytes may still be on their way out: they must not change under the network.
    if (bytes_.use_count() > 1) bytes_ = std::make_shared<ByteBuffer>(*bytes_);
    MutableRecordBatch(*bytes_).set_producer_state(producer_id_, producer_epoch_, base_sequence_);
  }
  sequence_was_reset_ = false;
  return SharedSlice(bytes_, *bytes_);
}

int32_t ProducerBatch::last_sequence() const {
  return has_sequence() ? increment_sequence(base_sequence_, record_count_ - 1) : kNoSequence;
}

void ProducerBatch::set_producer_state(ProducerId id, ProducerEpoch epoch, int32_t base_sequence) {
  producer_id_ = id;
  producer_epoch_ = epoch;
  base_sequence_ = base_sequence;
}

void ProducerBatch::reset_producer_state(ProducerId id, ProducerEpoch epoch,
                                         int32_t base_sequence) {
  set_producer_state(id, epoch, base_sequence);
  sequence_was_reset_ = true;
}

bool ProducerBatch::complete(Offset base_offset, TimestampMs log_append_time) {
  return finish_with(base_offset, log_append_time, {});
}

bool ProducerBatch::fail(const Error& error) {
  return finish_with(kNoOffset, kNoTimestamp, [error](int32_t) { return error; });
}

bool ProducerBatch::fail(ProduceRequestResult::RecordErrors errors) {
  return finish_with(kNoOffset, kNoTimestamp, std::move(errors));
}

bool ProducerBatch::finish_with(Offset base_offset, TimestampMs log_append_time,
                                ProduceRequestResult::RecordErrors errors) {
  if (done_) return false;
  done_ = true;
  const bool failed = static_cast<bool>(errors);
  const ProduceRequestResult::RecordErrors error_of = errors;
  // Callbacks first: whoever waits for a future finds its callback done.
  for (Thunk& thunk : thunks_) {
    RecordMetadata metadata{topic_partition_};
    metadata.serialized_key_size = thunk.key_size;
    metadata.serialized_value_size = thunk.value_size;
    const std::optional<Error> error = failed ? error_of(thunk.index) : std::nullopt;
    if (!error.has_value()) {
      metadata.offset = base_offset < 0 ? kNoOffset : base_offset + thunk.index;
      metadata.timestamp = log_append_time != kNoTimestamp ? log_append_time : thunk.timestamp;
    }
    run_callback(thunk.callback, metadata, error.has_value() ? &*error : nullptr);
  }
  thunks_.clear();
  result_->set(base_offset, log_append_time, std::move(errors));
  return true;
}

void ProducerBatch::run_callback(const ProducerCallback& callback, const RecordMetadata& metadata,
                                 const Error* error) {
  try {
    callback(metadata, error);
  } catch (const std::exception& failure) {
    KS_LOG(kError, node_.name(), "a callback for {} threw: {}", topic_partition_.to_string(),
           failure.what());
  }
}

std::vector<std::shared_ptr<ProducerBatch>> ProducerBatch::split(const ProducerConfig& config) {
  KS_CHECK(bytes_ != nullptr && record_count_ > 1 && !done_,
           "only a sent batch of several records is split");
  const size_t limit =
      std::min(static_cast<size_t>(config.batch_size), static_cast<size_t>(size_bytes()) / 2);
  std::vector<std::shared_ptr<ProducerBatch>> parts;
  std::vector<std::pair<int32_t, std::shared_ptr<ProduceRequestResult>>> results;
  auto thunk = thunks_.begin();
  int32_t index = 0;
  MemoryRecords(SharedSlice(bytes_, *bytes_))
      .for_each_record([&](const RecordBatch&, const RecordView& view) {
        std::vector<HeaderView> headers;
        view.headers.for_each([&headers](const HeaderView& header) { headers.push_back(header); });
        ProducerRecord record{topic_partition_.topic,
                              topic_partition_.partition,
                              view.timestamp,
                              view.key,
                              view.value,
                              headers};
        ProducerCallback callback;
        if (thunk != thunks_.end() && thunk->index == index)
          callback = std::move((thunk++)->callback);
        if (parts.empty() ||
            !parts.back()->try_append(record, view.timestamp, std::move(callback), nullptr)) {
          MemoryRecordsBuilder::Options options;
          options.compression = builder_.options().compression;
          options.level = builder_.options().level;
          options.write_limit = limit;
          const BatchOrder order{order_.first, order_.second + index};
          parts.push_back(std::make_shared<ProducerBatch>(
              node_, topic_partition_, MemoryRecordsBuilder(options), 0, created_, order));
          results.emplace_back(index, parts.back()->result());
          KS_CHECK(parts.back()->try_append(record, view.timestamp, std::move(callback), nullptr),
                   "no room in a part");
        }
        ++index;
      });
  for (const auto& part : parts) part->close_for_appends();
  done_ = true;
  thunks_.clear();
  result_->split(std::move(results));
  return parts;
}

ByteBuffer ProducerBatch::release_buffer() {
  if (bytes_ == nullptr || bytes_.use_count() > 1) return {};
  ByteBuffer buffer = std::move(*bytes_);
  bytes_.reset();
  return buffer;
}

ProducerBatchDescription ProducerBatch::describe(Instant now) const {
  ProducerBatchDescription description;
  description.record_count = record_count_;
  description.size_bytes = size_bytes();
  description.attempts = attempts_;
  description.age = now - created_;
  description.producer_id = producer_id_;
  description.producer_epoch = producer_epoch_;
  description.base_sequence = base_sequence_;
  description.state = open_ ? "open" : "closed";
  return description;
}

}  // namespace kafkascope
