"""LocalCluster: real brokers on real sockets, inside this process."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from kafkascope import _core
from kafkascope.broker import Broker
from kafkascope.config import kafka_config, text
from kafkascope.errors import IllegalStateError, KafkaConfigurationError


class LocalCluster:
    """A broker that serves every Kafka client on 127.0.0.1, started in milliseconds.

    Args:
        brokers: how many; this version runs one (several need a controller, which comes later).
        ports: one a broker; 0 or none picks a free port.
        data_dir: where the logs live; a temporary directory, removed at the end, when not given.
        config: Kafka's broker keys for every broker, such as {"num.partitions": 3}.

    Raises:
        KafkaConfigurationError: an unknown key, a bad value, or several brokers.

    >>> with LocalCluster() as cluster:
    ...     cluster.bootstrap_servers
    '127.0.0.1:...'
    """

    def __init__(
        self,
        brokers: int = 1,
        *,
        ports: Sequence[int] = (),
        data_dir: str | Path | None = None,
        config: Mapping[str, Any] | None = None,
    ) -> None:
        if brokers != 1:
            raise KafkaConfigurationError(
                f"brokers={brokers}: several brokers need a controller, which this version does not have; use brokers=1"
            )
        if len(ports) > brokers:
            raise KafkaConfigurationError(f"ports: {len(ports)} given for {brokers} broker")
        self._temporary = tempfile.mkdtemp(prefix="kafkascope-") if data_dir is None else None
        self.data_dir = Path(self._temporary or str(data_dir))
        self._brokers: list[Broker] = []
        settings = kafka_config("broker", {"config": dict(config or {})})
        try:
            for index in range(brokers):
                port = ports[index] if index < len(ports) else 0
                core = _core.Broker(self._settings(index, port, settings))
                self._brokers.append(Broker(core))
        except BaseException:
            self.close()
            raise

    def _settings(self, index: int, port: int, settings: Mapping[str, str]) -> dict[str, str]:
        own = {
            "broker.id": text(index + 1),
            "listeners": f"PLAINTEXT://127.0.0.1:{port}",
            "log.dirs": str(self.data_dir / f"broker-{index + 1}"),
            "group.initial.rebalance.delay.ms": "0",
            "offsets.topic.replication.factor": "1",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
        }
        return {**own, **settings}

    @property
    def bootstrap_servers(self) -> str:
        """host:port of every running broker, comma-separated: what any Kafka client takes."""
        self._require_open()
        return ",".join(f"{broker.host}:{broker.port}" for broker in self._brokers)

    def broker(self, broker_id: int) -> Broker:
        """The broker with this id (1 is the first)."""
        self._require_open()
        for broker in self._brokers:
            if broker.broker_id == broker_id:
                return broker
        raise KafkaConfigurationError(
            f"broker {broker_id}: this cluster has {[broker.broker_id for broker in self._brokers]}"
        )

    def close(self) -> None:
        """Stops every broker cleanly, and removes the data when the directory was a temporary one. Idempotent."""
        brokers, self._brokers = self._brokers, []
        for broker in brokers:
            broker.shutdown()
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)
            self._temporary = None

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
