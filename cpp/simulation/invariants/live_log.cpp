#include "simulation/invariants/live_log.h"

#include <algorithm>

#include "log/log_file_names.h"
#include "replication/replica_manager.h"
#include "server/kafka_server.h"
#include "simulation/invariants/event_fields.h"

namespace kafkascope {

std::shared_ptr<Log> live_log(Simulation& simulation, const TraceEvent& event) {
  if (!simulation.is_running(event.node)) return nullptr;
  KafkaServer* const server = simulation.process(event.node).server;
  const auto partition = parse_topic_partition_name(text(event, "partition"));
  if (server == nullptr || !server->is_started() || !partition) return nullptr;
  return server->replica_manager().log_manager().get_log(*partition);
}

ByteView segment_bytes(Simulation& simulation, const std::string& node, const std::string& dir,
                       Offset base_offset, int64_t position, int64_t size) {
  const std::string path = log_file_path(dir, base_offset, kLogSuffix);
  const ByteBuffer* const content = simulation.runtime().disk(node).content(path);
  const int64_t there = content == nullptr ? 0 : static_cast<int64_t>(content->size());
  if (position >= there) return {};
  return ByteView(*content).subspan(static_cast<size_t>(position),
                                    static_cast<size_t>(std::min(size, there - position)));
}

}  // namespace kafkascope
