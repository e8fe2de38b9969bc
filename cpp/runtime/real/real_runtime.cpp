#include "runtime/real/real_runtime.h"

#include <csignal>
#include <random>

#include "runtime/real/real_clock.h"
#include "runtime/real/real_file_system.h"
#include "runtime/real/real_network.h"

namespace kafkascope::real {

struct RealRuntime::Seams {
  RealClock clock;
  RealNetwork network;
  RealFileSystem files;
};

RealRuntime::RealRuntime() : seams_(std::make_unique<Seams>()) {
  // A peer that goes away between two writes must be an error code, not a signal (sendfile has no
  // MSG_NOSIGNAL).
  std::signal(SIGPIPE, SIG_IGN);
}

RealRuntime::~RealRuntime() = default;

std::unique_ptr<Node> RealRuntime::make_node(std::string name, Tracer* tracer) {
  std::random_device device;
  const uint64_t seed = static_cast<uint64_t>(device()) << 32 | device();
  return std::make_unique<Node>(std::move(name), Node::Seams{.clock = seams_->clock,
                                                             .network = seams_->network,
                                                             .files = seams_->files,
                                                             .random = Random(seed),
                                                             .scheduler = nullptr,
                                                             .tracer = tracer});
}

}  // namespace kafkascope::real
