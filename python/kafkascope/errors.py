"""Exceptions, with the names that kafka-python gives them in `kafka.errors`."""

from __future__ import annotations

from kafkascope import _broker_errors
from kafkascope._broker_errors import *  # noqa: F403
from kafkascope._error_base import (
    AuthorizationError,
    BrokerResponseError,
    InvalidMetadataError,
    KafkaError,
    RetriableError,
)

__all__ = [
    "AuthorizationError",
    "BrokerResponseError",
    "IllegalArgumentError",
    "IllegalStateError",
    "InvalidMetadataError",
    "KafkaConfigurationError",
    "KafkaConnectionError",
    "KafkaError",
    "KafkaTimeoutError",
    "NoBrokersAvailable",
    "NoOffsetForPartitionError",
    "RetriableError",
    "for_code",
    *(name for name in vars(_broker_errors) if name.endswith("Error")),
]


class KafkaConfigurationError(KafkaError):
    """A configuration key or value that is not accepted."""


class IllegalStateError(KafkaError):
    """The object is closed, or the call does not fit its state."""


class IllegalArgumentError(KafkaError, ValueError):
    """An argument that can never be right."""


class KafkaTimeoutError(RetriableError):
    """The time given to a call has passed."""


class KafkaConnectionError(InvalidMetadataError):
    """A connection could not be opened, or broke."""


class NoBrokersAvailable(KafkaConnectionError):
    """No bootstrap server answered. Names each address and why it did not."""


class NoOffsetForPartitionError(KafkaError):
    """No position, and `auto_offset_reset` is "none"."""


_BY_CODE: dict[int, type[BrokerResponseError]] = {
    error.errno: error
    for error in vars(_broker_errors).values()
    if isinstance(error, type)
    and issubclass(error, BrokerResponseError)
    and error not in (BrokerResponseError, AuthorizationError)
}


def for_code(code: int) -> type[BrokerResponseError]:
    """The exception class of a Kafka error code; `UnknownError` for a number that Kafka does not list.

    >>> for_code(6).__name__
    'NotLeaderForPartitionError'
    """
    return _BY_CODE.get(code, _BY_CODE[-1])
