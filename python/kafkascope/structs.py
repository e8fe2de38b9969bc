"""The small immutable values of the API: partitions, offsets, records. Fields and order are kafka-python's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple


class TopicPartition(NamedTuple):
    """One partition of a topic."""

    topic: str
    partition: int


class OffsetAndMetadata(NamedTuple):
    """A committed position: the next offset to read, and a free text beside it."""

    offset: int
    metadata: str
    leader_epoch: int


class OffsetAndTimestamp(NamedTuple):
    """The first record at or after a time: its offset and timestamp (milliseconds since 1970)."""

    offset: int
    timestamp: int
    leader_epoch: int | None


class ProducerRecord(NamedTuple):
    """What `KafkaProducer.send` was given."""

    topic: str
    value: Any = None
    key: Any = None
    headers: Sequence[tuple[str, bytes]] | None = None
    partition: int | None = None
    timestamp_ms: int | None = None


class RecordMetadata(NamedTuple):
    """Where an acknowledged record stands. `offset` is -1 with acks=0."""

    topic: str
    partition: int
    topic_partition: TopicPartition
    offset: int
    timestamp: int | None
    checksum: int | None
    serialized_key_size: int
    serialized_value_size: int
    serialized_header_size: int


class ConsumerRecord(NamedTuple):
    """One record as a consumer sees it. Sizes are bytes, -1 for an absent key or value; `timestamp_type` is 0
    for the producer's clock (CreateTime), 1 for the broker's (LogAppendTime), -1 for none.
    """

    topic: str
    partition: int
    leader_epoch: int | None
    offset: int
    timestamp: int
    timestamp_type: int
    key: Any
    value: Any
    headers: list[tuple[str, bytes]]
    checksum: int | None
    serialized_key_size: int
    serialized_value_size: int
    serialized_header_size: int


class BrokerMetadata(NamedTuple):
    """A broker as the cluster's metadata lists it."""

    node_id: int
    host: str
    port: int
    rack: str | None


class NewTopic:
    """A topic to create: `KafkaAdminClient.create_topics`.

    Args:
        name: 1 to 249 of letters, digits, '.', '_' and '-'.
        num_partitions: -1 takes the broker's `num.partitions`.
        replication_factor: -1 takes the broker's `default.replication.factor`.
        replica_assignments: partition -> broker ids, instead of the two numbers.
        topic_configs: Kafka's topic keys, such as {"retention.ms": "3600000"}.
    """

    def __init__(
        self,
        name: str,
        num_partitions: int = -1,
        replication_factor: int = -1,
        replica_assignments: dict[int, list[int]] | None = None,
        topic_configs: dict[str, str] | None = None,
    ) -> None:
        self.name = name
        self.num_partitions = num_partitions
        self.replication_factor = replication_factor
        self.replica_assignments = replica_assignments or {}
        self.topic_configs = topic_configs or {}

    def __repr__(self) -> str:
        return f"NewTopic({self.name!r}, {self.num_partitions}, {self.replication_factor})"
