"""The broker's error codes as exceptions, one class each, under kafka-python's names.

Kafka's own class name stands in each docstring; `errors.for_code` finds a class by its number.
"""

from kafkascope._error_base import (
    AuthorizationError,
    BrokerResponseError,
    InvalidMetadataError,
    RetriableError,
)


class UnknownError(BrokerResponseError):
    """UNKNOWN_SERVER_ERROR (UnknownServerException)."""

    errno = -1


class NoError(BrokerResponseError):
    """NONE."""

    errno = 0


class OffsetOutOfRangeError(BrokerResponseError):
    """OFFSET_OUT_OF_RANGE (OffsetOutOfRangeException)."""

    errno = 1


class CorruptRecordError(RetriableError, BrokerResponseError):
    """CORRUPT_MESSAGE (CorruptRecordException)."""

    errno = 2


class UnknownTopicOrPartitionError(InvalidMetadataError, BrokerResponseError):
    """UNKNOWN_TOPIC_OR_PARTITION (UnknownTopicOrPartitionException)."""

    errno = 3


class InvalidFetchRequestError(BrokerResponseError):
    """INVALID_FETCH_SIZE (InvalidFetchSizeException)."""

    errno = 4


class LeaderNotAvailableError(InvalidMetadataError, BrokerResponseError):
    """LEADER_NOT_AVAILABLE (LeaderNotAvailableException)."""

    errno = 5


class NotLeaderForPartitionError(InvalidMetadataError, BrokerResponseError):
    """NOT_LEADER_OR_FOLLOWER (NotLeaderOrFollowerException)."""

    errno = 6


class RequestTimedOutError(RetriableError, BrokerResponseError):
    """REQUEST_TIMED_OUT (TimeoutException)."""

    errno = 7


class BrokerNotAvailableError(BrokerResponseError):
    """BROKER_NOT_AVAILABLE (BrokerNotAvailableException)."""

    errno = 8


class ReplicaNotAvailableError(InvalidMetadataError, BrokerResponseError):
    """REPLICA_NOT_AVAILABLE (ReplicaNotAvailableException)."""

    errno = 9


class MessageSizeTooLargeError(BrokerResponseError):
    """MESSAGE_TOO_LARGE (RecordTooLargeException)."""

    errno = 10


class StaleControllerEpochError(BrokerResponseError):
    """STALE_CONTROLLER_EPOCH (ControllerMovedException)."""

    errno = 11


class OffsetMetadataTooLargeError(BrokerResponseError):
    """OFFSET_METADATA_TOO_LARGE (OffsetMetadataTooLarge)."""

    errno = 12


class NetworkExceptionError(InvalidMetadataError, BrokerResponseError):
    """NETWORK_EXCEPTION (NetworkException)."""

    errno = 13


class CoordinatorLoadInProgressError(RetriableError, BrokerResponseError):
    """COORDINATOR_LOAD_IN_PROGRESS (CoordinatorLoadInProgressException)."""

    errno = 14


class CoordinatorNotAvailableError(RetriableError, BrokerResponseError):
    """COORDINATOR_NOT_AVAILABLE (CoordinatorNotAvailableException)."""

    errno = 15


class NotCoordinatorError(RetriableError, BrokerResponseError):
    """NOT_COORDINATOR (NotCoordinatorException)."""

    errno = 16


class InvalidTopicError(BrokerResponseError):
    """INVALID_TOPIC_EXCEPTION (InvalidTopicException)."""

    errno = 17


class RecordListTooLargeError(BrokerResponseError):
    """RECORD_LIST_TOO_LARGE (RecordBatchTooLargeException)."""

    errno = 18


class NotEnoughReplicasError(RetriableError, BrokerResponseError):
    """NOT_ENOUGH_REPLICAS (NotEnoughReplicasException)."""

    errno = 19


class NotEnoughReplicasAfterAppendError(RetriableError, BrokerResponseError):
    """NOT_ENOUGH_REPLICAS_AFTER_APPEND (NotEnoughReplicasAfterAppendException)."""

    errno = 20


class InvalidRequiredAcksError(BrokerResponseError):
    """INVALID_REQUIRED_ACKS (InvalidRequiredAcksException)."""

    errno = 21


class IllegalGenerationError(BrokerResponseError):
    """ILLEGAL_GENERATION (IllegalGenerationException)."""

    errno = 22


class InconsistentGroupProtocolError(BrokerResponseError):
    """INCONSISTENT_GROUP_PROTOCOL (InconsistentGroupProtocolException)."""

    errno = 23


class InvalidGroupIdError(BrokerResponseError):
    """INVALID_GROUP_ID (InvalidGroupIdException)."""

    errno = 24


class UnknownMemberIdError(BrokerResponseError):
    """UNKNOWN_MEMBER_ID (UnknownMemberIdException)."""

    errno = 25


class InvalidSessionTimeoutError(BrokerResponseError):
    """INVALID_SESSION_TIMEOUT (InvalidSessionTimeoutException)."""

    errno = 26


class RebalanceInProgressError(BrokerResponseError):
    """REBALANCE_IN_PROGRESS (RebalanceInProgressException)."""

    errno = 27


class InvalidCommitOffsetSizeError(BrokerResponseError):
    """INVALID_COMMIT_OFFSET_SIZE (InvalidCommitOffsetSizeException)."""

    errno = 28


class TopicAuthorizationFailedError(AuthorizationError):
    """TOPIC_AUTHORIZATION_FAILED (TopicAuthorizationException)."""

    errno = 29


class GroupAuthorizationFailedError(AuthorizationError):
    """GROUP_AUTHORIZATION_FAILED (GroupAuthorizationException)."""

    errno = 30


class ClusterAuthorizationFailedError(AuthorizationError):
    """CLUSTER_AUTHORIZATION_FAILED (ClusterAuthorizationException)."""

    errno = 31


class InvalidTimestampError(BrokerResponseError):
    """INVALID_TIMESTAMP (InvalidTimestampException)."""

    errno = 32


class UnsupportedSaslMechanismError(BrokerResponseError):
    """UNSUPPORTED_SASL_MECHANISM (UnsupportedSaslMechanismException)."""

    errno = 33


class IllegalSaslStateError(BrokerResponseError):
    """ILLEGAL_SASL_STATE (IllegalSaslStateException)."""

    errno = 34


class UnsupportedVersionError(BrokerResponseError):
    """UNSUPPORTED_VERSION (UnsupportedVersionException)."""

    errno = 35


class TopicAlreadyExistsError(BrokerResponseError):
    """TOPIC_ALREADY_EXISTS (TopicExistsException)."""

    errno = 36


class InvalidPartitionsError(BrokerResponseError):
    """INVALID_PARTITIONS (InvalidPartitionsException)."""

    errno = 37


class InvalidReplicationFactorError(BrokerResponseError):
    """INVALID_REPLICATION_FACTOR (InvalidReplicationFactorException)."""

    errno = 38


class InvalidReplicationAssignmentError(BrokerResponseError):
    """INVALID_REPLICA_ASSIGNMENT (InvalidReplicaAssignmentException)."""

    errno = 39


class InvalidConfigurationError(BrokerResponseError):
    """INVALID_CONFIG (InvalidConfigurationException)."""

    errno = 40


class NotControllerError(RetriableError, BrokerResponseError):
    """NOT_CONTROLLER (NotControllerException)."""

    errno = 41


class InvalidRequestError(BrokerResponseError):
    """INVALID_REQUEST (InvalidRequestException)."""

    errno = 42


class UnsupportedForMessageFormatError(BrokerResponseError):
    """UNSUPPORTED_FOR_MESSAGE_FORMAT (UnsupportedForMessageFormatException)."""

    errno = 43


class PolicyViolationError(BrokerResponseError):
    """POLICY_VIOLATION (PolicyViolationException)."""

    errno = 44


class OutOfOrderSequenceNumberError(BrokerResponseError):
    """OUT_OF_ORDER_SEQUENCE_NUMBER (OutOfOrderSequenceException)."""

    errno = 45


class DuplicateSequenceNumberError(BrokerResponseError):
    """DUPLICATE_SEQUENCE_NUMBER (DuplicateSequenceException)."""

    errno = 46


class InvalidProducerEpochError(BrokerResponseError):
    """INVALID_PRODUCER_EPOCH (InvalidProducerEpochException)."""

    errno = 47


class InvalidTxnStateError(BrokerResponseError):
    """INVALID_TXN_STATE (InvalidTxnStateException)."""

    errno = 48


class InvalidProducerIdMappingError(BrokerResponseError):
    """INVALID_PRODUCER_ID_MAPPING (InvalidPidMappingException)."""

    errno = 49


class InvalidTransactionTimeoutError(BrokerResponseError):
    """INVALID_TRANSACTION_TIMEOUT (InvalidTxnTimeoutException)."""

    errno = 50


class ConcurrentTransactionsError(RetriableError, BrokerResponseError):
    """CONCURRENT_TRANSACTIONS (ConcurrentTransactionsException)."""

    errno = 51


class TransactionCoordinatorFencedError(BrokerResponseError):
    """TRANSACTION_COORDINATOR_FENCED (TransactionCoordinatorFencedException)."""

    errno = 52


class TransactionalIdAuthorizationFailedError(AuthorizationError):
    """TRANSACTIONAL_ID_AUTHORIZATION_FAILED (TransactionalIdAuthorizationException)."""

    errno = 53


class SecurityDisabledError(BrokerResponseError):
    """SECURITY_DISABLED (SecurityDisabledException)."""

    errno = 54


class OperationNotAttemptedError(BrokerResponseError):
    """OPERATION_NOT_ATTEMPTED (OperationNotAttemptedException)."""

    errno = 55


class KafkaStorageError(InvalidMetadataError, BrokerResponseError):
    """KAFKA_STORAGE_ERROR (KafkaStorageException)."""

    errno = 56


class LogDirNotFoundError(BrokerResponseError):
    """LOG_DIR_NOT_FOUND (LogDirNotFoundException)."""

    errno = 57


class SaslAuthenticationFailedError(BrokerResponseError):
    """SASL_AUTHENTICATION_FAILED (SaslAuthenticationException)."""

    errno = 58


class UnknownProducerIdError(BrokerResponseError):
    """UNKNOWN_PRODUCER_ID (UnknownProducerIdException)."""

    errno = 59


class ReassignmentInProgressError(BrokerResponseError):
    """REASSIGNMENT_IN_PROGRESS (ReassignmentInProgressException)."""

    errno = 60


class DelegationTokenAuthDisabledError(BrokerResponseError):
    """DELEGATION_TOKEN_AUTH_DISABLED (DelegationTokenDisabledException)."""

    errno = 61


class DelegationTokenNotFoundError(BrokerResponseError):
    """DELEGATION_TOKEN_NOT_FOUND (DelegationTokenNotFoundException)."""

    errno = 62


class DelegationTokenOwnerMismatchError(BrokerResponseError):
    """DELEGATION_TOKEN_OWNER_MISMATCH (DelegationTokenOwnerMismatchException)."""

    errno = 63


class DelegationTokenRequestNotAllowedError(BrokerResponseError):
    """DELEGATION_TOKEN_REQUEST_NOT_ALLOWED (UnsupportedByAuthenticationException)."""

    errno = 64


class DelegationTokenAuthorizationFailedError(AuthorizationError):
    """DELEGATION_TOKEN_AUTHORIZATION_FAILED (DelegationTokenAuthorizationException)."""

    errno = 65


class DelegationTokenExpiredError(BrokerResponseError):
    """DELEGATION_TOKEN_EXPIRED (DelegationTokenExpiredException)."""

    errno = 66


class InvalidPrincipalTypeError(BrokerResponseError):
    """INVALID_PRINCIPAL_TYPE (InvalidPrincipalTypeException)."""

    errno = 67


class NonEmptyGroupError(BrokerResponseError):
    """NON_EMPTY_GROUP (GroupNotEmptyException)."""

    errno = 68


class GroupIdNotFoundError(BrokerResponseError):
    """GROUP_ID_NOT_FOUND (GroupIdNotFoundException)."""

    errno = 69


class FetchSessionIdNotFoundError(RetriableError, BrokerResponseError):
    """FETCH_SESSION_ID_NOT_FOUND (FetchSessionIdNotFoundException)."""

    errno = 70


class InvalidFetchSessionEpochError(RetriableError, BrokerResponseError):
    """INVALID_FETCH_SESSION_EPOCH (InvalidFetchSessionEpochException)."""

    errno = 71


class ListenerNotFoundError(InvalidMetadataError, BrokerResponseError):
    """LISTENER_NOT_FOUND (ListenerNotFoundException)."""

    errno = 72


class TopicDeletionDisabledError(BrokerResponseError):
    """TOPIC_DELETION_DISABLED (TopicDeletionDisabledException)."""

    errno = 73


class FencedLeaderEpochError(InvalidMetadataError, BrokerResponseError):
    """FENCED_LEADER_EPOCH (FencedLeaderEpochException)."""

    errno = 74


class UnknownLeaderEpochError(RetriableError, BrokerResponseError):
    """UNKNOWN_LEADER_EPOCH (UnknownLeaderEpochException)."""

    errno = 75


class UnsupportedCompressionTypeError(BrokerResponseError):
    """UNSUPPORTED_COMPRESSION_TYPE (UnsupportedCompressionTypeException)."""

    errno = 76


class StaleBrokerEpochError(BrokerResponseError):
    """STALE_BROKER_EPOCH (StaleBrokerEpochException)."""

    errno = 77


class OffsetNotAvailableError(RetriableError, BrokerResponseError):
    """OFFSET_NOT_AVAILABLE (OffsetNotAvailableException)."""

    errno = 78


class MemberIdRequiredError(BrokerResponseError):
    """MEMBER_ID_REQUIRED (MemberIdRequiredException)."""

    errno = 79


class PreferredLeaderNotAvailableError(InvalidMetadataError, BrokerResponseError):
    """PREFERRED_LEADER_NOT_AVAILABLE (PreferredLeaderNotAvailableException)."""

    errno = 80


class GroupMaxSizeReachedError(BrokerResponseError):
    """GROUP_MAX_SIZE_REACHED (GroupMaxSizeReachedException)."""

    errno = 81


class FencedInstanceIdError(BrokerResponseError):
    """FENCED_INSTANCE_ID (FencedInstanceIdException)."""

    errno = 82


class EligibleLeadersNotAvailableError(InvalidMetadataError, BrokerResponseError):
    """ELIGIBLE_LEADERS_NOT_AVAILABLE (EligibleLeadersNotAvailableException)."""

    errno = 83


class ElectionNotNeededError(InvalidMetadataError, BrokerResponseError):
    """ELECTION_NOT_NEEDED (ElectionNotNeededException)."""

    errno = 84


class NoReassignmentInProgressError(BrokerResponseError):
    """NO_REASSIGNMENT_IN_PROGRESS (NoReassignmentInProgressException)."""

    errno = 85


class GroupSubscribedToTopicError(BrokerResponseError):
    """GROUP_SUBSCRIBED_TO_TOPIC (GroupSubscribedToTopicException)."""

    errno = 86


class InvalidRecordError(BrokerResponseError):
    """INVALID_RECORD (InvalidRecordException)."""

    errno = 87


class UnstableOffsetCommitError(RetriableError, BrokerResponseError):
    """UNSTABLE_OFFSET_COMMIT (UnstableOffsetCommitException)."""

    errno = 88


class ThrottlingQuotaExceededError(RetriableError, BrokerResponseError):
    """THROTTLING_QUOTA_EXCEEDED (ThrottlingQuotaExceededException)."""

    errno = 89


class ProducerFencedError(BrokerResponseError):
    """PRODUCER_FENCED (ProducerFencedException)."""

    errno = 90


class ResourceNotFoundError(BrokerResponseError):
    """RESOURCE_NOT_FOUND (ResourceNotFoundException)."""

    errno = 91


class DuplicateResourceError(BrokerResponseError):
    """DUPLICATE_RESOURCE (DuplicateResourceException)."""

    errno = 92


class UnacceptableCredentialError(BrokerResponseError):
    """UNACCEPTABLE_CREDENTIAL (UnacceptableCredentialException)."""

    errno = 93


class InconsistentVoterSetError(BrokerResponseError):
    """INCONSISTENT_VOTER_SET (InconsistentVoterSetException)."""

    errno = 94


class InvalidUpdateVersionError(BrokerResponseError):
    """INVALID_UPDATE_VERSION (InvalidUpdateVersionException)."""

    errno = 95


class FeatureUpdateFailedError(BrokerResponseError):
    """FEATURE_UPDATE_FAILED (FeatureUpdateFailedException)."""

    errno = 96


class PrincipalDeserializationFailureError(BrokerResponseError):
    """PRINCIPAL_DESERIALIZATION_FAILURE (PrincipalDeserializationException)."""

    errno = 97


class SnapshotNotFoundError(BrokerResponseError):
    """SNAPSHOT_NOT_FOUND (SnapshotNotFoundException)."""

    errno = 98


class PositionOutOfRangeError(BrokerResponseError):
    """POSITION_OUT_OF_RANGE (PositionOutOfRangeException)."""

    errno = 99


class UnknownTopicIdError(InvalidMetadataError, BrokerResponseError):
    """UNKNOWN_TOPIC_ID (UnknownTopicIdException)."""

    errno = 100


class DuplicateBrokerRegistrationError(BrokerResponseError):
    """DUPLICATE_BROKER_REGISTRATION (DuplicateBrokerRegistrationException)."""

    errno = 101


class BrokerIdNotRegisteredError(BrokerResponseError):
    """BROKER_ID_NOT_REGISTERED (BrokerIdNotRegisteredException)."""

    errno = 102


class InconsistentTopicIdError(InvalidMetadataError, BrokerResponseError):
    """INCONSISTENT_TOPIC_ID (InconsistentTopicIdException)."""

    errno = 103


class InconsistentClusterIdError(BrokerResponseError):
    """INCONSISTENT_CLUSTER_ID (InconsistentClusterIdException)."""

    errno = 104


class TransactionalIdNotFoundError(BrokerResponseError):
    """TRANSACTIONAL_ID_NOT_FOUND (TransactionalIdNotFoundException)."""

    errno = 105


class FetchSessionTopicIdError(RetriableError, BrokerResponseError):
    """FETCH_SESSION_TOPIC_ID_ERROR (FetchSessionTopicIdException)."""

    errno = 106


class IneligibleReplicaError(BrokerResponseError):
    """INELIGIBLE_REPLICA (IneligibleReplicaException)."""

    errno = 107


class NewLeaderElectedError(BrokerResponseError):
    """NEW_LEADER_ELECTED (NewLeaderElectedException)."""

    errno = 108


class OffsetMovedToTieredStorageError(BrokerResponseError):
    """OFFSET_MOVED_TO_TIERED_STORAGE (OffsetMovedToTieredStorageException)."""

    errno = 109


class FencedMemberEpochError(BrokerResponseError):
    """FENCED_MEMBER_EPOCH (FencedMemberEpochException)."""

    errno = 110


class UnreleasedInstanceIdError(BrokerResponseError):
    """UNRELEASED_INSTANCE_ID (UnreleasedInstanceIdException)."""

    errno = 111


class UnsupportedAssignorError(BrokerResponseError):
    """UNSUPPORTED_ASSIGNOR (UnsupportedAssignorException)."""

    errno = 112


class StaleMemberEpochError(BrokerResponseError):
    """STALE_MEMBER_EPOCH (StaleMemberEpochException)."""

    errno = 113


class MismatchedEndpointTypeError(BrokerResponseError):
    """MISMATCHED_ENDPOINT_TYPE (MismatchedEndpointTypeException)."""

    errno = 114


class UnsupportedEndpointTypeError(BrokerResponseError):
    """UNSUPPORTED_ENDPOINT_TYPE (UnsupportedEndpointTypeException)."""

    errno = 115


class UnknownControllerIdError(BrokerResponseError):
    """UNKNOWN_CONTROLLER_ID (UnknownControllerIdException)."""

    errno = 116


class UnknownSubscriptionIdError(BrokerResponseError):
    """UNKNOWN_SUBSCRIPTION_ID (UnknownSubscriptionIdException)."""

    errno = 117


class TelemetryTooLargeError(BrokerResponseError):
    """TELEMETRY_TOO_LARGE (TelemetryTooLargeException)."""

    errno = 118


class InvalidRegistrationError(BrokerResponseError):
    """INVALID_REGISTRATION (InvalidRegistrationException)."""

    errno = 119


class TransactionAbortableError(BrokerResponseError):
    """TRANSACTION_ABORTABLE (TransactionAbortableException)."""

    errno = 120


class InvalidRecordStateError(BrokerResponseError):
    """INVALID_RECORD_STATE (InvalidRecordStateException)."""

    errno = 121


class ShareSessionNotFoundError(RetriableError, BrokerResponseError):
    """SHARE_SESSION_NOT_FOUND (ShareSessionNotFoundException)."""

    errno = 122


class InvalidShareSessionEpochError(RetriableError, BrokerResponseError):
    """INVALID_SHARE_SESSION_EPOCH (InvalidShareSessionEpochException)."""

    errno = 123


class FencedStateEpochError(BrokerResponseError):
    """FENCED_STATE_EPOCH (FencedStateEpochException)."""

    errno = 124


class InvalidVoterKeyError(BrokerResponseError):
    """INVALID_VOTER_KEY (InvalidVoterKeyException)."""

    errno = 125


class DuplicateVoterError(BrokerResponseError):
    """DUPLICATE_VOTER (DuplicateVoterException)."""

    errno = 126


class VoterNotFoundError(BrokerResponseError):
    """VOTER_NOT_FOUND (VoterNotFoundException)."""

    errno = 127
