"""Partition: one partition as all brokers that hold it see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kafkascope.errors import KafkaError, UnknownTopicOrPartitionError
from kafkascope.viz import Picture, draw_partition

__all__ = ["Partition"]


class Partition:
    """A snapshot: who leads, who is in sync, and for every replica its high watermark and log end.

    Args:
        topic: its name.
        partition: its number.
        views: broker to what asks it, for every broker that runs.

    Raises:
        UnknownTopicOrPartitionError: no broker holds it.
    """

    def __init__(
        self, topic: str, partition: int, views: Mapping[int, Callable[[str, int], dict[str, Any]]]
    ) -> None:
        seen = {}
        for broker, view in views.items():
            try:
                seen[broker] = view(topic, partition)
            except KafkaError:
                continue  # it holds no replica, or its disk failed
        if not seen:
            raise UnknownTopicOrPartitionError(f"no broker that runs holds {topic}-{partition}")
        # The newest leader knows best; without one, whoever heard last.
        best = max(seen.values(), key=lambda one: (one["leader_epoch"], one["is_leader"]))
        self._facts = {
            **{
                name: best[name]
                for name in ("topic", "partition", "leader", "leader_epoch", "partition_epoch")
            },
            "in_sync_replica_ids": best["in_sync_replica_ids"],
            "replicas": [_replica(broker, best, seen.get(broker)) for broker in best["replicas"]],
        }

    @property
    def leader(self) -> int:
        """The broker that leads; -1: nobody."""
        return int(self._facts["leader"])

    @property
    def leader_epoch(self) -> int:
        """Grows with each election."""
        return int(self._facts["leader_epoch"])

    @property
    def in_sync_replica_ids(self) -> list[int]:
        """The ISR, as the leader has it; empty while nobody leads."""
        return list(self._facts["in_sync_replica_ids"])

    @property
    def replicas(self) -> list[dict[str, Any]]:
        """Each with broker, is_leader, is_in_sync, log_start_offset, high_watermark, log_end_offset and lag behind the
        leader's log end; the offsets are None for a broker that is down.
        """
        return list(self._facts["replicas"])

    def to_dict(self) -> dict[str, Any]:
        """All of it."""
        return self._facts

    def picture(self) -> Picture:
        """A bar for each replica's log, up to its high watermark and beyond."""
        return draw_partition(self._facts)

    def _repr_html_(self) -> str:
        return self.picture().html()

    def __repr__(self) -> str:
        facts = self._facts
        return (
            f"<Partition {facts['topic']}-{facts['partition']}, leader {self.leader}, epoch {self.leader_epoch},"
            f" ISR {self.in_sync_replica_ids}>"
        )


def _replica(
    broker: int, best: Mapping[str, Any], seen: Mapping[str, Any] | None
) -> dict[str, Any]:
    offsets = ("log_start_offset", "high_watermark", "log_end_offset")
    lag = None if seen is None else max(0, best["log_end_offset"] - seen["log_end_offset"])
    return {
        "broker": broker,
        "is_leader": broker == best["leader"],
        "is_in_sync": broker in best["in_sync_replica_ids"],
        **{name: None if seen is None else seen[name] for name in offsets},
        "lag": lag,
    }
