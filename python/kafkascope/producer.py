"""KafkaProducer: sends records, many at a time, with a future for each. Names and arguments are kafka-python's."""

from __future__ import annotations

import atexit
import logging
import weakref
from collections.abc import Callable, Sequence
from typing import Any

from kafkascope import _core
from kafkascope.client import Client, bootstrap_failure, make_core, split_arguments
from kafkascope.errors import KafkaConfigurationError, KafkaError
from kafkascope.interceptor import Interceptors, ProducerInterceptor
from kafkascope.serializer import Headers, Serializer, SerializerLike
from kafkascope.structs import ProducerRecord

__all__ = ["FutureRecordMetadata", "KafkaProducer"]

_log = logging.getLogger("kafkascope.producer")

FutureRecordMetadata = _core.FutureRecordMetadata


class KafkaProducer(Client):
    """Appends records to topics. Safe to use from several threads; one producer is faster than several.

    Args:
        bootstrap_servers: "host:port", several comma-separated, or a list of them.
        key_serializer, value_serializer: a `Serializer`, or a function from an object to bytes. Without one, keys
            and values must be bytes, bytearray, memoryview or None.
        partitioner: a function (key bytes, all partitions, available partitions) -> partition. Without one: murmur2
            of the key, and for records without a key one partition per batch (KIP-480).
        interceptors: `ProducerInterceptor` objects; or `interceptor_classes`, classes or "module.Class" names.
        **configs: Kafka's producer keys in snake_case (`linger_ms=5`, `acks="all"`, `compression_type="zstd"`), or
            dotted ones in `config={"linger.ms": 5}`.

    Raises:
        KafkaConfigurationError: an unknown key, or a value that Kafka does not accept.
        NoBrokersAvailable: no bootstrap server answers; names each address and why.

    >>> with KafkaProducer(bootstrap_servers="127.0.0.1:9092") as producer:
    ...     producer.send("flights", b"value", key=b"JFK").get(timeout=5).offset
    0
    """

    def __init__(self, **configs: Any) -> None:
        self._interceptors = Interceptors(ProducerInterceptor, configs)
        own, settings = split_arguments(
            "producer", configs, ("key_serializer", "value_serializer", "partitioner")
        )
        if not callable(own.get("partitioner") or callable):
            raise KafkaConfigurationError(
                f"partitioner: expected a function, got {type(own['partitioner']).__name__}"
            )
        self._key_serializer: SerializerLike = own.get("key_serializer")
        self._value_serializer: SerializerLike = own.get("value_serializer")
        self._core: _core.Producer | _core.SimProducer = make_core(
            _core.Producer, _core.SimProducer, own, settings, own.get("partitioner")
        )
        with bootstrap_failure(self._core):
            self._core.bootstrap()
        self._send: Callable[..., _core.FutureRecordMetadata | _core.SimFuture] = self._core.send
        if not (self._key_serializer or self._value_serializer or self._interceptors):
            # Nothing to do in Python: the C++ function itself saves a frame per record.
            setattr(self, "send", self._send)  # noqa: B010
        if "runtime" not in own:
            _open_producers.add(self)

    def send(
        self,
        topic: str,
        value: Any = None,
        key: Any = None,
        headers: Sequence[tuple[str, bytes]] | None = None,
        partition: int | None = None,
        timestamp_ms: int | None = None,
    ) -> _core.FutureRecordMetadata | _core.SimFuture:
        """Queues a record and returns at once; it is sent when its batch is full or `linger_ms` has passed.

        Args:
            topic: where to; made by the broker when absent and `auto.create.topics.enable` is on.
            value: the payload; None is a tombstone in a compacted topic.
            key: decides the partition, unless `partition` is given.
            headers: (name, bytes) pairs.
            partition: a partition's number.
            timestamp_ms: milliseconds since 1970; now when not given.

        Returns:
            A future: `.get(timeout=seconds)` waits for the broker and returns RecordMetadata.

        Raises:
            TypeError: key or value are not bytes and there is no serializer.
            KafkaTimeoutError: no metadata or no buffer memory within `max_block_ms`.
            MessageSizeTooLargeError: larger than `max_request_size`.
        """
        if not self._interceptors:
            return self._serialize_and_send(topic, value, key, headers, partition, timestamp_ms)
        record = ProducerRecord(topic, value, key, headers, partition, timestamp_ms)
        return self._interceptors.send(record, self._serialize_and_send)

    def _serialize_and_send(
        self,
        topic: str,
        value: Any,
        key: Any,
        headers: Sequence[tuple[str, bytes]] | None,
        partition: int | None,
        timestamp_ms: int | None,
    ) -> _core.FutureRecordMetadata | _core.SimFuture:
        pairs = list(headers) if headers else None
        return self._send(
            topic,
            serialized(self._value_serializer, topic, pairs, value),
            serialized(self._key_serializer, topic, pairs, key),
            pairs,
            partition,
            timestamp_ms,
        )

    def flush(self, timeout: float | None = None) -> None:
        """Sends what is queued and waits until every record is acknowledged or has failed.

        Raises:
            KafkaTimeoutError: `timeout` seconds have passed first.
        """
        self._core.flush(timeout)

    def partitions_for(self, topic: str) -> set[int]:
        """The numbers of the topic's partitions."""
        return self._core.partitions_for(topic)

    def bootstrap_connected(self) -> bool:
        """Is there an open connection to a broker?"""
        return self._core.connected()

    def metrics(self) -> dict[str, dict[str, float]]:
        """Kafka's producer metrics: group -> name -> value."""
        return self._core.metrics()

    def to_dict(self) -> dict[str, Any]:
        """The inside: accumulator, buffer pool, in-flight requests."""
        return self._core.to_dict()

    def close(self, timeout: float | None = None) -> None:
        """Waits up to `timeout` seconds (for ever when None) for queued records, then stops. Idempotent."""
        if self._closed:
            return
        self._closed = True
        _open_producers.discard(self)
        for serializer in (self._key_serializer, self._value_serializer):
            if isinstance(serializer, Serializer):
                serializer.close()
        self._core.close(timeout)
        self._interceptors.tell("close")


def serialized(serializer: SerializerLike, topic: str, headers: Headers | None, data: Any) -> Any:
    """What a serializer makes of `data`; `data` itself without one."""
    if serializer is None:
        return data
    if isinstance(serializer, Serializer):
        return serializer.serialize(topic, headers, data)
    return serializer(data)


# A program that forgets flush() and close() still gets its records out, as with kafka-python.
_open_producers: weakref.WeakSet[KafkaProducer] = weakref.WeakSet()
_EXIT_TIMEOUT_S = 30.0


@atexit.register
def _close_at_exit() -> None:
    for producer in list(_open_producers):
        try:
            producer.flush(_EXIT_TIMEOUT_S)
        except KafkaError as error:
            queues = producer.to_dict()["accumulator"]
            left = sum(batch["record_count"] for queue in queues for batch in queue["batches"])
            _log.warning(
                "%r: %d records were not sent within %g s after the program's end: %s",
                producer,
                left,
                _EXIT_TIMEOUT_S,
                error,
            )
        producer.close(0)
