// ControllerState: what the controller is busy with, as metrics and pictures show it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace kafkascope {

/// The numbers are Kafka's: the gauge ControllerState shows them.
enum class ControllerState : int8_t {
  kIdle = 0,
  kControllerChange = 1,
  kBrokerChange = 2,
  kTopicChange = 3,
  kTopicDeletion = 4,
  kAlterPartitionReassignment = 5,
  kAutoLeaderBalance = 6,
  kManualLeaderBalance = 7,
  kControlledShutdown = 8,
  kIsrChange = 9,
  kLeaderAndIsrResponseReceived = 10,
  kLogDirChange = 11,
  kControllerShutdown = 12,
  kUncleanLeaderElectionEnable = 13,
  kTopicUncleanLeaderElectionEnable = 14,
  kListPartitionReassignment = 15,
  kUpdateMetadataResponseReceived = 16,
};

/// The timer of a state in kafka.controller:type=ControllerStats; null for those without one.
constexpr std::array<const char*, 17> kRateAndTimeMetrics = {
    nullptr,
    "ControllerChangeRateAndTimeMs",
    "LeaderElectionRateAndTimeMs",
    "TopicChangeRateAndTimeMs",
    "TopicDeletionRateAndTimeMs",
    "PartitionReassignmentRateAndTimeMs",
    "AutoLeaderBalanceRateAndTimeMs",
    "ManualLeaderBalanceRateAndTimeMs",
    "ControlledShutdownRateAndTimeMs",
    "IsrChangeRateAndTimeMs",
    "LeaderAndIsrResponseReceivedRateAndTimeMs",
    "LogDirChangeRateAndTimeMs",
    "ControllerShutdownRateAndTimeMs",
    "UncleanLeaderElectionEnableRateAndTimeMs",
    "TopicUncleanLeaderElectionEnableRateAndTimeMs",
    "ListPartitionReassignmentRateAndTimeMs",
    nullptr,
};

/// "BrokerChange"
constexpr const char* to_string(ControllerState state) {
  constexpr std::array<const char*, 17> kNames = {
      "Idle",
      "ControllerChange",
      "BrokerChange",
      "TopicChange",
      "TopicDeletion",
      "AlterPartitionReassignment",
      "AutoLeaderBalance",
      "ManualLeaderBalance",
      "ControlledShutdown",
      "IsrChange",
      "LeaderAndIsrResponseReceived",
      "LogDirChange",
      "ControllerShutdown",
      "UncleanLeaderElectionEnable",
      "TopicUncleanLeaderElectionEnable",
      "ListPartitionReassignment",
      "UpdateMetadataResponseReceived",
  };
  return kNames[static_cast<size_t>(state)];
}

}  // namespace kafkascope
