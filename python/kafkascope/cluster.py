"""LocalCluster: real brokers on real sockets, inside this process or a process each."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any

from kafkascope import _core
from kafkascope.admin import KafkaAdminClient
from kafkascope.broker import Broker
from kafkascope.broker_process import BrokerProcess
from kafkascope.config import kafka_config, text
from kafkascope.errors import (
    IllegalStateError,
    KafkaConfigurationError,
    KafkaError,
    KafkaTimeoutError,
)
from kafkascope.leader_selector import PartitionLeaderSelector, selector_functions
from kafkascope.partition import Partition
from kafkascope.zookeeper import ZooKeeperServer

__all__ = ["LocalCluster"]

_FORMING_SECONDS = 30
# A learner does not wait Kafka's 18 s until a dead broker is missed.
_SESSION_MS = 6000
_TICK_MS = 500


class LocalCluster:
    """Brokers that serve every Kafka client on 127.0.0.1, started in milliseconds.

    One broker stands alone. Several find each other through a ZooKeeper that runs in this process, and elect a
    controller. A broker that dies is missed after 6 s (`zookeeper.session.timeout.ms`; Kafka's default is 18 s).

    Args:
        brokers: how many; their ids are 1, 2, 3 ...
        processes: each broker is a process of its own, so that `broker(1).kill()` is a real kill -9; what goes on
            inside is then only seen from outside.
        ports: one a broker; 0 or none picks a free port.
        data_dir: where the logs live; a temporary directory, removed at the end, when not given.
        config: Kafka's broker keys for every broker, such as {"num.partitions": 3}.
        broker_config: keys of single brokers, by id, over those of all: {1: {"broker.rack": "a"}}.
        leader_selectors: objects in place of Kafka's, by "offline", "reassigned", "preferred", "controlled_shutdown"
            or "no_op"; not with processes.

    Raises:
        KafkaConfigurationError: an unknown key, a bad value.
        KafkaTimeoutError: the brokers did not find each other within 30 s.

    >>> with LocalCluster(brokers=3) as cluster:
    ...     cluster.bootstrap_servers
    '127.0.0.1:...,127.0.0.1:...,127.0.0.1:...'
    """

    def __init__(
        self,
        brokers: int = 1,
        *,
        processes: bool = False,
        ports: Sequence[int] = (),
        data_dir: str | Path | None = None,
        config: Mapping[str, Any] | None = None,
        broker_config: Mapping[int, Mapping[str, Any]] | None = None,
        leader_selectors: Mapping[str, PartitionLeaderSelector] | None = None,
    ) -> None:
        if processes and leader_selectors:
            raise KafkaConfigurationError(
                "leader_selectors need brokers in this process: not processes=True"
            )
        self._leader_selectors = selector_functions(leader_selectors)
        if brokers < 1:
            raise KafkaConfigurationError(f"brokers={brokers}: expected at least 1")
        if len(ports) > brokers:
            raise KafkaConfigurationError(f"ports: {len(ports)} given for {brokers} brokers")
        ids = range(1, brokers + 1)
        if unknown := set(broker_config or {}) - set(ids):
            raise KafkaConfigurationError(
                f"broker_config: no broker {min(unknown)} among {list(ids)}"
            )
        self._temporary = tempfile.mkdtemp(prefix="kafkascope-") if data_dir is None else None
        self.data_dir = Path(self._temporary or str(data_dir))
        self._brokers: list[Broker | BrokerProcess] = []
        self._zookeeper: ZooKeeperServer | None = None
        try:
            if brokers > 1:
                self._zookeeper = ZooKeeperServer(
                    self.data_dir / "zookeeper",
                    tick_time_ms=_TICK_MS,
                    max_session_timeout_ms=60_000,
                )
            settings = [
                self._settings(
                    broker_id,
                    ports[broker_id - 1] if broker_id <= len(ports) else 0,
                    brokers,
                    {**(config or {}), **(broker_config or {}).get(broker_id, {})},
                )
                for broker_id in ids
            ]
            with ThreadPoolExecutor(brokers) as pool:
                starts = [pool.submit(self._start, processes, one) for one in settings]
            self._brokers = [start.result() for start in starts if start.exception() is None]
            for start in starts:
                start.result()  # raises what a broker could not start for
            if brokers > 1:
                self._await_forming()
        except BaseException:
            self.close()
            raise

    def _start(self, processes: bool, settings: Mapping[str, str]) -> Broker | BrokerProcess:
        if not processes:
            return Broker(settings, self._leader_selectors)
        broker_id = settings["broker.id"]
        zookeeper = self._zookeeper

        def is_registered() -> bool:
            return zookeeper is not None and zookeeper.get(f"/brokers/ids/{broker_id}") is not None

        self.data_dir.mkdir(parents=True, exist_ok=True)
        return BrokerProcess(settings, self.data_dir / f"broker-{broker_id}.log", is_registered)

    def _settings(
        self, broker_id: int, port: int, brokers: int, given: Mapping[str, Any]
    ) -> dict[str, str]:
        replicas = text(min(3, brokers))
        own = {
            "broker.id": text(broker_id),
            "listeners": f"PLAINTEXT://127.0.0.1:{port}",
            "log.dirs": str(self.data_dir / f"broker-{broker_id}"),
            "group.initial.rebalance.delay.ms": "0",
            "offsets.topic.replication.factor": replicas,
            "transaction.state.log.replication.factor": replicas,
            "transaction.state.log.min.isr": text(min(2, brokers)),
        }
        if self._zookeeper is not None:
            own["zookeeper.connect"] = self._zookeeper.connect_string
            own["zookeeper.session.timeout.ms"] = text(_SESSION_MS)
            # The last broker to stop has nobody to hand its partitions to.
            own["controlled.shutdown.retry.backoff.ms"] = "100"
        return {**own, **kafka_config("broker", {"config": dict(given)})}

    def _await_forming(self) -> None:
        """Until every broker tells clients of all others."""
        end = time.monotonic() + _FORMING_SECONDS
        for broker in self._brokers:
            while self._known_to(broker) < len(self._brokers):
                if time.monotonic() > end:
                    raise KafkaTimeoutError(
                        f"broker {broker.broker_id} did not hear of all {len(self._brokers)} brokers within"
                        f" {_FORMING_SECONDS} s"
                    )
                time.sleep(0.005)

    @staticmethod
    def _known_to(broker: Broker | BrokerProcess) -> int:
        try:
            with KafkaAdminClient(bootstrap_servers=f"{broker.host}:{broker.port}") as admin:
                return len(admin.describe_cluster()["brokers"])
        except KafkaError:
            return 0

    @property
    def bootstrap_servers(self) -> str:
        """host:port of every broker, also of those that are down: what any Kafka client takes."""
        self._require_open()
        return ",".join(f"{broker.host}:{broker.port}" for broker in self._brokers)

    @property
    def brokers(self) -> list[Broker | BrokerProcess]:
        """All brokers, by id."""
        self._require_open()
        return list(self._brokers)

    @property
    def zookeeper(self) -> ZooKeeperServer:
        """The ZooKeeper of several brokers: its sessions, its znodes.

        Raises:
            IllegalStateError: a broker that stands alone has none.
        """
        self._require_open()
        if self._zookeeper is None:
            raise IllegalStateError(
                "one broker stands alone, without ZooKeeper: use brokers=2 or more"
            )
        return self._zookeeper

    def broker(self, broker_id: int) -> Any:
        """The broker with this id (1 is the first): a Broker, or with `processes=True` a BrokerProcess."""
        self._require_open()
        for broker in self._brokers:
            if broker.broker_id == broker_id:
                return broker
        raise KafkaConfigurationError(
            f"broker {broker_id}: this cluster has {[broker.broker_id for broker in self._brokers]}"
        )

    def partition(self, topic: str, partition: int) -> Partition:
        """A partition as all brokers that run in this process see it.

        Raises:
            UnknownTopicOrPartitionError: none holds it.
        """
        self._require_open()
        running = [b for b in self._brokers if isinstance(b, Broker) and b.is_running]
        return Partition(topic, partition, {b.broker_id: b.partition for b in running})

    def close(self) -> None:
        """Stops every broker cleanly, and removes the data when the directory was a temporary one. Idempotent."""
        brokers, self._brokers = self._brokers, []
        if brokers:
            # That the last of several finds nobody to lead on is no news.
            level = _core.swap_log_level("error") if len(brokers) > 1 else None
            try:
                with ThreadPoolExecutor(len(brokers)) as pool:
                    list(pool.map(self._end, brokers))
            finally:
                if level is not None:
                    _core.swap_log_level(level)
        if self._zookeeper is not None:
            self._zookeeper.close()
            self._zookeeper = None
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)
            self._temporary = None

    def _end(self, broker: Broker | BrokerProcess) -> None:
        if self._temporary is not None and isinstance(broker, BrokerProcess) and broker.is_running:
            broker.kill()  # what it would put in order is removed anyway
        else:
            broker.stop()

    def _require_open(self) -> None:
        if not self._brokers:
            raise IllegalStateError("the cluster is closed")

    def __enter__(self) -> LocalCluster:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"LocalCluster({self.bootstrap_servers if self._brokers else 'closed'})"
