// A segment whose files hold anything: it opens, is recovered, and then is sound; lookups answer.
// The input is cut into .index, .timeindex, .txnindex and .log by its first three bytes.
#include <cstdlib>

#include "common/logging.h"
#include "log/epoch/leader_epoch_file_cache.h"
#include "log/log_config.h"
#include "log/log_segment.h"
#include "log/producer_state_manager.h"
#include "manual_node.h"
#include "runtime/sim/sim_file_system.h"

namespace kafkascope {
namespace {

class Disk {
 public:
  Disk() : node_("fuzz", {clock_, nothing<Network>(), files, Random(1), nullptr, nullptr}) {
    files.create_directories("/d");
  }
  void put(const char* name, ByteView bytes) {
    files.open(std::string("/d/00000000000000000005") + name, OpenMode::kTruncate)
        ->pwrite(bytes, 0);
  }
  Node& node() { return node_; }

 private:
  template <typename Seam>
  Seam& nothing() {
    return *reinterpret_cast<Seam*>(&nothing_);
  }
  ManualClock clock_;
  alignas(16) char nothing_[16] = {};

 public:
  sim::SimFileSystem files{clock_};

 private:
  Node node_;
};

void require(bool holds) {
  if (!holds) abort();
}

void look_up(const LogSegment& segment) {
  for (const Offset offset : {0, 5, 6, 100, 1 << 20}) {
    try {
      (void)segment.offset_index().lookup(offset);
      (void)segment.read(offset, 1000, segment.size(), true);
      (void)segment.find_offset_by_timestamp(offset, 0);
      (void)segment.read_next_offset();
    } catch (const KafkaException&) {  // what is not sound may be refused
    }
  }
  std::vector<AbortedTransaction> found;
  (void)segment.txn_index().collect_aborted(0, 1000, found);
}

}  // namespace
}  // namespace kafkascope

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace kafkascope;
  if (size < 3) return 0;
  set_log_level(LogLevel::kOff);
  Disk disk;
  ByteView rest(data + 3, size - 3);
  const char* const names[] = {".index", ".timeindex", ".txnindex"};
  for (int i = 0; i < 3; ++i) {
    const size_t part = std::min<size_t>(data[i], rest.size());
    disk.put(names[i], rest.first(part));
    rest = rest.subspan(part);
  }
  disk.put(".log", rest);
  LogConfig config;
  config.max_index_size = 1024;
  config.index_interval = 64;
  LogSegment segment(disk.node(), "/d", 5, config, 0, false);
  (void)segment.tail_check();
  if (segment.sanity_check().empty()) look_up(segment);

  ProducerStateManager producers(disk.node(), {"t", 0}, "/d", INT64_MAX);
  LeaderEpochFileCache epochs(disk.node(), "/d");
  segment.recover(producers, epochs);
  require(segment.sanity_check().empty());
  require(segment.tail_check().empty());
  look_up(segment);
  ProducerStateManager again(disk.node(), {"t", 0}, "/d", INT64_MAX);
  require(segment.recover(again, epochs) == 0);
  return 0;
}
