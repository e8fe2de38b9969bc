// All handlers, each defined in the file of its family.
#pragma once

#include "server/kafka_apis.h"

namespace kafkascope {

using RequestPtr = std::shared_ptr<Request>;

void handle_api_versions(ApiContext&, const RequestPtr&);  // api_versions.cpp
void handle_metadata(ApiContext&, const RequestPtr&);      // metadata.cpp
void handle_describe_cluster(ApiContext&, const RequestPtr&);
void handle_produce(ApiContext&, const RequestPtr&);       // produce.cpp
void handle_fetch(ApiContext&, const RequestPtr&);         // fetch.cpp
void handle_list_offsets(ApiContext&, const RequestPtr&);  // offsets.cpp
void handle_offset_for_leader_epoch(ApiContext&, const RequestPtr&);
void handle_delete_records(ApiContext&, const RequestPtr&);
void handle_describe_producers(ApiContext&, const RequestPtr&);  // describe_producers.cpp
void handle_create_topics(ApiContext&, const RequestPtr&);       // topics.cpp
void handle_delete_topics(ApiContext&, const RequestPtr&);
void handle_create_partitions(ApiContext&, const RequestPtr&);
void handle_describe_configs(ApiContext&, const RequestPtr&);  // describe_configs.cpp
void handle_alter_configs(ApiContext&, const RequestPtr&);     // alter_configs.cpp
void handle_incremental_alter_configs(ApiContext&, const RequestPtr&);
void handle_alter_replica_log_dirs(ApiContext&, const RequestPtr&);  // log_dirs.cpp
void handle_describe_log_dirs(ApiContext&, const RequestPtr&);       // log_dirs.cpp
void handle_leader_and_isr(ApiContext&, const RequestPtr&);          // from_controller.cpp
void handle_stop_replica(ApiContext&, const RequestPtr&);
void handle_update_metadata(ApiContext&, const RequestPtr&);
void handle_controlled_shutdown(ApiContext&, const RequestPtr&);  // controller.cpp
void handle_alter_partition(ApiContext&, const RequestPtr&);
void handle_allocate_producer_ids(ApiContext&, const RequestPtr&);
void handle_elect_leaders(ApiContext&, const RequestPtr&);                  // elections.cpp
void handle_alter_partition_reassignments(ApiContext&, const RequestPtr&);  // reassignments.cpp
void handle_list_partition_reassignments(ApiContext&, const RequestPtr&);
void handle_init_producer_id(ApiContext&, const RequestPtr&);  // init_producer_id.cpp
// groups.cpp: until there is a coordinator, each says so.
void handle_find_coordinator(ApiContext&, const RequestPtr&);
void handle_join_group(ApiContext&, const RequestPtr&);
void handle_sync_group(ApiContext&, const RequestPtr&);
void handle_heartbeat(ApiContext&, const RequestPtr&);
void handle_leave_group(ApiContext&, const RequestPtr&);
void handle_offset_commit(ApiContext&, const RequestPtr&);
void handle_offset_fetch(ApiContext&, const RequestPtr&);
void handle_describe_groups(ApiContext&, const RequestPtr&);
void handle_list_groups(ApiContext&, const RequestPtr&);
void handle_delete_groups(ApiContext&, const RequestPtr&);

}  // namespace kafkascope
