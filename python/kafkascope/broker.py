"""A broker in this process, as LocalCluster hands it out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kafkascope import _core
from kafkascope.controller import KafkaController
from kafkascope.errors import IllegalStateError
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
    """What a person can see of a broker that runs in this process, and do with it. Every answer is a snapshot.

    Args:
        settings: Kafka's broker keys, checked before.
        leader_selectors: what the core takes in place of Kafka's.
    """

    def __init__(
        self,
        settings: Mapping[str, str],
        leader_selectors: Mapping[str, Callable[[dict[str, Any]], Any]],
    ) -> None:
        self._leader_selectors = dict(leader_selectors)
        self._settings = dict(settings)
        self.broker_id = int(settings["broker.id"])
        self.host = ""
        self.port = 0
        self._running: _core.Broker | None = None
        self.start()

    @property
    def _live(self) -> _core.Broker:
        if self._running is None:
            raise IllegalStateError(f"broker {self.broker_id} is down")
        return self._running

    @property
    def is_running(self) -> bool:
        """Started and not stopped."""
        return self._running is not None

    def start(self) -> None:
        """Starts it (again, on its directories and port). No effect while it runs."""
        if self._running is not None:
            return
        self._running = _core.Broker(self._settings, self._leader_selectors)
        self.host, self.port = self._running.host, self._running.port
        name = self._settings["listeners"].partition("://")[0]
        if "," not in self._settings["listeners"]:
            self._settings["listeners"] = f"{name}://{self.host}:{self.port}"

    def stop(self) -> None:
        """A controlled shutdown: leaders move to other brokers first. No effect when it is down."""
        running, self._running = self._running, None
        if running is not None:
            running.shutdown()

    @property
    def controller(self) -> KafkaController:
        """Its controller.

        Raises:
            IllegalStateError: it stands alone.
        """
        return KafkaController(self._live.controller())

    def fetchers(self) -> dict[str, Any]:
        """The threads that follow other brokers, each partition with its offset and lag; and failed_partitions."""
        return self._live.fetchers() or {"threads": [], "failed_partitions": []}

    @property
    def log_manager(self) -> LogManager:
        """Its log directories, logs, and the cleaner."""
        return LogManager(self._live)

    @property
    def replica_manager(self) -> ReplicaManager:
        """Its partitions."""
        return ReplicaManager(self._live)

    @property
    def log_dirs(self) -> list[str]:
        """The directories that hold the logs."""
        return self._live.log_dirs

    @property
    def offline_log_dirs(self) -> list[str]:
        """Those that failed: their partitions answer KAFKA_STORAGE_ERROR until the broker starts with them again."""
        return self._live.offline_log_dirs

    @property
    def failure(self) -> str:
        """Why the broker serves no more (its last log directory failed); empty while it does."""
        return self._live.failure

    def topics(self) -> list[str]:
        """The names of all topics."""
        return self._live.topics()

    def partition(self, topic: str, partition: int) -> dict[str, Any]:
        """As `replica_manager.partition`."""
        return self.replica_manager.partition(topic, partition)

    def metrics(self) -> dict[str, dict[str, float]]:
        """MBean name to attributes."""
        return self._live.metrics()

    def prometheus(self) -> str:
        """The metrics in Prometheus' text format."""
        return self._live.prometheus()

    def __repr__(self) -> str:
        return repr(self._running) if self._running else f"<Broker {self.broker_id}, down>"
