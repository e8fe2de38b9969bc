"""What ZooKeeper answers when a request fails, under its own names."""

from __future__ import annotations

from kafkascope._error_base import KafkaError, RetriableError

__all__ = [
    "BadArgumentsError",
    "BadVersionError",
    "ConnectionLossError",
    "InvalidACLError",
    "NoAuthError",
    "NoChildrenForEphemeralsError",
    "NoNodeError",
    "NodeExistsError",
    "NotEmptyError",
    "RolledBackError",
    "SessionExpiredError",
    "ZooKeeperError",
    "for_name",
]


class ZooKeeperError(KafkaError):
    """ZooKeeper refused a request, or could not answer it."""


class NoNodeError(ZooKeeperError):
    """There is no such znode, or no parent for a new one."""


class NodeExistsError(ZooKeeperError):
    """There is such a znode already."""


class BadVersionError(ZooKeeperError):
    """The znode has another version than the one that was asked for."""


class NotEmptyError(ZooKeeperError):
    """The znode has children."""


class NoChildrenForEphemeralsError(ZooKeeperError):
    """An ephemeral znode can have no children."""


class NoAuthError(ZooKeeperError):
    """The znode's ACL does not allow it."""


class InvalidACLError(ZooKeeperError):
    """The ACL is not one."""


class BadArgumentsError(ZooKeeperError):
    """The path or another argument is not accepted."""


class RolledBackError(ZooKeeperError):
    """Another operation of the same multi failed."""


class ConnectionLossError(ZooKeeperError, RetriableError):
    """The connection broke: the request was done, or it was not."""


class SessionExpiredError(ZooKeeperError):
    """The session is over, and its ephemeral znodes with it."""


_BY_NAME: dict[str, type[ZooKeeperError]] = {
    "NoNode": NoNodeError,
    "NodeExists": NodeExistsError,
    "BadVersion": BadVersionError,
    "NotEmpty": NotEmptyError,
    "NoChildrenForEphemerals": NoChildrenForEphemeralsError,
    "NoAuth": NoAuthError,
    "InvalidACL": InvalidACLError,
    "BadArguments": BadArgumentsError,
    "RuntimeInconsistency": RolledBackError,
    "ConnectionLoss": ConnectionLossError,
    "SessionExpired": SessionExpiredError,
}


def for_name(name: str) -> type[ZooKeeperError]:
    """The class of one of ZooKeeper's error names; `ZooKeeperError` itself for those without a class.

    >>> for_name("NoNode").__name__
    'NoNodeError'
    """
    return _BY_NAME.get(name, ZooKeeperError)
