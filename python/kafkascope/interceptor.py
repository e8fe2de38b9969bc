"""Interceptors: a program's own view of every record that a client sends or returns.

>>> class Count(ProducerInterceptor):
...     sent = 0
...     def on_send(self, record):
...         self.sent += 1
...         return record
>>> producer = KafkaProducer(interceptors=[Count()])
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar

from kafkascope.errors import KafkaConfigurationError
from kafkascope.structs import (
    ConsumerRecord,
    OffsetAndMetadata,
    ProducerRecord,
    RecordMetadata,
    TopicPartition,
)

__all__ = ["ConsumerInterceptor", "ProducerInterceptor"]

_log = logging.getLogger("kafkascope.interceptor")
T = TypeVar("T")
Records = dict[TopicPartition, list[ConsumerRecord]]


class ProducerInterceptor:
    """Sees each record before it is serialized, and what became of it. What it raises is logged, never raised on."""

    def on_send(self, record: ProducerRecord) -> ProducerRecord:
        """The record to send in its place, on the thread that calls `send()`."""
        return record

    def on_acknowledgement(
        self, metadata: RecordMetadata | None, exception: BaseException | None
    ) -> None:
        """Exactly one of the two is given. On the callbacks' thread, or on the caller's when `send()` raises."""

    def close(self) -> None:
        """Called once when the producer closes."""


class ConsumerInterceptor:
    """Sees the records that `poll()` is about to return. What it raises is logged, never raised on."""

    def on_consume(self, records: Records) -> Records:
        """The records to return in their place, after their deserializers, on the polling thread."""
        return records

    def on_commit(self, offsets: Mapping[TopicPartition, OffsetAndMetadata]) -> None:
        """Offsets were committed. Without a consumer group nothing commits."""

    def close(self) -> None:
        """Called once when the consumer closes."""


InterceptorT = TypeVar("InterceptorT", ProducerInterceptor, ConsumerInterceptor)


class Interceptors(Generic[InterceptorT]):
    """The interceptors of one client, each called in its turn with what the one before it returned."""

    def __init__(self, kind: type[InterceptorT], configs: dict[str, Any]) -> None:
        """Takes `interceptors` (objects) and `interceptor_classes` (classes or "module.Class") out of `configs`."""
        made: list[Any] = [make() for make in map(_class_of, _classes(configs))]
        self._all: list[InterceptorT] = [*made, *(configs.pop("interceptors", None) or ())]
        for interceptor in self._all:
            if not isinstance(interceptor, kind):
                raise KafkaConfigurationError(
                    f"interceptors: expected a {kind.__name__}, got {type(interceptor).__name__}"
                )

    def __bool__(self) -> bool:
        return bool(self._all)

    def pass_through(self, method: str, value: T) -> T:
        """What the last one made of the value; one that fails is skipped."""
        for interceptor in self._all:
            try:
                made = getattr(interceptor, method)(value)
                if made is None:
                    raise TypeError(f"{method} returned None; return the {type(value).__name__}")
                value = made
            except Exception:
                _failed(interceptor, method)
        return value

    def tell(self, method: str, *arguments: Any) -> None:
        """Calls a method of each."""
        for interceptor in self._all:
            try:
                getattr(interceptor, method)(*arguments)
            except Exception:
                _failed(interceptor, method)

    def send(self, record: ProducerRecord, send: Callable[..., T]) -> T:
        """Sends what on_send returns, and sees to it that on_acknowledgement is called once."""
        record = self.pass_through("on_send", record)
        try:
            future: Any = send(*record)
        except Exception as error:
            self.tell("on_acknowledgement", None, error)
            raise
        future.add_callback(lambda metadata: self.tell("on_acknowledgement", metadata, None))
        future.add_errback(lambda error: self.tell("on_acknowledgement", None, error))
        sent: T = future
        return sent


def _failed(interceptor: object, method: str) -> None:
    _log.warning("%s.%s failed", type(interceptor).__name__, method, exc_info=True)


def _classes(configs: dict[str, Any]) -> Iterable[Any]:
    found = configs.pop("interceptor_classes", None) or configs.pop("interceptor.classes", None)
    if isinstance(found, str):
        return [name.strip() for name in found.split(",") if name.strip()]
    return found or ()


def _class_of(named: Any) -> Callable[[], Any]:
    if not isinstance(named, str):
        make: Callable[[], Any] = named
        return make
    module, _, name = named.rpartition(".")
    try:
        made: Callable[[], Any] = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise KafkaConfigurationError(
            f'interceptor_classes: {named!r} is not found ({error}); expected "module.Class"'
        ) from None
    return made
