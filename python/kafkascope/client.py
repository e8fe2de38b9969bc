"""What producer, consumer and admin client share: their arguments, and the words for a bootstrap that failed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from kafkascope.config import kafka_config
from kafkascope.errors import KafkaError, NoBrokersAvailable


class _Connected(Protocol):
    def close(self, timeout: float | None) -> None: ...


def split_arguments(
    kind: str, configs: Mapping[str, Any], own: Sequence[str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """The arguments that Python keeps (`own`, and the runtime of a simulation), and Kafka's settings."""
    kept = {name: configs[name] for name in (*own, "runtime") if name in configs}
    settings = kafka_config(
        kind, {name: value for name, value in configs.items() if name not in kept}
    )
    settings.setdefault("bootstrap.servers", "localhost:9092")
    return kept, settings


@contextmanager
def bootstrap_failure(client: _Connected) -> Iterator[None]:
    """Closes the client when its first contact fails, and says what a person can do."""
    try:
        yield
    except NoBrokersAvailable as error:
        client.close(0)
        raise NoBrokersAvailable(
            f"{error.args[0]}; is a cluster running? `kafkascope start`"
        ) from None
    except KafkaError:
        client.close(0)
        raise
