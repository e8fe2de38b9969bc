"""KafkaConsumer: reads records from partitions. Names and arguments are kafka-python's."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from kafkascope import _core
from kafkascope.client import Client, bootstrap_failure, make_core, split_arguments
from kafkascope.errors import KafkaConfigurationError
from kafkascope.interceptor import ConsumerInterceptor, Interceptors
from kafkascope.serializer import Deserializer, DeserializerLike
from kafkascope.structs import ConsumerRecord, OffsetAndTimestamp, TopicPartition

__all__ = ["KafkaConsumer"]


class KafkaConsumer(Client):
    """Reads records in the order of their partitions. For one thread at a time; `wakeup` may come from any.

    Args:
        *topics: topics whose partitions are all read. Without a group there is no sharing: each consumer reads all.
        bootstrap_servers: "host:port", several comma-separated, or a list of them.
        key_deserializer, value_deserializer: a `Deserializer`, or a function from bytes to an object.
        consumer_timeout_ms: how long iteration waits for a record before it ends; for ever by default.
        interceptors: `ConsumerInterceptor` objects; or `interceptor_classes`, classes or "module.Class" names.
        **configs: Kafka's consumer keys in snake_case (`auto_offset_reset="earliest"`, `fetch_min_bytes=1`).

    Raises:
        KafkaConfigurationError: an unknown key, a value that Kafka does not accept, or a `group_id`, since consumer
            groups need a group coordinator, which this version's broker does not have.
        NoBrokersAvailable: no bootstrap server answers; names each address and why.

    >>> consumer = KafkaConsumer("flights", bootstrap_servers="127.0.0.1:9092", auto_offset_reset="earliest")
    >>> for record in consumer:
    ...     print(record.offset, record.value)
    """

    def __init__(self, *topics: str, **configs: Any) -> None:
        self._interceptors = Interceptors(ConsumerInterceptor, configs)
        own, settings = split_arguments(
            "consumer", configs, ("key_deserializer", "value_deserializer", "consumer_timeout_ms")
        )
        if "group.id" in settings:
            raise KafkaConfigurationError(
                f"group_id={settings['group.id']}: consumer groups are not available yet; "
                "leave it out and use subscribe() or assign()"
            )
        timeout_ms = own.get("consumer_timeout_ms")
        self._timeout_s: float | None = (
            None if timeout_ms in (None, float("inf")) else timeout_ms / 1000
        )
        self._key_deserializer: DeserializerLike = own.get("key_deserializer")
        self._value_deserializer: DeserializerLike = own.get("value_deserializer")
        self._core: _core.Consumer | _core.SimConsumer = make_core(
            _core.Consumer, _core.SimConsumer, own, settings
        )
        with bootstrap_failure(self._core):
            self._core.bootstrap()
        self._iterator: Generator[ConsumerRecord, None, None] | None = None
        if topics:
            self.subscribe(topics)

    def subscribe(
        self, topics: Sequence[str] = (), pattern: str | None = None, listener: object = None
    ) -> None:
        """Reads all partitions of these topics, or of those whose names match a regular expression."""
        if listener is not None:
            raise KafkaConfigurationError(
                "listener: there are no rebalances without a consumer group"
            )
        if isinstance(topics, str):
            raise TypeError(
                f"topics: expected a list of names, got the string {topics!r}; pass [{topics!r}]"
            )
        self._core.subscribe(list(topics), pattern)

    def unsubscribe(self) -> None:
        """Forgets topics and partitions."""
        self._core.unsubscribe()

    def subscription(self) -> set[str]:
        """The topics subscribed to."""
        return self._core.subscription()

    def assign(self, partitions: Sequence[TopicPartition]) -> None:
        """Reads exactly these partitions."""
        self._core.assign(list(partitions))

    def assignment(self) -> set[TopicPartition]:
        """The partitions being read."""
        return {TopicPartition(*partition) for partition in self._core.assignment()}

    def poll(
        self, timeout_ms: float = 0, max_records: int | None = None, update_offsets: bool = True
    ) -> dict[TopicPartition, list[ConsumerRecord]]:
        """The next records, at most `max_records` (default `max_poll_records`), by partition.

        Returns at once when records are buffered, else waits up to `timeout_ms` milliseconds for some.

        Raises:
            IllegalStateError: nothing is subscribed or assigned.
            OffsetOutOfRangeError, NoOffsetForPartitionError: no position, and `auto_offset_reset="none"`.
        """
        if not update_offsets:
            raise KafkaConfigurationError("update_offsets=False: use seek() to go back")
        found: dict[TopicPartition, list[ConsumerRecord]] = self._core.poll(
            timeout_ms / 1000, max_records
        )
        if self._key_deserializer is not None or self._value_deserializer is not None:
            for partition, records in found.items():
                found[partition] = [self._deserialized(record) for record in records]
        if found and self._interceptors:
            return self._interceptors.pass_through("on_consume", found)
        return found

    def _deserialized(self, record: ConsumerRecord) -> ConsumerRecord:
        return record._replace(
            key=_deserialize(self._key_deserializer, record, record.key),
            value=_deserialize(self._value_deserializer, record, record.value),
        )

    def position(self, partition: TopicPartition, timeout_ms: float | None = None) -> int | None:
        """The offset of the next record to be returned."""
        return self._core.position(partition, _seconds(timeout_ms))

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Continues at this offset."""
        if offset < 0:
            raise ValueError(f"offset {offset}: expected 0 or more")
        self._core.seek(partition, offset)

    def seek_to_beginning(self, *partitions: TopicPartition) -> None:
        """Continues at the first record; all assigned partitions when none is named."""
        self._core.seek_to_beginning(list(partitions))

    def seek_to_end(self, *partitions: TopicPartition) -> None:
        """Continues behind the last record."""
        self._core.seek_to_end(list(partitions))

    def pause(self, *partitions: TopicPartition) -> None:
        """Returns no records of these partitions until resume()."""
        self._core.pause(list(partitions))

    def resume(self, *partitions: TopicPartition) -> None:
        """Ends a pause."""
        self._core.resume(list(partitions))

    def paused(self) -> set[TopicPartition]:
        """The paused partitions."""
        return {TopicPartition(*partition) for partition in self._core.paused()}

    def beginning_offsets(
        self, partitions: Sequence[TopicPartition], timeout_ms: float | None = None
    ) -> dict[TopicPartition, int]:
        """The first offset of each partition."""
        found = self._core.beginning_offsets(list(partitions), _seconds(timeout_ms))
        return {TopicPartition(*partition): offset for partition, offset in found.items()}

    def end_offsets(
        self, partitions: Sequence[TopicPartition], timeout_ms: float | None = None
    ) -> dict[TopicPartition, int]:
        """The offset behind the last readable record of each partition."""
        found = self._core.end_offsets(list(partitions), _seconds(timeout_ms))
        return {TopicPartition(*partition): offset for partition, offset in found.items()}

    def offsets_for_times(
        self, timestamps: Mapping[TopicPartition, int], timeout_ms: float | None = None
    ) -> dict[TopicPartition, OffsetAndTimestamp | None]:
        """The first record at or after a time (milliseconds since 1970), or None, for each partition."""
        found = self._core.offsets_for_times(
            {partition: time_ms for partition, time_ms in timestamps.items()}, _seconds(timeout_ms)
        )
        return {
            TopicPartition(*partition): None if entry is None else OffsetAndTimestamp(*entry)
            for partition, entry in found.items()
        }

    def highwater(self, partition: TopicPartition) -> int | None:
        """The high watermark that the last fetch of the partition brought."""
        return self._core.highwater(partition)

    def partitions_for_topic(self, topic: str) -> set[int] | None:
        """The numbers of the topic's partitions; None when there is no such topic."""
        found: set[int] | None = self._core.partitions_for_topic(topic)
        return found

    def topics(self) -> set[str]:
        """All topics of the cluster."""
        return self._core.topics()

    def bootstrap_connected(self) -> bool:
        """Is there an open connection to a broker?"""
        return self._core.connected()

    def metrics(self) -> dict[str, dict[str, float]]:
        """Kafka's consumer metrics: group -> name -> value."""
        return self._core.metrics()

    def to_dict(self) -> dict[str, Any]:
        """The inside: subscription state and fetch buffers."""
        return self._core.to_dict()

    def wakeup(self) -> None:
        """Makes a waiting poll() return at once. From any thread."""
        self._core.wakeup()

    def close(self, autocommit: bool = True, timeout_ms: float | None = None) -> None:  # noqa: ARG002
        """Ends all connections. Idempotent. `autocommit` has no meaning without a group."""
        if self._closed:
            return
        self._closed = True
        if self._iterator is not None:
            with suppress(ValueError):  # a deserializer closes the consumer that it works for
                self._iterator.close()
        for deserializer in (self._key_deserializer, self._value_deserializer):
            if isinstance(deserializer, Deserializer):
                deserializer.close()
        self._core.close(_seconds(timeout_ms))
        self._interceptors.tell("close")

    def __iter__(self) -> Iterator[ConsumerRecord]:
        """The records from here on; a later loop goes on where an earlier one was left."""
        if self._iterator is None:
            self._iterator = self._records()
        return self._iterator

    def __next__(self) -> ConsumerRecord:
        return next(iter(self))

    def _records(self) -> Generator[ConsumerRecord, None, None]:
        try:
            while not self._closed:
                deadline = None if self._timeout_s is None else time.monotonic() + self._timeout_s
                found: dict[TopicPartition, list[ConsumerRecord]] = {}
                while not found:
                    left = 1.0 if deadline is None else min(1.0, deadline - time.monotonic())
                    if left <= 0:
                        return
                    found = self.poll(left * 1000)
                for records in found.values():
                    yield from records
        finally:
            self._iterator = None


def _seconds(timeout_ms: float | None) -> float | None:
    return None if timeout_ms is None else timeout_ms / 1000


def _deserialize(deserializer: DeserializerLike, record: ConsumerRecord, data: bytes | None) -> Any:
    if deserializer is None:
        return data
    if isinstance(deserializer, Deserializer):
        return deserializer.deserialize(record.topic, record.headers, data)
    return deserializer(data)
