#include "runtime/real/real_poller.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <map>

#include "common/check.h"
#include "common/errors.h"
#include "runtime/real/socket.h"

namespace kafkascope::real {
namespace {

constexpr size_t kEventsPerWait = 128;

/// One watched descriptor. The kernel is told of a change of interest just before the next wait: a
/// channel muted and unmuted between two waits costs nothing.
struct Watch {
  int descriptor = -1;
  uint64_t token = 0;
  uint8_t interest = kNone;
  uint8_t told = kNone;  // what the kernel watches; nothing: it does not know the descriptor
  bool queued = false;
};

/// A descriptor of the poller's own.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {
    if (number < 0) {
      throw KafkaException(ErrorCode::kUnknownServerError,
                           std::string("no descriptor for a poller: ") + std::strerror(errno));
    }
  }
  ~Descriptor() { ::close(number_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  const int number_;
};

class RealPoller : public Poller {
 public:
  RealPoller() : epoll_(epoll_create1(EPOLL_CLOEXEC)), bell_(eventfd(0, EFD_CLOEXEC)) {
    // Edge-triggered: each ring is reported once, and nobody need read it.
    control(EPOLL_CTL_ADD, bell_.number(), EPOLLIN | EPOLLET, nullptr);
  }

  void set_interest(Pollable& pollable, uint8_t interest, uint64_t token) override {
    std::unique_ptr<Watch>& watch = watches_[&pollable];
    if (watch == nullptr) {
      const auto* holder = dynamic_cast<const DescriptorHolder*>(&pollable);
      KS_CHECK(holder != nullptr, "not a pollable of the real runtime");
      watch = std::make_unique<Watch>();
      watch->descriptor = holder->descriptor();
    }
    watch->interest = interest;
    watch->token = token;
    if (interest == watch->told || watch->queued) return;
    watch->queued = true;
    changed_.push_back(watch.get());
  }

  void remove(Pollable& pollable) override {
    const auto found = watches_.find(&pollable);
    if (found == watches_.end()) return;
    Watch& watch = *found->second;
    if (watch.told != kNone) control(EPOLL_CTL_DEL, watch.descriptor, 0, nullptr);
    if (watch.queued) std::erase(changed_, &watch);
    watches_.erase(found);
  }

  std::span<const Ready> wait(Instant deadline) override {
    for (Watch* watch : changed_) tell(*watch);
    changed_.clear();
    std::array<epoll_event, kEventsPerWait> events;
    const int count = epoll_wait(epoll_.number(), events.data(), static_cast<int>(events.size()),
                                 timeout_ms(deadline));
    woken_.store(false, std::memory_order_release);
    KS_CHECK(count >= 0 || errno == EINTR, std::strerror(errno));
    ready_.clear();
    for (int i = 0; i < count; ++i) {
      const auto* watch = static_cast<const Watch*>(events[static_cast<size_t>(i)].data.ptr);
      if (watch == nullptr) continue;  // the bell
      ready_.push_back({watch->token, interests_of(events[static_cast<size_t>(i)], *watch)});
    }
    std::sort(ready_.begin(), ready_.end(),
              [](const Ready& a, const Ready& b) { return a.token < b.token; });
    return ready_;
  }

  void wakeup() override {
    if (!woken_.exchange(true, std::memory_order_acq_rel)) eventfd_write(bell_.number(), 1);
  }

 private:
  /// Level-triggered. Without interest the kernel may not know the descriptor at all: it would
  /// report a peer that hung up again and again.
  void tell(Watch& watch) {
    watch.queued = false;
    if (watch.interest == watch.told) return;
    const uint32_t events = ((watch.interest & kRead) != 0 ? EPOLLIN : 0U) |
                            ((watch.interest & kWrite) != 0 ? EPOLLOUT : 0U);
    const int operation = watch.told == kNone       ? EPOLL_CTL_ADD
                          : watch.interest == kNone ? EPOLL_CTL_DEL
                                                    : EPOLL_CTL_MOD;
    control(operation, watch.descriptor, events, &watch);
    watch.told = watch.interest;
  }

  void control(int operation, int descriptor, uint32_t events, Watch* watch) const {
    epoll_event event{};
    event.events = events;
    event.data.ptr = watch;
    const int outcome = epoll_ctl(epoll_.number(), operation, descriptor, &event);
    KS_CHECK(outcome == 0, std::strerror(errno));
  }

  /// An error or a hang-up concerns whoever reads and whoever writes.
  static uint8_t interests_of(const epoll_event& event, const Watch& watch) {
    if ((event.events & (EPOLLERR | EPOLLHUP)) != 0) return watch.interest;
    return static_cast<uint8_t>(((event.events & EPOLLIN) != 0 ? kRead : kNone) |
                                ((event.events & EPOLLOUT) != 0 ? kWrite : kNone));
  }

  /// Rounded up: a wait that ends early would only be begun again.
  static int timeout_ms(Instant deadline) {
    if (deadline == kForever) return -1;
    const auto left =
        std::chrono::steady_clock::time_point(
            std::chrono::duration_cast<std::chrono::steady_clock::duration>(deadline)) -
        std::chrono::steady_clock::now();
    const int64_t whole = std::chrono::ceil<std::chrono::milliseconds>(left).count();
    return static_cast<int>(std::clamp<int64_t>(whole, 0, INT32_MAX));
  }

  const Descriptor epoll_;
  const Descriptor bell_;
  std::map<Pollable*, std::unique_ptr<Watch>> watches_;
  std::vector<Watch*> changed_;
  std::vector<Ready> ready_;
  std::atomic<bool> woken_{false};
};

}  // namespace

std::unique_ptr<Poller> make_real_poller() { return std::make_unique<RealPoller>(); }

}  // namespace kafkascope::real
