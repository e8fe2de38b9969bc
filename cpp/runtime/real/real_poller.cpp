#include "runtime/real/real_poller.h"

#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <map>

#include "common/check.h"
#include "runtime/real/socket.h"

namespace kafkascope::real {
namespace {

namespace asio = boost::asio;

/// One watched descriptor. A wait stays outstanding until it fires, so an idle connection costs
/// nothing per round; Asio re-arms epoll when a new wait begins, which makes the whole
/// level-triggered.
struct Watch {
  Watch(asio::io_context& context, int descriptor) : handle(context, descriptor) {}
  asio::posix::stream_descriptor handle;
  uint64_t token = 0;
  uint8_t interest = kNone;
  uint8_t outstanding = kNone;
  uint8_t ready = kNone;
  bool queued_to_arm = false;
  bool removed = false;
};

class RealPoller : public Poller {
 public:
  RealPoller() : work_(asio::make_work_guard(context_)) {}
  ~RealPoller() override {
    for (auto& [pollable, watch] : watches_) watch->handle.release();
  }

  void set_interest(Pollable& pollable, uint8_t interest, uint64_t token) override {
    std::shared_ptr<Watch>& watch = watches_[&pollable];
    if (watch == nullptr) {
      const auto* holder = dynamic_cast<const DescriptorHolder*>(&pollable);
      KS_CHECK(holder != nullptr, "not a pollable of the real runtime");
      watch = std::make_shared<Watch>(context_, holder->descriptor());
    }
    watch->interest = interest;
    watch->token = token;
    queue_to_arm(watch);
  }

  void remove(Pollable& pollable) override {
    const auto found = watches_.find(&pollable);
    if (found == watches_.end()) return;
    found->second->removed = true;
    found->second->handle.release();
    watches_.erase(found);
  }

  std::span<const Ready> wait(Instant deadline) override {
    arm_all();
    if (deadline == kForever) {
      context_.run_one();
    } else {
      context_.run_one_until(std::chrono::steady_clock::time_point(
          std::chrono::duration_cast<std::chrono::steady_clock::duration>(deadline)));
    }
    context_.poll();
    woken_.store(false, std::memory_order_release);
    return collect();
  }

  void wakeup() override {
    if (!woken_.exchange(true, std::memory_order_acq_rel)) asio::post(context_, [] {});
  }

 private:
  void queue_to_arm(const std::shared_ptr<Watch>& watch) {
    if (watch->queued_to_arm) return;
    watch->queued_to_arm = true;
    to_arm_.push_back(watch);
  }

  void arm_all() {
    for (const std::shared_ptr<Watch>& watch : to_arm_) {
      watch->queued_to_arm = false;
      if (watch->removed) continue;
      arm(watch, kRead, asio::posix::descriptor_base::wait_read);
      arm(watch, kWrite, asio::posix::descriptor_base::wait_write);
    }
    to_arm_.clear();
  }

  void arm(const std::shared_ptr<Watch>& watch, uint8_t event,
           asio::posix::descriptor_base::wait_type kind) {
    if ((watch->interest & event) == 0 || (watch->outstanding & event) != 0) return;
    watch->outstanding |= event;
    watch->handle.async_wait(kind, [this, watch, event](const boost::system::error_code&) {
      watch->outstanding &= static_cast<uint8_t>(~event);
      if (watch->removed) return;
      if (watch->ready == kNone) fired_.push_back(watch);
      watch->ready |= event;
    });
  }

  std::span<const Ready> collect() {
    ready_.clear();
    for (const std::shared_ptr<Watch>& watch : fired_) {
      const uint8_t events = watch->ready & watch->interest;
      watch->ready = kNone;
      queue_to_arm(watch);
      if (!watch->removed && events != kNone) ready_.push_back({watch->token, events});
    }
    fired_.clear();
    std::sort(ready_.begin(), ready_.end(),
              [](const Ready& a, const Ready& b) { return a.token < b.token; });
    return ready_;
  }

  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::map<Pollable*, std::shared_ptr<Watch>> watches_;
  std::vector<std::shared_ptr<Watch>> to_arm_;
  std::vector<std::shared_ptr<Watch>> fired_;
  std::vector<Ready> ready_;
  std::atomic<bool> woken_{false};
};

}  // namespace

std::unique_ptr<Poller> make_real_poller() { return std::make_unique<RealPoller>(); }

}  // namespace kafkascope::real
