"""A running broker, as LocalCluster hands it out."""

from __future__ import annotations

from typing import Any

from kafkascope import _core
from kafkascope.log import LogManager
from kafkascope.purgatory import DelayedOperationPurgatory

__all__ = ["Broker", "ReplicaManager"]


class ReplicaManager:
    """The partitions that a broker holds, and the requests that wait for them."""

    def __init__(self, broker: _core.Broker) -> None:
        self._broker = broker

    def partition(self, topic: str, partition: int) -> dict[str, Any]:
        """Leader, in-sync replicas and offsets of a partition.

        Raises:
            UnknownTopicOrPartitionError: the broker has no such partition.
            KafkaStorageError: its log directory is offline.
        """
        return self._broker.partition(topic, partition)

    @property
    def fetch_purgatory(self) -> DelayedOperationPurgatory:
        """Fetches that wait for `fetch_min_bytes`."""
        return DelayedOperationPurgatory(self._broker.purgatory("Fetch"))

    @property
    def produce_purgatory(self) -> DelayedOperationPurgatory:
        """Produce requests with acks="all" that wait for followers."""
        return DelayedOperationPurgatory(self._broker.purgatory("Produce"))


class Broker:
    """What a person can see of a broker that runs in this process. Every answer is a snapshot."""

    def __init__(self, core: _core.Broker) -> None:
        self._core = core
        self.log_manager = LogManager(core)
        self.replica_manager = ReplicaManager(core)

    @property
    def broker_id(self) -> int:
        """Kafka's broker.id."""
        return self._core.broker_id

    @property
    def host(self) -> str:
        """Where clients connect."""
        return self._core.host

    @property
    def port(self) -> int:
        """Where clients connect."""
        return self._core.port

    @property
    def log_dirs(self) -> list[str]:
        """The directories that hold the logs."""
        return self._core.log_dirs

    @property
    def offline_log_dirs(self) -> list[str]:
        """Those that failed: their partitions answer KAFKA_STORAGE_ERROR until the broker starts with them again."""
        return self._core.offline_log_dirs

    @property
    def failure(self) -> str:
        """Why the broker serves no more (its last log directory failed); empty while it does."""
        return self._core.failure

    def topics(self) -> list[str]:
        """The names of all topics."""
        return self._core.topics()

    def partition(self, topic: str, partition: int) -> dict[str, Any]:
        """As `replica_manager.partition`."""
        return self.replica_manager.partition(topic, partition)

    def metrics(self) -> dict[str, dict[str, float]]:
        """MBean name to attributes."""
        return self._core.metrics()

    def prometheus(self) -> str:
        """The metrics in Prometheus' text format."""
        return self._core.prometheus()

    def shutdown(self) -> None:
        """Stops cleanly. Idempotent."""
        self._core.shutdown()

    def __repr__(self) -> str:
        return repr(self._core)
