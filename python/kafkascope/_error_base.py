"""The families that the exceptions of kafkascope belong to."""

from __future__ import annotations

from typing import ClassVar


class KafkaError(Exception):
    """Anything that goes wrong in Kafka. `retriable`: may the same call succeed later, unchanged?"""

    retriable: ClassVar[bool] = False
    invalid_metadata: ClassVar[bool] = False

    def __str__(self) -> str:
        """The class's name and the message, as kafka-python prints them."""
        if not self.args:
            return type(self).__name__
        return f"{type(self).__name__}: {super().__str__()}"


class RetriableError(KafkaError):
    """May succeed when tried again."""

    retriable = True


class InvalidMetadataError(RetriableError):
    """What the client knows of the cluster is stale: it asks again and retries."""

    invalid_metadata = True


class BrokerResponseError(KafkaError):
    """A broker answered with an error code (`errno`)."""

    errno: ClassVar[int] = -1


class AuthorizationError(BrokerResponseError):
    """The principal may not do this."""
