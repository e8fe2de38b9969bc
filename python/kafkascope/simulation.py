"""Simulation: a broker and its clients in virtual time, to be stepped, broken, rewound and forked."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Generic, NamedTuple, ParamSpec, TypeVar

from kafkascope import _core
from kafkascope.admin import KafkaAdminClient
from kafkascope.config import kafka_config
from kafkascope.consumer import KafkaConsumer
from kafkascope.durations import to_seconds
from kafkascope.errors import KafkaTimeoutError
from kafkascope.log import Log, LogCleaner
from kafkascope.producer import KafkaProducer
from kafkascope.structs import NewTopic
from kafkascope.trace import Trace, TraceEvent

__all__ = ["SimBroker", "SimCall", "SimDisk", "SimNetwork", "Simulation", "Turn"]

_BOOTSTRAP = "broker-1:9092"

P = ParamSpec("P")
R = TypeVar("R")


class Turn(NamedTuple):
    """What one turn did: a thread ran from where it blocked to where it blocked next."""

    number: int
    time: float
    """Virtual seconds since the start."""
    node: str
    thread: str
    stopped_at: str
    """The seam where it blocked: a lock's or condition's name, "poll", "sleep", or "end"."""
    events: tuple[TraceEvent, ...]
    """What it traced."""


class Simulation:
    """One broker, "broker-1", and any number of clients, on virtual time, disk and network. One seed, one run.

    Nothing moves by itself: `step`, `run_for`, `run_until` and the clients' own calls do it. What is asked of it goes
    into a journal, so that `rewind` and `fork` can make the same run again.

    Args:
        seed: decides everything that is left to chance.
        policy: how the next thread is chosen: "round_robin" (calm), "random", or "pct" (random priorities, which find
            rare orders; Burckhardt et al. 2010).
        config: the broker's settings, Kafka's keys.
        brokers: 1; clusters of several brokers are not there yet.

    Raises:
        KafkaConfigurationError: a setting that Kafka does not know or accept.

    >>> sim = Simulation(seed=7)
    >>> producer = sim.producer()
    >>> producer.send("flights", key=b"JFK", value=b"...").get().offset
    0
    """

    def __init__(
        self,
        seed: int = 1,
        *,
        brokers: int = 1,
        policy: str = "round_robin",
        config: dict[str, Any] | None = None,
    ) -> None:
        if brokers != 1:
            raise ValueError(f"brokers={brokers}: expected 1; several are not there yet")
        self._attach(_core.Simulation(seed, policy, kafka_config("broker", config or {})))

    def _attach(self, core: _core.Simulation) -> None:
        self._core = core
        self.trace = Trace(core)
        self.network = SimNetwork(core)
        self.random = random.Random(core.seed)

    @classmethod
    def _of(cls, core: _core.Simulation) -> Simulation:
        simulation = cls.__new__(cls)
        simulation._attach(core)
        return simulation

    # Who takes part.

    def producer(self, name: str | None = None, **configs: Any) -> KafkaProducer:
        """A KafkaProducer on a node of its own, "producer-1" and so on."""
        runtime = (self._core, name or self._free_name("producer"))
        return KafkaProducer(runtime=runtime, **{"bootstrap_servers": _BOOTSTRAP, **configs})

    def consumer(self, *topics: str, name: str | None = None, **configs: Any) -> KafkaConsumer:
        """A KafkaConsumer on a node of its own, "consumer-1" and so on."""
        runtime = (self._core, name or self._free_name("consumer"))
        return KafkaConsumer(
            *topics, runtime=runtime, **{"bootstrap_servers": _BOOTSTRAP, **configs}
        )

    def admin(self, name: str | None = None, **configs: Any) -> KafkaAdminClient:
        """A KafkaAdminClient on a node of its own, "admin-1" and so on."""
        runtime = (self._core, name or self._free_name("admin"))
        return KafkaAdminClient(runtime=runtime, **{"bootstrap_servers": _BOOTSTRAP, **configs})

    def _free_name(self, kind: str) -> str:
        taken = set(self._core.nodes)
        return next(name for n in range(1, 1_000_000) if (name := f"{kind}-{n}") not in taken)

    def broker(self, broker_id: int = 1) -> SimBroker:
        """The broker: to look into, to crash, to start again."""
        if broker_id != 1:
            raise ValueError(f"broker {broker_id}: this simulation has broker 1")
        return SimBroker(self._core, broker_id)

    def create_topic(
        self,
        name: str,
        partitions: int = 1,
        replication_factor: int = 1,
        config: dict[str, str] | None = None,
    ) -> None:
        """Creates a topic, as an admin client would, and waits for it."""
        with self.admin() as admin:
            admin.create_topics(
                [
                    NewTopic(
                        name,
                        num_partitions=partitions,
                        replication_factor=replication_factor,
                        topic_configs=config,
                    )
                ]
            )

    # Moving on.

    def step(self) -> Turn | None:
        """One turn of one thread; None when nothing can run any more.

        Raises:
            RuntimeError: a deadlock, a thread that never blocks, or what a thread of the core died of.
        """
        seen = self._core.event_count
        turn = self._core.step()
        return None if turn is None else Turn(*turn, tuple(self.trace.events(after=seen)))

    def run_for(self, duration: float | str) -> None:
        """Lets virtual time pass: seconds, or "500 ms", "10 s", "5 min"."""
        self._core.run_for(to_seconds(duration))

    def run_until(
        self, what: str | Callable[[], bool], /, limit: float | str = "1 h", **fields: Any
    ) -> TraceEvent | None:
        """Turns until an event of this kind happens, with these field values; or until a function says True.

        Returns:
            The event; None for a function.

        Raises:
            KafkaTimeoutError: not within `limit` of virtual time.

        >>> sim.run_until("RecordsAppended", partition="flights-0").fields["last_offset"]
        9
        """
        seconds = to_seconds(limit)
        if isinstance(what, str):
            found = self._core.run_until_event(what, fields, seconds)
            if found is None:
                raise KafkaTimeoutError(f"no event {what} {fields or ''} within {limit}")
            return TraceEvent(*found)
        end = self.now + seconds
        while not what():
            if self.now > end or self._core.step() is None:
                raise KafkaTimeoutError(f"the condition did not hold within {limit}")
        return None

    def call(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> SimCall[R]:
        """Starts a client's method without waiting, to be stepped through.

        >>> call = sim.call(consumer.poll, timeout_ms=1000)
        >>> while not call.done:
        ...     print(sim.step())
        """
        self._core.start_next(True)
        try:
            value = function(*args, **kwargs)
        except _core.CallStarted as started:
            return SimCall(self._core, started.args[0], lambda: function(*args, **kwargs))
        finally:
            self._core.start_next(False)
        return SimCall(self._core, None, lambda: value)

    # Looking.

    @property
    def seed(self) -> int:
        """The seed."""
        return self._core.seed

    @property
    def now(self) -> float:
        """Virtual seconds since the start."""
        return self._core.now

    def time(self) -> float:
        """Virtual seconds since 1970: what `time.time` would say inside. Use it, and `random`, in your own code."""
        return 1_700_000_000 + self._core.now

    @property
    def turns(self) -> int:
        """Turns made so far."""
        return self._core.turns

    @property
    def nodes(self) -> list[str]:
        """The names of the broker and the clients, also of those that are gone."""
        return self._core.nodes

    def threads(self) -> str:
        """Every thread and what it waits for, one a line."""
        return self._core.report()

    def journal(self) -> list[tuple[int, float, str]]:
        """What was asked from outside: (ticks, time, what)."""
        return self._core.journal()

    # Other runs.

    def rewind(self, to: TraceEvent | Turn | int) -> Simulation:
        """This run again, up to an event or the end of a turn. This simulation stays as it is.

        Producers and consumers are nodes of one simulation: make new ones in the other.
        """
        if isinstance(to, TraceEvent):
            return self._of(self._core.replay(event=to.id))
        return self._of(self._core.replay(turn=to.number if isinstance(to, Turn) else to))

    def fork(self) -> Simulation:
        """A second simulation in the same state, which goes its own way from here."""
        return self._of(self._core.replay())

    def __repr__(self) -> str:
        return f"Simulation(seed={self.seed}, turns={self.turns}, now={self.now:.6f} s)"


class SimCall(Generic[R]):
    """A call that was started and not waited for."""

    def __init__(self, core: _core.Simulation, call: int | None, collect: Callable[[], R]) -> None:
        self._core = core
        self._call = call
        self._collect = collect

    @property
    def done(self) -> bool:
        """Has it returned?"""
        return self._call is None or self._core.done(self._call)

    def result(self) -> R:
        """What it returned; raises what it raised. Turns until it is done."""
        if self._call is not None:
            self._core.wait(self._call)
            self._core.supply_next(self._call)
        return self._collect()

    def __repr__(self) -> str:
        return f"SimCall({'done' if self.done else 'running'})"


class SimBroker:
    """The simulated broker."""

    def __init__(self, core: _core.Simulation, broker_id: int) -> None:
        self._core = core
        self.broker_id = broker_id
        self.node = f"broker-{broker_id}"

    @property
    def running(self) -> bool:
        """Neither crashed nor stopped."""
        return self._core.is_running(self.node)

    def topics(self) -> list[str]:
        """The topics that it knows."""
        return self._core.broker_topics(self.node)

    def partition(self, topic: str, partition: int) -> dict[str, Any]:
        """Leader, ISR and offsets of a partition."""
        return self._core.broker_partition(self.node, topic, partition)

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

    def start(self) -> None:
        """Starts again on its disk, recovers, and waits until it serves."""
        self._core.boot(self.node)

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
        return f"SimBroker({self.broker_id}, {'running' if self.running else 'down'})"


class SimDisk:
    """A node's disk, also while the node is down."""

    def __init__(self, core: _core.Simulation, node: str) -> None:
        self._core = core
        self._node = node

    def list(self, path: str = "/data") -> list[str]:
        """The names in a directory."""
        return self._core.list_files(self._node, path)

    def read(self, path: str) -> bytes:
        """A file's bytes, synced or not."""
        return self._core.read_file(self._node, path)

    def log(self, path: str) -> Log:
        """A partition's directory, such as "/data/flights-0", as `kafkascope.log.open` reads one."""

        def read(path: Path, position: int, size: int) -> bytes:
            return self.read(str(path))[position : position + size]

        return Log(self._core.read_log_directory(self._node, path), read)

    def fail(
        self,
        operation: str | None = None,
        path: str = "/",
        skip: int = 0,
        count: int = -1,
        chance: float = 1,
    ) -> None:
        """Accesses below the path fail with an I/O error, until `mend`.

        Args:
            operation: "open", "read", "write", "sync", "truncate", "rename", "remove" or "sync_dir"; None: all.
            path: a file, or the beginning of a path.
            skip: lets so many of the operation pass first.
            count: then fails so many; -1 for all.
            chance: that one of those fails, as the seed decides.
        """
        if operation is None:
            self._core.fail_disk_below(self._node, path)
        else:
            self._core.fail_disk(self._node, operation, path, skip, count, chance)

    def mend(self) -> None:
        """Nothing fails any more."""
        self._core.mend_disk(self._node)

    def speed(
        self,
        read: float | str = 0,
        write: float | str = 0,
        sync: float | str = "500 us",
        bytes_per_second: int = 0,
    ) -> None:
        """How long each operation takes; writes also by their size, when there is a limit."""
        times = to_seconds(read), to_seconds(write), to_seconds(sync)
        self._core.set_disk_speed(self._node, *times, bytes_per_second)

    def size(self, size_bytes: int) -> None:
        """How much it holds; writes beyond fail with "No space left on device"."""
        self._core.set_disk_size(self._node, size_bytes)

    def rot(self, path: str, offset: int) -> None:
        """Flips a bit of a stored byte."""
        self._core.rot(self._node, path, offset)


class SimNetwork:
    """What lies between the nodes. Numbers mean brokers, names nodes."""

    def __init__(self, core: _core.Simulation) -> None:
        self._core = core

    def weather(
        self,
        latency: tuple[float | str, float | str] = ("100 us", "500 us"),
        bytes_per_second: int = 0,
        partial: float = 0.0,
        reset: float = 0.0,
    ) -> None:
        """Sets how bytes travel from now on.

        Args:
            latency: the least and the most time of a message's way.
            bytes_per_second: of each way between two nodes; 0 for no limit.
            partial: chance that a read or write moves only a few of the bytes that it could.
            reset: chance that a write is cut at a random byte by a reset.
        """
        least, most = latency
        self._core.set_network(
            to_seconds(least), to_seconds(most), bytes_per_second, partial, reset
        )

    def link(
        self,
        from_node: str | int,
        to_node: str | int,
        latency: tuple[float | str, float | str] = ("100 us", "500 us"),
        bytes_per_second: int = 0,
    ) -> None:
        """As `weather`, for one way between two nodes only."""
        least, most = latency
        self._core.set_link(
            _node(from_node), _node(to_node), to_seconds(least), to_seconds(most), bytes_per_second
        )

    def reset(self, a: str | int, b: str | int) -> None:
        """All connections between the two break at both ends."""
        self._core.reset_between(_node(a), _node(b))

    def partition(self, side: Iterable[str | int], other: Iterable[str | int]) -> None:
        """Nothing passes between the two sides until `heal`."""
        for a in side:
            for b in other:
                self.cut(a, b)
                self.cut(b, a)

    def cut(self, from_node: str | int, to_node: str | int) -> None:
        """One way only: what `from_node` sends is held back."""
        self._core.cut(_node(from_node), _node(to_node))

    def heal(self, from_node: str | int | None = None, to_node: str | int | None = None) -> None:
        """What was held back arrives: of one way, or of all."""
        if from_node is None or to_node is None:
            self._core.heal_all()
        else:
            self._core.heal(_node(from_node), _node(to_node))


def _node(name: str | int) -> str:
    return f"broker-{name}" if isinstance(name, int) else name
