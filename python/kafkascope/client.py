"""What producer, consumer and admin client share: their arguments, and the words for a bootstrap that failed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Protocol, TypeVar

from kafkascope.config import kafka_config
from kafkascope.errors import IllegalStateError, KafkaError, NoBrokersAvailable

RealT = TypeVar("RealT")
SimT = TypeVar("SimT")
ClientT = TypeVar("ClientT", bound="Client")


class _Connected(Protocol):
    @property
    def client_id(self) -> str: ...

    def close(self, timeout: float | None) -> None: ...


class Client(ABC):
    """Closes itself at the end of a `with`; its repr names its client.id."""

    _core: _Connected
    _closed = False

    @abstractmethod
    def close(self) -> None:
        """Ends the client's work; a second time does nothing."""

    def __enter__(self: ClientT) -> ClientT:
        if self._closed:
            raise IllegalStateError(f"this {type(self).__name__} is closed")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({'closed' if self._closed else self._core.client_id})"


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


def make_core(
    real: Callable[..., RealT],
    simulated: Callable[..., SimT],
    own: Mapping[str, Any],
    settings: Mapping[str, str],
    *more: Any,
) -> RealT | SimT:
    """The core's client: on this process's sockets, or, with a runtime, on a node of that simulation."""
    if "runtime" in own:
        simulation, node = own["runtime"]
        return simulated(simulation, node, settings, *more)
    return real(settings, *more)


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
