#include "purgatory/delayed_operation.h"

namespace kafkascope {

bool DelayedOperation::force_complete() { return complete(false); }

bool DelayedOperation::complete(bool expired) {
  if (completed_.exchange(true, std::memory_order_acq_rel)) return false;
  cancel();
  if (node_ != nullptr) {
    KS_TRACE(*node_, "OperationCompleted", {"purgatory", *purgatory_}, {"number", number_},
             {"operation", describe()}, {"expired", expired});
  }
  on_complete();
  return true;
}

bool DelayedOperation::maybe_try_complete() {
  if (asked_.fetch_add(1, std::memory_order_acq_rel) > 0) return false;
  // An exception out of try_complete must not leave the operation looking as if somebody still
  // asked.
  struct StopAsking {
    std::atomic<uint32_t>* asked;
    ~StopAsking() {
      if (asked != nullptr) asked->store(0, std::memory_order_release);
    }
  } on_exception{&asked_};
  bool completed = false;
  uint32_t answered = 0;
  do {
    if (is_completed()) break;
    answered = asked_.load(std::memory_order_acquire);
    completed = try_complete();
  } while (!completed && !asked_.compare_exchange_strong(answered, 0, std::memory_order_acq_rel));
  on_exception.asked = nullptr;
  return completed;
}

void DelayedOperation::run() {
  if (complete(true)) on_expiration();
}

}  // namespace kafkascope
