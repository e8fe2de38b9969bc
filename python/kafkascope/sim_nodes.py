"""The servers of a simulation: brokers and ZooKeeper, to look into, to crash, to start again."""

from __future__ import annotations

from typing import Any

from kafkascope import _core
from kafkascope.controller import KafkaController
from kafkascope.durations import to_seconds
from kafkascope.errors import KafkaTimeoutError
from kafkascope.log import Log, LogCleaner
from kafkascope.sim_faults import SimDisk

__all__ = ["SimBroker", "SimNode", "SimZooKeeper"]


class SimNode:
    """A server on a simulated machine with a disk and a clock."""

    def __init__(self, core: _core.Simulation, node: str) -> None:
        self._core = core
        self.node = node

    @property
    def running(self) -> bool:
        """Neither crashed nor stopped."""
        return self._core.is_running(self.node)

    def crash(
        self,
        power_loss: bool = True,
        silent: bool = False,
        after_disk_changes: int | None = None,
        limit: float | str = 60,
    ) -> None:
        """Dies between two instructions: now, or just before a change of its disk.

        Args:
            power_loss: unsynced writes are lost or torn as the seed decides; else only the process dies.
            silent: peers are not told: their connections stay half open until the broker is back.
            after_disk_changes: goes on until so many writes, syncs, renames ... have been made and the next is due.
            limit: of virtual time until then.

        Raises:
            KafkaTimeoutError: the disk did not change so often within the limit; the broker goes on.
        """
        if after_disk_changes is not None and not self._core.run_to_disk_change(
            self.node, after_disk_changes, to_seconds(limit)
        ):
            raise KafkaTimeoutError(
                f"{self.node} did not come to disk change {after_disk_changes + 1} within {limit}"
            )
        self._core.crash(self.node, power_loss, silent)

    def stop(self) -> None:
        """A controlled shutdown."""
        self._core.stop(self.node)

    def start(self, wait: bool = True) -> None:
        """Starts again on its disk, recovers, and waits until it serves.

        Args:
            wait: False only starts it: a broker cannot serve while it does not reach ZooKeeper.
        """
        if wait:
            self._core.boot(self.node)
        else:
            self._core.start_boot(self.node)

    def restart(self) -> None:
        """A controlled shutdown and a start."""
        self.stop()
        self.start()

    def pause(self) -> None:
        """Its threads stand still (SIGSTOP, or a long garbage collection) while time goes on."""
        self._core.pause(self.node)

    def resume(self) -> None:
        """Ends a pause."""
        self._core.resume(self.node)

    def skew_clock(self, ms: int) -> None:
        """Its wall clock is off by so many milliseconds."""
        self._core.skew_clock(self.node, ms)

    def clock_rate(self, rate: float) -> None:
        """Its wall clock runs so fast from now on: 1.01 gains 1 %, 0 stands still."""
        self._core.set_clock_rate(self.node, rate)

    @property
    def disk(self) -> SimDisk:
        """Its disk: to look into, to break, to slow down."""
        return SimDisk(self._core, self.node)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.node}, {'running' if self.running else 'down'}>"


class SimBroker(SimNode):
    """A simulated broker."""

    def __init__(self, core: _core.Simulation, broker_id: int) -> None:
        super().__init__(core, f"broker-{broker_id}")
        self.broker_id = broker_id

    def topics(self) -> list[str]:
        """The topics that it knows."""
        return self._core.broker_topics(self.node)

    def partition(self, topic: str, partition: int) -> dict[str, Any]:
        """Leader, ISR and offsets of a partition."""
        return self._core.broker_partition(self.node, topic, partition)

    @property
    def controller(self) -> KafkaController:
        """Its controller.

        Raises:
            IllegalStateError: it stands alone.
        """
        return KafkaController(self._core.broker_controller(self.node))

    def fetchers(self) -> dict[str, Any]:
        """The threads that follow other brokers, each partition with its offset and lag; and failed_partitions."""
        return self._core.broker_fetchers(self.node) or {"threads": [], "failed_partitions": []}

    def log(self, topic: str, partition: int) -> Log:
        """What the partition's log is now: its files, and the offsets that the broker keeps in memory."""
        offsets = self.partition(topic, partition)
        log = self.disk.log(f"/data/{topic}-{partition}")
        known = ("log_start_offset", "high_watermark", "log_end_offset")
        return log.with_offsets({name: offsets[name] for name in known})

    @property
    def cleaner(self) -> LogCleaner:
        """What the log cleaner has done."""
        return LogCleaner(self._core.broker_cleaner(self.node))

    def metrics(self) -> dict[str, dict[str, float]]:
        """MBean name to attributes."""
        return self._core.broker_metrics(self.node)


class SimZooKeeper(SimNode):
    """The simulated ZooKeeper."""

    def __init__(self, core: _core.Simulation) -> None:
        super().__init__(core, "zookeeper")

    def sessions(self) -> list[dict[str, Any]]:
        """Each session: id, timeout_ms, client (None while not connected), ephemerals."""
        return self._core.zk_sessions()

    def nodes(self) -> list[str]:
        """The paths of all znodes, sorted."""
        return [node["path"] for node in self._core.zk_nodes()]

    def get(self, path: str) -> dict[str, Any] | None:
        """A znode: its data, its ACL and all numbers of its Stat; None when there is none."""
        return self._core.zk_get(path)

    def watches(self) -> list[dict[str, Any]]:
        """Each watch: path, kind and session."""
        return self._core.zk_watches()

    def expire_session(self, broker: int) -> None:
        """Ends the session of a broker, as if the broker had been silent for too long.

        Raises:
            ValueError: the broker has none now.
        """
        path = f"/brokers/ids/{broker}"
        owner = next((s["id"] for s in self.sessions() if path in s["ephemerals"]), None)
        if owner is None:
            raise ValueError(f"broker {broker} has no session now")
        self._core.zk_expire_session(owner)

    def delay_notifications(self, delay: float | str) -> None:
        """From now on watch events leave so much later, and what is behind them on their connections too."""
        self._core.zk_delay_notifications(to_seconds(delay))
