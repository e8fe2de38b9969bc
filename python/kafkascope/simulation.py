"""Simulation: brokers and their clients in virtual time, to be stepped, broken, rewound and forked."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any, Generic, NamedTuple, ParamSpec, TypeVar

from kafkascope import _core
from kafkascope.admin import KafkaAdminClient
from kafkascope.config import kafka_config
from kafkascope.consumer import KafkaConsumer
from kafkascope.durations import to_seconds
from kafkascope.errors import KafkaTimeoutError
from kafkascope.leader_selector import PartitionLeaderSelector, selector_functions
from kafkascope.partition import Partition
from kafkascope.producer import KafkaProducer
from kafkascope.sim_faults import SimNetwork
from kafkascope.sim_nodes import SimBroker, SimZooKeeper
from kafkascope.structs import NewTopic
from kafkascope.trace import Trace, TraceEvent

__all__ = ["SimCall", "Simulation", "Turn"]

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
    """Brokers, "broker-1" and so on, and any number of clients, on virtual time, disk and network. One seed, one run.

    Nothing moves by itself: `step`, `run_for`, `run_until` and the clients' own calls do it. What is asked of it goes
    into a journal, so that `rewind` and `fork` can make the same run again.

    Args:
        seed: decides everything that is left to chance.
        policy: how the next thread is chosen: "round_robin" (calm), "random", or "pct" (random priorities, which find
            rare orders; Burckhardt et al. 2010).
        brokers: how many. One stands alone; several find each other through a ZooKeeper, on the node "zookeeper".
        config: every broker's settings, Kafka's keys.
        broker_config: settings of single brokers, by id, over those of all: {1: {"broker.rack": "a"}}.
        leader_selectors: objects in place of Kafka's, by "offline", "reassigned", "preferred", "controlled_shutdown"
            or "no_op".

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
        config: Mapping[str, Any] | None = None,
        broker_config: Mapping[int, Mapping[str, Any]] | None = None,
        leader_selectors: Mapping[str, PartitionLeaderSelector] | None = None,
    ) -> None:
        if brokers < 1:
            raise ValueError(f"brokers={brokers}: expected at least 1")
        own = {
            id: kafka_config("broker", dict(given)) for id, given in (broker_config or {}).items()
        }
        settings = kafka_config("broker", dict(config or {}))
        selectors = selector_functions(leader_selectors)
        self._attach(_core.Simulation(seed, policy, brokers, settings, own, selectors))

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
        return KafkaProducer(
            runtime=runtime, **{"bootstrap_servers": self._core.bootstrap_servers, **configs}
        )

    def consumer(self, *topics: str, name: str | None = None, **configs: Any) -> KafkaConsumer:
        """A KafkaConsumer on a node of its own, "consumer-1" and so on."""
        runtime = (self._core, name or self._free_name("consumer"))
        return KafkaConsumer(
            *topics,
            runtime=runtime,
            **{"bootstrap_servers": self._core.bootstrap_servers, **configs},
        )

    def admin(self, name: str | None = None, **configs: Any) -> KafkaAdminClient:
        """A KafkaAdminClient on a node of its own, "admin-1" and so on."""
        runtime = (self._core, name or self._free_name("admin"))
        return KafkaAdminClient(
            runtime=runtime, **{"bootstrap_servers": self._core.bootstrap_servers, **configs}
        )

    def _free_name(self, kind: str) -> str:
        taken = set(self._core.nodes)
        return next(name for n in range(1, 1_000_000) if (name := f"{kind}-{n}") not in taken)

    def broker(self, broker_id: int = 1) -> SimBroker:
        """A broker: to look into, to crash, to start again."""
        if not 1 <= broker_id <= self._core.brokers:
            raise ValueError(f"broker {broker_id}: this simulation has 1 to {self._core.brokers}")
        return SimBroker(self._core, broker_id)

    def partition(self, topic: str, partition: int) -> Partition:
        """A partition as all brokers that run see it.

        Raises:
            UnknownTopicOrPartitionError: none holds it.
        """
        brokers = [self.broker(id) for id in range(1, self._core.brokers + 1)]
        return Partition(topic, partition, {b.broker_id: b.partition for b in brokers if b.running})

    @property
    def zookeeper(self) -> SimZooKeeper:
        """The ZooKeeper of several brokers: its znodes and sessions, to crash, to start again.

        Raises:
            ValueError: one broker stands alone, without ZooKeeper.
        """
        if self._core.brokers == 1:
            raise ValueError("one broker stands alone, without ZooKeeper: use brokers=2 or more")
        return SimZooKeeper(self._core)

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
