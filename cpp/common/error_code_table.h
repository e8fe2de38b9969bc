// Kafka's error codes as one table; error_code.h makes the enum and its questions from it.
#pragma once

// X(code, kName, "NAME", "exception class", retriable, metadata is stale)
#define KS_ERROR_CODES(X)                                                                          \
  X(-1, kUnknownServerError, "UNKNOWN_SERVER_ERROR", "UnknownServerException", false, false)       \
  X(0, kNone, "NONE", "", false, false)                                                            \
  X(1, kOffsetOutOfRange, "OFFSET_OUT_OF_RANGE", "OffsetOutOfRangeException", false, false)        \
  X(2, kCorruptMessage, "CORRUPT_MESSAGE", "CorruptRecordException", true, false)                  \
  X(3, kUnknownTopicOrPartition, "UNKNOWN_TOPIC_OR_PARTITION", "UnknownTopicOrPartitionException", \
    true, true)                                                                                    \
  X(4, kInvalidFetchSize, "INVALID_FETCH_SIZE", "InvalidFetchSizeException", false, false)         \
  X(5, kLeaderNotAvailable, "LEADER_NOT_AVAILABLE", "LeaderNotAvailableException", true, true)     \
  X(6, kNotLeaderOrFollower, "NOT_LEADER_OR_FOLLOWER", "NotLeaderOrFollowerException", true, true) \
  X(7, kRequestTimedOut, "REQUEST_TIMED_OUT", "TimeoutException", true, false)                     \
  X(8, kBrokerNotAvailable, "BROKER_NOT_AVAILABLE", "BrokerNotAvailableException", false, false)   \
  X(9, kReplicaNotAvailable, "REPLICA_NOT_AVAILABLE", "ReplicaNotAvailableException", true, true)  \
  X(10, kMessageTooLarge, "MESSAGE_TOO_LARGE", "RecordTooLargeException", false, false)            \
  X(11, kStaleControllerEpoch, "STALE_CONTROLLER_EPOCH", "ControllerMovedException", false, false) \
  X(12, kOffsetMetadataTooLarge, "OFFSET_METADATA_TOO_LARGE", "OffsetMetadataTooLarge", false,     \
    false)                                                                                         \
  X(13, kNetworkException, "NETWORK_EXCEPTION", "NetworkException", true, true)                    \
  X(14, kCoordinatorLoadInProgress, "COORDINATOR_LOAD_IN_PROGRESS",                                \
    "CoordinatorLoadInProgressException", true, false)                                             \
  X(15, kCoordinatorNotAvailable, "COORDINATOR_NOT_AVAILABLE", "CoordinatorNotAvailableException", \
    true, false)                                                                                   \
  X(16, kNotCoordinator, "NOT_COORDINATOR", "NotCoordinatorException", true, false)                \
  X(17, kInvalidTopicException, "INVALID_TOPIC_EXCEPTION", "InvalidTopicException", false, false)  \
  X(18, kRecordListTooLarge, "RECORD_LIST_TOO_LARGE", "RecordBatchTooLargeException", false,       \
    false)                                                                                         \
  X(19, kNotEnoughReplicas, "NOT_ENOUGH_REPLICAS", "NotEnoughReplicasException", true, false)      \
  X(20, kNotEnoughReplicasAfterAppend, "NOT_ENOUGH_REPLICAS_AFTER_APPEND",                         \
    "NotEnoughReplicasAfterAppendException", true, false)                                          \
  X(21, kInvalidRequiredAcks, "INVALID_REQUIRED_ACKS", "InvalidRequiredAcksException", false,      \
    false)                                                                                         \
  X(22, kIllegalGeneration, "ILLEGAL_GENERATION", "IllegalGenerationException", false, false)      \
  X(23, kInconsistentGroupProtocol, "INCONSISTENT_GROUP_PROTOCOL",                                 \
    "InconsistentGroupProtocolException", false, false)                                            \
  X(24, kInvalidGroupId, "INVALID_GROUP_ID", "InvalidGroupIdException", false, false)              \
  X(25, kUnknownMemberId, "UNKNOWN_MEMBER_ID", "UnknownMemberIdException", false, false)           \
  X(26, kInvalidSessionTimeout, "INVALID_SESSION_TIMEOUT", "InvalidSessionTimeoutException",       \
    false, false)                                                                                  \
  X(27, kRebalanceInProgress, "REBALANCE_IN_PROGRESS", "RebalanceInProgressException", false,      \
    false)                                                                                         \
  X(28, kInvalidCommitOffsetSize, "INVALID_COMMIT_OFFSET_SIZE",                                    \
    "InvalidCommitOffsetSizeException", false, false)                                              \
  X(29, kTopicAuthorizationFailed, "TOPIC_AUTHORIZATION_FAILED", "TopicAuthorizationException",    \
    false, false)                                                                                  \
  X(30, kGroupAuthorizationFailed, "GROUP_AUTHORIZATION_FAILED", "GroupAuthorizationException",    \
    false, false)                                                                                  \
  X(31, kClusterAuthorizationFailed, "CLUSTER_AUTHORIZATION_FAILED",                               \
    "ClusterAuthorizationException", false, false)                                                 \
  X(32, kInvalidTimestamp, "INVALID_TIMESTAMP", "InvalidTimestampException", false, false)         \
  X(33, kUnsupportedSaslMechanism, "UNSUPPORTED_SASL_MECHANISM",                                   \
    "UnsupportedSaslMechanismException", false, false)                                             \
  X(34, kIllegalSaslState, "ILLEGAL_SASL_STATE", "IllegalSaslStateException", false, false)        \
  X(35, kUnsupportedVersion, "UNSUPPORTED_VERSION", "UnsupportedVersionException", false, false)   \
  X(36, kTopicAlreadyExists, "TOPIC_ALREADY_EXISTS", "TopicExistsException", false, false)         \
  X(37, kInvalidPartitions, "INVALID_PARTITIONS", "InvalidPartitionsException", false, false)      \
  X(38, kInvalidReplicationFactor, "INVALID_REPLICATION_FACTOR",                                   \
    "InvalidReplicationFactorException", false, false)                                             \
  X(39, kInvalidReplicaAssignment, "INVALID_REPLICA_ASSIGNMENT",                                   \
    "InvalidReplicaAssignmentException", false, false)                                             \
  X(40, kInvalidConfig, "INVALID_CONFIG", "InvalidConfigurationException", false, false)           \
  X(41, kNotController, "NOT_CONTROLLER", "NotControllerException", true, false)                   \
  X(42, kInvalidRequest, "INVALID_REQUEST", "InvalidRequestException", false, false)               \
  X(43, kUnsupportedForMessageFormat, "UNSUPPORTED_FOR_MESSAGE_FORMAT",                            \
    "UnsupportedForMessageFormatException", false, false)                                          \
  X(44, kPolicyViolation, "POLICY_VIOLATION", "PolicyViolationException", false, false)            \
  X(45, kOutOfOrderSequenceNumber, "OUT_OF_ORDER_SEQUENCE_NUMBER", "OutOfOrderSequenceException",  \
    false, false)                                                                                  \
  X(46, kDuplicateSequenceNumber, "DUPLICATE_SEQUENCE_NUMBER", "DuplicateSequenceException",       \
    false, false)                                                                                  \
  X(47, kInvalidProducerEpoch, "INVALID_PRODUCER_EPOCH", "InvalidProducerEpochException", false,   \
    false)                                                                                         \
  X(48, kInvalidTxnState, "INVALID_TXN_STATE", "InvalidTxnStateException", false, false)           \
  X(49, kInvalidProducerIdMapping, "INVALID_PRODUCER_ID_MAPPING", "InvalidPidMappingException",    \
    false, false)                                                                                  \
  X(50, kInvalidTransactionTimeout, "INVALID_TRANSACTION_TIMEOUT", "InvalidTxnTimeoutException",   \
    false, false)                                                                                  \
  X(51, kConcurrentTransactions, "CONCURRENT_TRANSACTIONS", "ConcurrentTransactionsException",     \
    true, false)                                                                                   \
  X(52, kTransactionCoordinatorFenced, "TRANSACTION_COORDINATOR_FENCED",                           \
    "TransactionCoordinatorFencedException", false, false)                                         \
  X(53, kTransactionalIdAuthorizationFailed, "TRANSACTIONAL_ID_AUTHORIZATION_FAILED",              \
    "TransactionalIdAuthorizationException", false, false)                                         \
  X(54, kSecurityDisabled, "SECURITY_DISABLED", "SecurityDisabledException", false, false)         \
  X(55, kOperationNotAttempted, "OPERATION_NOT_ATTEMPTED", "OperationNotAttemptedException",       \
    false, false)                                                                                  \
  X(56, kKafkaStorageError, "KAFKA_STORAGE_ERROR", "KafkaStorageException", true, true)            \
  X(57, kLogDirNotFound, "LOG_DIR_NOT_FOUND", "LogDirNotFoundException", false, false)             \
  X(58, kSaslAuthenticationFailed, "SASL_AUTHENTICATION_FAILED", "SaslAuthenticationException",    \
    false, false)                                                                                  \
  X(59, kUnknownProducerId, "UNKNOWN_PRODUCER_ID", "UnknownProducerIdException", false, false)     \
  X(60, kReassignmentInProgress, "REASSIGNMENT_IN_PROGRESS", "ReassignmentInProgressException",    \
    false, false)                                                                                  \
  X(61, kDelegationTokenAuthDisabled, "DELEGATION_TOKEN_AUTH_DISABLED",                            \
    "DelegationTokenDisabledException", false, false)                                              \
  X(62, kDelegationTokenNotFound, "DELEGATION_TOKEN_NOT_FOUND",                                    \
    "DelegationTokenNotFoundException", false, false)                                              \
  X(63, kDelegationTokenOwnerMismatch, "DELEGATION_TOKEN_OWNER_MISMATCH",                          \
    "DelegationTokenOwnerMismatchException", false, false)                                         \
  X(64, kDelegationTokenRequestNotAllowed, "DELEGATION_TOKEN_REQUEST_NOT_ALLOWED",                 \
    "UnsupportedByAuthenticationException", false, false)                                          \
  X(65, kDelegationTokenAuthorizationFailed, "DELEGATION_TOKEN_AUTHORIZATION_FAILED",              \
    "DelegationTokenAuthorizationException", false, false)                                         \
  X(66, kDelegationTokenExpired, "DELEGATION_TOKEN_EXPIRED", "DelegationTokenExpiredException",    \
    false, false)                                                                                  \
  X(67, kInvalidPrincipalType, "INVALID_PRINCIPAL_TYPE", "InvalidPrincipalTypeException", false,   \
    false)                                                                                         \
  X(68, kNonEmptyGroup, "NON_EMPTY_GROUP", "GroupNotEmptyException", false, false)                 \
  X(69, kGroupIdNotFound, "GROUP_ID_NOT_FOUND", "GroupIdNotFoundException", false, false)          \
  X(70, kFetchSessionIdNotFound, "FETCH_SESSION_ID_NOT_FOUND", "FetchSessionIdNotFoundException",  \
    true, false)                                                                                   \
  X(71, kInvalidFetchSessionEpoch, "INVALID_FETCH_SESSION_EPOCH",                                  \
    "InvalidFetchSessionEpochException", true, false)                                              \
  X(72, kListenerNotFound, "LISTENER_NOT_FOUND", "ListenerNotFoundException", true, true)          \
  X(73, kTopicDeletionDisabled, "TOPIC_DELETION_DISABLED", "TopicDeletionDisabledException",       \
    false, false)                                                                                  \
  X(74, kFencedLeaderEpoch, "FENCED_LEADER_EPOCH", "FencedLeaderEpochException", true, true)       \
  X(75, kUnknownLeaderEpoch, "UNKNOWN_LEADER_EPOCH", "UnknownLeaderEpochException", true, false)   \
  X(76, kUnsupportedCompressionType, "UNSUPPORTED_COMPRESSION_TYPE",                               \
    "UnsupportedCompressionTypeException", false, false)                                           \
  X(77, kStaleBrokerEpoch, "STALE_BROKER_EPOCH", "StaleBrokerEpochException", false, false)        \
  X(78, kOffsetNotAvailable, "OFFSET_NOT_AVAILABLE", "OffsetNotAvailableException", true, false)   \
  X(79, kMemberIdRequired, "MEMBER_ID_REQUIRED", "MemberIdRequiredException", false, false)        \
  X(80, kPreferredLeaderNotAvailable, "PREFERRED_LEADER_NOT_AVAILABLE",                            \
    "PreferredLeaderNotAvailableException", true, true)                                            \
  X(81, kGroupMaxSizeReached, "GROUP_MAX_SIZE_REACHED", "GroupMaxSizeReachedException", false,     \
    false)                                                                                         \
  X(82, kFencedInstanceId, "FENCED_INSTANCE_ID", "FencedInstanceIdException", false, false)        \
  X(83, kEligibleLeadersNotAvailable, "ELIGIBLE_LEADERS_NOT_AVAILABLE",                            \
    "EligibleLeadersNotAvailableException", true, true)                                            \
  X(84, kElectionNotNeeded, "ELECTION_NOT_NEEDED", "ElectionNotNeededException", true, true)       \
  X(85, kNoReassignmentInProgress, "NO_REASSIGNMENT_IN_PROGRESS",                                  \
    "NoReassignmentInProgressException", false, false)                                             \
  X(86, kGroupSubscribedToTopic, "GROUP_SUBSCRIBED_TO_TOPIC", "GroupSubscribedToTopicException",   \
    false, false)                                                                                  \
  X(87, kInvalidRecord, "INVALID_RECORD", "InvalidRecordException", false, false)                  \
  X(88, kUnstableOffsetCommit, "UNSTABLE_OFFSET_COMMIT", "UnstableOffsetCommitException", true,    \
    false)                                                                                         \
  X(89, kThrottlingQuotaExceeded, "THROTTLING_QUOTA_EXCEEDED", "ThrottlingQuotaExceededException", \
    true, false)                                                                                   \
  X(90, kProducerFenced, "PRODUCER_FENCED", "ProducerFencedException", false, false)               \
  X(91, kResourceNotFound, "RESOURCE_NOT_FOUND", "ResourceNotFoundException", false, false)        \
  X(92, kDuplicateResource, "DUPLICATE_RESOURCE", "DuplicateResourceException", false, false)      \
  X(93, kUnacceptableCredential, "UNACCEPTABLE_CREDENTIAL", "UnacceptableCredentialException",     \
    false, false)                                                                                  \
  X(94, kInconsistentVoterSet, "INCONSISTENT_VOTER_SET", "InconsistentVoterSetException", false,   \
    false)                                                                                         \
  X(95, kInvalidUpdateVersion, "INVALID_UPDATE_VERSION", "InvalidUpdateVersionException", false,   \
    false)                                                                                         \
  X(96, kFeatureUpdateFailed, "FEATURE_UPDATE_FAILED", "FeatureUpdateFailedException", false,      \
    false)                                                                                         \
  X(97, kPrincipalDeserializationFailure, "PRINCIPAL_DESERIALIZATION_FAILURE",                     \
    "PrincipalDeserializationException", false, false)                                             \
  X(98, kSnapshotNotFound, "SNAPSHOT_NOT_FOUND", "SnapshotNotFoundException", false, false)        \
  X(99, kPositionOutOfRange, "POSITION_OUT_OF_RANGE", "PositionOutOfRangeException", false, false) \
  X(100, kUnknownTopicId, "UNKNOWN_TOPIC_ID", "UnknownTopicIdException", true, true)               \
  X(101, kDuplicateBrokerRegistration, "DUPLICATE_BROKER_REGISTRATION",                            \
    "DuplicateBrokerRegistrationException", false, false)                                          \
  X(102, kBrokerIdNotRegistered, "BROKER_ID_NOT_REGISTERED", "BrokerIdNotRegisteredException",     \
    false, false)                                                                                  \
  X(103, kInconsistentTopicId, "INCONSISTENT_TOPIC_ID", "InconsistentTopicIdException", true,      \
    true)                                                                                          \
  X(104, kInconsistentClusterId, "INCONSISTENT_CLUSTER_ID", "InconsistentClusterIdException",      \
    false, false)                                                                                  \
  X(105, kTransactionalIdNotFound, "TRANSACTIONAL_ID_NOT_FOUND",                                   \
    "TransactionalIdNotFoundException", false, false)                                              \
  X(106, kFetchSessionTopicIdError, "FETCH_SESSION_TOPIC_ID_ERROR",                                \
    "FetchSessionTopicIdException", true, false)                                                   \
  X(107, kIneligibleReplica, "INELIGIBLE_REPLICA", "IneligibleReplicaException", false, false)     \
  X(108, kNewLeaderElected, "NEW_LEADER_ELECTED", "NewLeaderElectedException", false, false)       \
  X(109, kOffsetMovedToTieredStorage, "OFFSET_MOVED_TO_TIERED_STORAGE",                            \
    "OffsetMovedToTieredStorageException", false, false)                                           \
  X(110, kFencedMemberEpoch, "FENCED_MEMBER_EPOCH", "FencedMemberEpochException", false, false)    \
  X(111, kUnreleasedInstanceId, "UNRELEASED_INSTANCE_ID", "UnreleasedInstanceIdException", false,  \
    false)                                                                                         \
  X(112, kUnsupportedAssignor, "UNSUPPORTED_ASSIGNOR", "UnsupportedAssignorException", false,      \
    false)                                                                                         \
  X(113, kStaleMemberEpoch, "STALE_MEMBER_EPOCH", "StaleMemberEpochException", false, false)       \
  X(114, kMismatchedEndpointType, "MISMATCHED_ENDPOINT_TYPE", "MismatchedEndpointTypeException",   \
    false, false)                                                                                  \
  X(115, kUnsupportedEndpointType, "UNSUPPORTED_ENDPOINT_TYPE",                                    \
    "UnsupportedEndpointTypeException", false, false)                                              \
  X(116, kUnknownControllerId, "UNKNOWN_CONTROLLER_ID", "UnknownControllerIdException", false,     \
    false)                                                                                         \
  X(117, kUnknownSubscriptionId, "UNKNOWN_SUBSCRIPTION_ID", "UnknownSubscriptionIdException",      \
    false, false)                                                                                  \
  X(118, kTelemetryTooLarge, "TELEMETRY_TOO_LARGE", "TelemetryTooLargeException", false, false)    \
  X(119, kInvalidRegistration, "INVALID_REGISTRATION", "InvalidRegistrationException", false,      \
    false)                                                                                         \
  X(120, kTransactionAbortable, "TRANSACTION_ABORTABLE", "TransactionAbortableException", false,   \
    false)                                                                                         \
  X(121, kInvalidRecordState, "INVALID_RECORD_STATE", "InvalidRecordStateException", false, false) \
  X(122, kShareSessionNotFound, "SHARE_SESSION_NOT_FOUND", "ShareSessionNotFoundException", true,  \
    false)                                                                                         \
  X(123, kInvalidShareSessionEpoch, "INVALID_SHARE_SESSION_EPOCH",                                 \
    "InvalidShareSessionEpochException", true, false)                                              \
  X(124, kFencedStateEpoch, "FENCED_STATE_EPOCH", "FencedStateEpochException", false, false)       \
  X(125, kInvalidVoterKey, "INVALID_VOTER_KEY", "InvalidVoterKeyException", false, false)          \
  X(126, kDuplicateVoter, "DUPLICATE_VOTER", "DuplicateVoterException", false, false)              \
  X(127, kVoterNotFound, "VOTER_NOT_FOUND", "VoterNotFoundException", false, false)
