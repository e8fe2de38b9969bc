#include "purgatory/expired_operation_reaper.h"

#include <chrono>

namespace kafkascope {
namespace {

// How long the reaper sleeps when nothing is due; also how soon it notices that there is much to
// purge.
constexpr Duration kLongestRound = std::chrono::milliseconds(200);

}  // namespace

ExpiredOperationReaper::ExpiredOperationReaper(Node& node, const std::string& purgatory,
                                               SystemTimer& timer, std::function<void()> purge)
    : Worker(node, "ExpirationReaper-" + purgatory), timer_(timer), purge_(std::move(purge)) {}

void ExpiredOperationReaper::do_work() {
  timer_.advance_clock(kLongestRound);
  purge_();
}

}  // namespace kafkascope
