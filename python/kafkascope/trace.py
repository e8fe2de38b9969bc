"""Trace: what happened in a simulation, event by event."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from kafkascope import _core
from kafkascope.viz import Picture, draw_sequence

__all__ = ["Trace", "TraceEvent"]

_APIS = ("LeaderAndIsr", "AlterPartition", "ControlledShutdown", "StopReplica")
_KINDS = (
    "SessionExpired",
    "WatchFired",
    "ControllerElected",
    "ControllerResigned",
    "LeaderElected",
    "BecameLeader",
    "BecameFollower",
    "IsrChangeProposed",
    "IsrShrunk",
    "IsrExpanded",
    "ReassignmentStarted",
    "ReassignmentCompleted",
    "BrokerRegistered",
)


class TraceEvent(NamedTuple):
    """Something that happened: a request received, records appended, a worker's round ended."""

    id: int
    time: float
    """Virtual seconds since the start."""
    node: str
    thread: str
    kind: str
    fields: dict[str, Any]
    cause: int | None
    """The id of the event that led to this one."""

    def __str__(self) -> str:
        fields = " ".join(f"{name}={value}" for name, value in self.fields.items())
        return f"{self.time:12.6f}  {self.node:12} {self.thread:32} {self.kind} {fields}"


class Trace:
    """The events of a simulation: the newest 100,000 to look at, all of them in the digest."""

    def __init__(self, core: _core.Simulation) -> None:
        self._core = core

    def events(
        self,
        kind: str | None = None,
        node: str | None = None,
        thread: str | None = None,
        after: int = 0,
    ) -> list[TraceEvent]:
        """Those of a kind, a node, a thread, and with an id above `after`."""
        return [TraceEvent(*event) for event in self._core.events(after, kind, node, thread)]

    def why(self, event: TraceEvent) -> list[TraceEvent]:
        """What led to the event: the chain of causes, from the event back to its beginning."""
        known = {one.id: one for one in self.events()}
        chain = [event]
        while (cause := chain[-1].cause) is not None and cause in known:
            chain.append(known[cause])
        return chain

    def sequence(
        self, *kinds: str, after: int = 0, until: int | None = None, apis: Collection[str] = _APIS
    ) -> Picture:
        """A sequence diagram: what happened on each node, and the messages between nodes that led there.

        Args:
            kinds: the events to show; by default those of leaders, ISRs, controllers and reassignments.
            after: only those with a higher id.
            until: only those with this id or a lower one.
            apis: the requests whose ways are shown; those to ZooKeeper are not, its watches are.
        """
        events = [e for e in self.events(after=after) if until is None or e.id <= until]
        known = {event.id: event for event in events}
        chosen = {event.id: event for event in events if event.kind in (kinds or _KINDS)}
        for event in events:
            cause = known.get(event.cause or 0)
            if cause is not None and cause.node != event.node and _is_shown(event, cause, apis):
                chosen[event.id], chosen[cause.id] = event, cause
        return draw_sequence(list(chosen.values()))

    def digest(self) -> str:
        """A hash of every event so far. Equal for equal seeds and journals, on every machine and build."""
        return f"{self._core.digest:016x}"

    def __len__(self) -> int:
        return self._core.event_count

    def __repr__(self) -> str:
        return f"Trace({len(self)} events, digest {self.digest()})"


def _is_shown(arrived: TraceEvent, left: TraceEvent, apis: Collection[str]) -> bool:
    """A request names its api where it leaves, a response where it arrives."""
    named = left if arrived.kind == "RequestReceived" else arrived
    return named.fields.get("api") in apis or arrived.kind == "ZooKeeperWatchFired"
