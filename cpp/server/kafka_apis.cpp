#include "server/kafka_apis.h"

#include "common/logging.h"
#include "server/handlers/handlers.h"

namespace kafkascope {

KafkaApis::Handler KafkaApis::handler_of(protocol::ApiKey key) {
  using protocol::ApiKey;
  switch (key) {
    case ApiKey::kApiVersions:
      return handle_api_versions;
    case ApiKey::kMetadata:
      return handle_metadata;
    case ApiKey::kProduce:
      return handle_produce;
    case ApiKey::kFetch:
      return handle_fetch;
    case ApiKey::kListOffsets:
      return handle_list_offsets;
    case ApiKey::kOffsetForLeaderEpoch:
      return handle_offset_for_leader_epoch;
    case ApiKey::kCreateTopics:
      return handle_create_topics;
    case ApiKey::kDeleteTopics:
      return handle_delete_topics;
    case ApiKey::kCreatePartitions:
      return handle_create_partitions;
    case ApiKey::kDeleteRecords:
      return handle_delete_records;
    case ApiKey::kDescribeConfigs:
      return handle_describe_configs;
    case ApiKey::kAlterConfigs:
      return handle_alter_configs;
    case ApiKey::kIncrementalAlterConfigs:
      return handle_incremental_alter_configs;
    case ApiKey::kDescribeCluster:
      return handle_describe_cluster;
    case ApiKey::kAlterReplicaLogDirs:
      return handle_alter_replica_log_dirs;
    case ApiKey::kDescribeLogDirs:
      return handle_describe_log_dirs;
    case ApiKey::kDescribeProducers:
      return handle_describe_producers;
    case ApiKey::kLeaderAndIsr:
      return handle_leader_and_isr;
    case ApiKey::kStopReplica:
      return handle_stop_replica;
    case ApiKey::kUpdateMetadata:
      return handle_update_metadata;
    case ApiKey::kControlledShutdown:
      return handle_controlled_shutdown;
    case ApiKey::kAlterPartition:
      return handle_alter_partition;
    case ApiKey::kAllocateProducerIds:
      return handle_allocate_producer_ids;
    case ApiKey::kElectLeaders:
      return handle_elect_leaders;
    case ApiKey::kAlterPartitionReassignments:
      return handle_alter_partition_reassignments;
    case ApiKey::kListPartitionReassignments:
      return handle_list_partition_reassignments;
    case ApiKey::kInitProducerId:
      return handle_init_producer_id;
    case ApiKey::kFindCoordinator:
      return handle_find_coordinator;
    case ApiKey::kJoinGroup:
      return handle_join_group;
    case ApiKey::kSyncGroup:
      return handle_sync_group;
    case ApiKey::kHeartbeat:
      return handle_heartbeat;
    case ApiKey::kLeaveGroup:
      return handle_leave_group;
    case ApiKey::kOffsetCommit:
      return handle_offset_commit;
    case ApiKey::kOffsetFetch:
      return handle_offset_fetch;
    case ApiKey::kDescribeGroups:
      return handle_describe_groups;
    case ApiKey::kListGroups:
      return handle_list_groups;
    case ApiKey::kDeleteGroups:
      return handle_delete_groups;
    default:
      return nullptr;
  }
}

void KafkaApis::handle(const std::shared_ptr<Request>& request) {
  const Handler handler = handler_of(request->key());
  try {
    if (handler == nullptr) {
      throw KafkaException(ErrorCode::kUnsupportedVersion, "this broker does not serve the API");
    }
    handler(context_, request);
  } catch (const KafkaException& e) {
    KS_LOG(kWarn, context_.node.name(), "closing connection {}: {} v{}: {}", request->connection_id,
           request->parsed.api->name, request->version(), e.what());
    context_.channel.close_connection(request);
  }
  request->completed = context_.node.clock().monotonic();
}

}  // namespace kafkascope
