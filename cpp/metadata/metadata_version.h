// MetadataVersion: what inter.broker.protocol.version allows brokers to say to each other.
#pragma once

#include <string>

#include "common/types.h"

namespace kafkascope {

/// Kafka's MetadataVersion (ApiVersion before 3.3), in the order of the releases: compare with <.
enum class MetadataVersion : int16_t {
  k0_8_0,
  k0_8_1,
  k0_8_2,
  k0_9_0,
  k0_10_0_Iv0,
  k0_10_0_Iv1,
  k0_10_1_Iv0,
  k0_10_1_Iv1,
  k0_10_1_Iv2,
  k0_10_2_Iv0,
  k0_11_0_Iv0,
  k0_11_0_Iv1,
  k0_11_0_Iv2,
  k1_0_Iv0,
  k1_1_Iv0,
  k2_0_Iv0,
  k2_0_Iv1,
  k2_1_Iv0,
  k2_1_Iv1,
  k2_1_Iv2,
  k2_2_Iv0,
  k2_2_Iv1,
  k2_3_Iv0,
  k2_3_Iv1,
  k2_4_Iv0,
  k2_4_Iv1,
  k2_5_Iv0,
  k2_6_Iv0,
  k2_7_Iv0,
  k2_7_Iv1,
  k2_7_Iv2,
  k2_8_Iv0,
  k2_8_Iv1,
  k3_0_Iv0,
  k3_0_Iv1,
  k3_1_Iv0,
  k3_2_Iv0,
  k3_3_Iv0,
  k3_3_Iv1,
  k3_3_Iv2,
  k3_3_Iv3,
  k3_4_Iv0,
  k3_5_Iv0,
  k3_5_Iv1,
  k3_5_Iv2,
  k3_6_Iv0,
  k3_6_Iv1,
  k3_6_Iv2,
  k3_7_Iv0,
  k3_7_Iv1,
  k3_7_Iv2,
  k3_7_Iv3,
  k3_7_Iv4,
  k3_8_Iv0,
  k3_9_Iv0,
};

inline constexpr MetadataVersion kLatestZkVersion = MetadataVersion::k3_9_Iv0;

/// "3.9-IV0"
std::string to_string(MetadataVersion version);
/// Also short forms: "0.10.2" and "3.9" are the last of their release. Throws ConfigException.
MetadataVersion parse_metadata_version(const std::string& text);

/// What a version may do, and at which request version.
struct ProtocolFeatures {
  MetadataVersion version = kLatestZkVersion;

  /// KIP-101: followers truncate by leader epoch. Below, by their high watermark: records can be
  /// lost and logs diverge.
  bool truncates_by_epoch() const { return version >= MetadataVersion::k0_11_0_Iv2; }
  /// KIP-279: OffsetsForLeaderEpoch also answers the epoch that the end offset belongs to.
  bool epoch_in_offset_for_leader_epoch() const { return version >= MetadataVersion::k2_0_Iv0; }
  /// KIP-595: the leader tells a follower in the fetch itself that it diverges.
  bool truncates_on_fetch() const { return version >= MetadataVersion::k2_7_Iv1; }
  /// KIP-497: the ISR is changed through the controller (AlterPartition). Below, the leader writes
  /// it to ZooKeeper and leaves a notification.
  bool alter_partition() const { return version >= MetadataVersion::k2_7_Iv2; }
  /// KIP-516.
  bool topic_ids() const { return version >= MetadataVersion::k2_8_Iv1; }
  /// KIP-380.
  bool broker_epochs() const { return version >= MetadataVersion::k2_2_Iv0; }
  /// KIP-730.
  bool allocate_producer_ids() const { return version >= MetadataVersion::k3_0_Iv0; }

  int16_t fetch_version() const;
  int16_t offset_for_leader_epoch_version() const;
  int16_t list_offsets_version() const;
  int16_t leader_and_isr_version() const;
  int16_t stop_replica_version() const;
  int16_t update_metadata_version() const;
};

}  // namespace kafkascope
