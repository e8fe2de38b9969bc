#include "clients/consumer/subscription_state.h"

#include "common/errors.h"

namespace kafkascope {
namespace {

const char* state_name(FetchState state) {
  switch (state) {
    case FetchState::kInitializing:
      return "INITIALIZING";
    case FetchState::kFetching:
      return "FETCHING";
    case FetchState::kAwaitReset:
      return "AWAIT_RESET";
    case FetchState::kAwaitValidation:
      return "AWAIT_VALIDATION";
  }
  return "";
}

const char* type_name(SubscriptionState::Type type) {
  switch (type) {
    case SubscriptionState::Type::kNone:
      return "NONE";
    case SubscriptionState::Type::kUserAssigned:
      return "USER_ASSIGNED";
    case SubscriptionState::Type::kTopics:
      return "TOPICS";
  }
  return "";
}

}  // namespace

SubscriptionState::SubscriptionState(Node& node, OffsetResetStrategy default_strategy)
    : node_(node), default_strategy_(default_strategy), mutex_(node, "subscription state") {}

SubscriptionState::PartitionState* SubscriptionState::find(const TopicPartition& tp) {
  const auto found = assignment_.find(tp);
  return found == assignment_.end() ? nullptr : &found->second;
}

const SubscriptionState::PartitionState* SubscriptionState::find(const TopicPartition& tp) const {
  const auto found = assignment_.find(tp);
  return found == assignment_.end() ? nullptr : &found->second;
}

void SubscriptionState::set_type(Type type) {
  if (type_ == Type::kNone || type_ == type) {
    type_ = type;
    return;
  }
  throw KafkaException(
      ErrorCode::kInvalidRequest,
      "assign() and subscribe() exclude each other: call unsubscribe() between them");
}

void SubscriptionState::replace_assignment(const std::set<TopicPartition>& partitions) {
  std::map<TopicPartition, PartitionState> next;
  for (const TopicPartition& tp : partitions) {
    const PartitionState* known = find(tp);
    next.emplace(tp, known == nullptr ? PartitionState{} : *known);
  }
  assignment_ = std::move(next);
  ++assignment_id_;
  KS_TRACE(node_, "AssignmentChanged", {"partitions", static_cast<int64_t>(assignment_.size())});
}

void SubscriptionState::assign_from_user(const std::set<TopicPartition>& partitions) {
  Lock lock(mutex_);
  set_type(Type::kUserAssigned);
  replace_assignment(partitions);
}

void SubscriptionState::subscribe(const std::set<std::string>& topics) {
  Lock lock(mutex_);
  set_type(Type::kTopics);
  subscription_ = topics;
}

void SubscriptionState::assign_from_subscribed(const std::set<TopicPartition>& partitions) {
  Lock lock(mutex_);
  if (type_ != Type::kTopics) return;
  replace_assignment(partitions);
}

void SubscriptionState::unsubscribe() {
  Lock lock(mutex_);
  type_ = Type::kNone;
  subscription_.clear();
  replace_assignment({});
}

SubscriptionState::Type SubscriptionState::type() const {
  Lock lock(mutex_);
  return type_;
}

std::set<std::string> SubscriptionState::subscription() const {
  Lock lock(mutex_);
  return subscription_;
}

std::set<std::string> SubscriptionState::topics_to_fetch() const {
  Lock lock(mutex_);
  std::set<std::string> topics = subscription_;
  for (const auto& [tp, state] : assignment_) topics.insert(tp.topic);
  return topics;
}

std::set<TopicPartition> SubscriptionState::assigned_partitions() const {
  Lock lock(mutex_);
  std::set<TopicPartition> partitions;
  for (const auto& [tp, state] : assignment_) partitions.insert(tp);
  return partitions;
}

bool SubscriptionState::is_assigned(const TopicPartition& tp) const {
  Lock lock(mutex_);
  return find(tp) != nullptr;
}

void SubscriptionState::seek(const TopicPartition& tp, const FetchPosition& position) {
  Lock lock(mutex_);
  PartitionState* state = find(tp);
  if (state == nullptr) {
    throw KafkaException(ErrorCode::kInvalidRequest,
                         tp.to_string() + " is not assigned to this consumer");
  }
  state->position = position;
  state->state = FetchState::kFetching;
  state->retry_at = Instant{};
  KS_TRACE(node_, "PositionSet", {"partition", tp.to_string()}, {"offset", position.offset});
}

void SubscriptionState::seek_validated(const TopicPartition& tp, const FetchPosition& position) {
  Lock lock(mutex_);
  if (PartitionState* state = find(tp); state != nullptr) {
    state->position = position;
    state->state = FetchState::kFetching;
  }
}

std::optional<FetchPosition> SubscriptionState::position(const TopicPartition& tp) const {
  Lock lock(mutex_);
  const PartitionState* state = find(tp);
  if (state == nullptr || state->state == FetchState::kInitializing ||
      state->state == FetchState::kAwaitReset) {
    return std::nullopt;
  }
  return state->position;
}

bool SubscriptionState::advance(const TopicPartition& tp, Offset expected,
                                const FetchPosition& next) {
  Lock lock(mutex_);
  PartitionState* state = find(tp);
  if (state == nullptr || state->state != FetchState::kFetching ||
      state->position->offset != expected)
    return false;
  state->position = next;
  KS_TRACE(node_, "PositionAdvanced", {"partition", tp.to_string()}, {"offset", next.offset});
  return true;
}

void SubscriptionState::request_offset_reset(const TopicPartition& tp,
                                             std::optional<OffsetResetStrategy> strategy) {
  Lock lock(mutex_);
  PartitionState* state = find(tp);
  if (state == nullptr) return;
  state->state = FetchState::kAwaitReset;
  state->reset_strategy = strategy.value_or(default_strategy_);
  state->position.reset();
  state->retry_at = Instant{};
}

void SubscriptionState::reset_initializing_positions() {
  Lock lock(mutex_);
  for (auto& [tp, state] : assignment_) {
    if (state.state != FetchState::kInitializing) continue;
    if (default_strategy_ == OffsetResetStrategy::kNone) {
      throw KafkaException(
          ErrorCode::kOffsetOutOfRange,
          tp.to_string() + " has no position and auto.offset.reset is none: seek() first");
    }
    state.state = FetchState::kAwaitReset;
    state.reset_strategy = default_strategy_;
  }
}

bool SubscriptionState::has_all_fetch_positions() const {
  Lock lock(mutex_);
  for (const auto& [tp, state] : assignment_) {
    if (state.state == FetchState::kInitializing || state.state == FetchState::kAwaitReset)
      return false;
  }
  return true;
}

std::map<TopicPartition, OffsetResetStrategy> SubscriptionState::partitions_needing_reset(
    Instant now) const {
  Lock lock(mutex_);
  std::map<TopicPartition, OffsetResetStrategy> partitions;
  for (const auto& [tp, state] : assignment_) {
    if (state.state == FetchState::kAwaitReset && now >= state.retry_at)
      partitions.emplace(tp, state.reset_strategy);
  }
  return partitions;
}

bool SubscriptionState::complete_reset(const TopicPartition& tp, OffsetResetStrategy strategy,
                                       const FetchPosition& position) {
  Lock lock(mutex_);
  PartitionState* state = find(tp);
  if (state == nullptr || state->state != FetchState::kAwaitReset ||
      state->reset_strategy != strategy)
    return false;
  state->position = position;
  state->state = FetchState::kFetching;
  KS_TRACE(node_, "PositionReset", {"partition", tp.to_string()}, {"offset", position.offset});
  return true;
}

void SubscriptionState::set_next_allowed_retry(const std::vector<TopicPartition>& partitions,
                                               Instant when) {
  Lock lock(mutex_);
  for (const TopicPartition& tp : partitions) {
    if (PartitionState* state = find(tp); state != nullptr) state->retry_at = when;
  }
}

Instant SubscriptionState::next_retry() const {
  Lock lock(mutex_);
  Instant next = kForever;
  for (const auto& [tp, state] : assignment_) {
    if (state.state == FetchState::kAwaitReset || state.state == FetchState::kAwaitValidation) {
      next = std::min(next, state.retry_at);
    }
  }
  return next;
}

bool SubscriptionState::maybe_validate_position(const TopicPartition& tp, BrokerId leader,
                                                LeaderEpoch leader_epoch, bool can_validate) {
  Lock lock(mutex_);
  PartitionState* state = find(tp);
  if (state == nullptr || !state->position.has_value() || state->state == FetchState::kAwaitReset)
    return false;
  FetchPosition& position = *state->position;
  if (position.leader == leader && position.leader_epoch == leader_epoch) {
    return state->state == FetchState::kAwaitValidation;
  }
  position.leader = leader;
  position.leader_epoch = leader_epoch;
  const bool validate =
      can_validate && position.offset_epoch != kNoLeaderEpoch && leader_epoch != kNoLeaderEpoch;
  state->state = validate ? FetchState::kAwaitValidation : FetchState::kFetching;
  state->retry_at = Instant{};
  return validate;
}

std::map<TopicPartition, FetchPosition> SubscriptionState::partitions_needing_validation(
    Instant now) const {
  Lock lock(mutex_);
  std::map<TopicPartition, FetchPosition> partitions;
  for (const auto& [tp, state] : assignment_) {
    if (state.state == FetchState::kAwaitValidation && now >= state.retry_at)
      partitions.emplace(tp, *state.position);
  }
  return partitions;
}

std::optional<LogTruncation> SubscriptionState::complete_validation(const TopicPartition& tp,
                                                                    const FetchPosition& validated,
                                                                    LeaderEpoch end_epoch,
                                                                    Offset end_offset) {
  Lock lock(mutex_);
  PartitionState* state = find(tp);
  if (state == nullptr || state->state != FetchState::kAwaitValidation ||
      state->position != validated)
    return {};
  const bool unknown = end_epoch < 0 || end_offset < 0;
  if (!unknown && end_offset >= validated.offset) {
    state->state = FetchState::kFetching;
    return {};
  }
  LogTruncation truncation{tp, validated, std::nullopt};
  if (!unknown) {
    truncation.diverging_offset =
        FetchPosition{end_offset, end_epoch, validated.leader, validated.leader_epoch};
  }
  if (default_strategy_ == OffsetResetStrategy::kNone) return truncation;
  if (truncation.diverging_offset.has_value()) {
    state->position = truncation.diverging_offset;
    state->state = FetchState::kFetching;
  } else {
    state->position.reset();
    state->state = FetchState::kAwaitReset;
    state->reset_strategy = default_strategy_;
  }
  return {};
}

void SubscriptionState::pause(const TopicPartition& tp) {
  Lock lock(mutex_);
  PartitionState* state = find(tp);
  if (state == nullptr)
    throw KafkaException(ErrorCode::kInvalidRequest, tp.to_string() + " is not assigned");
  state->paused = true;
}

void SubscriptionState::resume(const TopicPartition& tp) {
  Lock lock(mutex_);
  PartitionState* state = find(tp);
  if (state == nullptr)
    throw KafkaException(ErrorCode::kInvalidRequest, tp.to_string() + " is not assigned");
  state->paused = false;
}

bool SubscriptionState::is_paused(const TopicPartition& tp) const {
  Lock lock(mutex_);
  const PartitionState* state = find(tp);
  return state != nullptr && state->paused;
}

std::set<TopicPartition> SubscriptionState::paused_partitions() const {
  Lock lock(mutex_);
  std::set<TopicPartition> partitions;
  for (const auto& [tp, state] : assignment_) {
    if (state.paused) partitions.insert(tp);
  }
  return partitions;
}

bool SubscriptionState::is_fetchable(const TopicPartition& tp) const {
  Lock lock(mutex_);
  const PartitionState* state = find(tp);
  return state != nullptr && !state->paused && state->state == FetchState::kFetching;
}

std::vector<std::pair<TopicPartition, FetchPosition>> SubscriptionState::fetchable_partitions()
    const {
  Lock lock(mutex_);
  std::vector<std::pair<TopicPartition, FetchPosition>> partitions;
  for (const auto& [tp, state] : assignment_) {
    if (!state.paused && state.state == FetchState::kFetching)
      partitions.emplace_back(tp, *state.position);
  }
  return partitions;
}

void SubscriptionState::update_offsets(const TopicPartition& tp, Offset high_watermark,
                                       Offset last_stable, Offset log_start) {
  Lock lock(mutex_);
  PartitionState* state = find(tp);
  if (state == nullptr) return;
  if (high_watermark >= 0) state->high_watermark = high_watermark;
  if (last_stable >= 0) state->last_stable_offset = last_stable;
  if (log_start >= 0) state->log_start_offset = log_start;
}

std::optional<int64_t> SubscriptionState::lag(const TopicPartition& tp,
                                              IsolationLevel isolation) const {
  Lock lock(mutex_);
  const PartitionState* state = find(tp);
  if (state == nullptr || !state->position.has_value()) return {};
  const Offset end = isolation == IsolationLevel::kReadCommitted ? state->last_stable_offset
                                                                 : state->high_watermark;
  return end < 0 ? std::nullopt : std::optional(end - state->position->offset);
}

std::optional<Offset> SubscriptionState::high_watermark(const TopicPartition& tp) const {
  Lock lock(mutex_);
  const PartitionState* state = find(tp);
  return state == nullptr || state->high_watermark < 0 ? std::nullopt
                                                       : std::optional(state->high_watermark);
}

void SubscriptionState::set_preferred_read_replica(const TopicPartition& tp, BrokerId replica,
                                                   Instant expires) {
  Lock lock(mutex_);
  if (PartitionState* state = find(tp); state != nullptr) {
    state->preferred_replica = replica;
    state->preferred_replica_expires = expires;
  }
}

std::optional<BrokerId> SubscriptionState::preferred_read_replica(const TopicPartition& tp,
                                                                  Instant now) const {
  Lock lock(mutex_);
  const PartitionState* state = find(tp);
  if (state == nullptr || state->preferred_replica < 0 || now >= state->preferred_replica_expires)
    return {};
  return state->preferred_replica;
}

void SubscriptionState::clear_preferred_read_replica(const TopicPartition& tp) {
  Lock lock(mutex_);
  if (PartitionState* state = find(tp); state != nullptr) state->preferred_replica = -1;
}

int64_t SubscriptionState::assignment_id() const {
  Lock lock(mutex_);
  return assignment_id_;
}

void SubscriptionState::describe(ConsumerDescription& into) const {
  Lock lock(mutex_);
  into.subscription = type_name(type_);
  into.topics.assign(subscription_.begin(), subscription_.end());
  for (const auto& [tp, state] : assignment_) {
    PartitionStateDescription partition{tp, state_name(state.state)};
    if (state.position.has_value()) {
      partition.position = state.position->offset;
      partition.offset_epoch = state.position->offset_epoch;
    }
    partition.paused = state.paused;
    partition.high_watermark = state.high_watermark;
    partition.last_stable_offset = state.last_stable_offset;
    partition.log_start_offset = state.log_start_offset;
    into.partitions.push_back(std::move(partition));
  }
}

}  // namespace kafkascope
