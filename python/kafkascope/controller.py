"""KafkaController: what a broker's controller was at, and knew, when it was looked at."""

from __future__ import annotations

from typing import Any

from kafkascope.errors import IllegalStateError
from kafkascope.viz import Picture, draw_controller

__all__ = ["KafkaController"]


class KafkaController:
    """A snapshot. Every broker of a cluster has a controller; the active one decides for all, the others wait.

    Args:
        facts: of the core; None for a broker that stands alone.

    Raises:
        IllegalStateError: the broker stands alone, and decides for itself.
    """

    def __init__(self, facts: dict[str, Any] | None) -> None:
        if facts is None:
            raise IllegalStateError(
                "one broker stands alone, without a controller: use brokers=2 or more"
            )
        self._facts = facts

    @property
    def is_active(self) -> bool:
        """Is this the one that decides?"""
        return bool(self._facts["is_active"])

    @property
    def active_controller_id(self) -> int:
        """The broker whose controller is active, as far as this one knows; -1: nobody's."""
        return int(self._facts["active_controller_id"])

    @property
    def epoch(self) -> int:
        """Grows with each election of a controller; 0 when this one never was active."""
        return int(self._facts["epoch"])

    @property
    def state(self) -> str:
        """What it is busy with: "Idle", "BrokerChange", "IsrChange" ..."""
        return str(self._facts["state"])

    @property
    def queued_events(self) -> list[str]:
        """The events that wait, the next first."""
        return list(self._facts["queued_events"])

    @property
    def queued_requests(self) -> dict[int, int]:
        """Broker to the number of requests that wait to be sent to it."""
        return dict(self._facts["queued_requests"])

    @property
    def context(self) -> dict[str, Any]:
        """What the active one knows: live_brokers, partitions with leader, ISR and replicas, topics_to_be_deleted."""
        return {
            key: self._facts[key] for key in ("live_brokers", "partitions", "topics_to_be_deleted")
        }

    @property
    def partition_state_machine(self) -> dict[tuple[str, int], str]:
        """(topic, partition) to "NewPartition", "OnlinePartition", "OfflinePartition" ..."""
        return {(p["topic"], p["partition"]): p["state"] for p in self._facts["partitions"]}

    @property
    def replica_state_machine(self) -> dict[tuple[str, int, int], str]:
        """(topic, partition, broker) to "NewReplica", "OnlineReplica", "OfflineReplica" ..."""
        return {
            (r["topic"], r["partition"], r["broker"]): r["state"] for r in self._facts["replicas"]
        }

    def to_dict(self) -> dict[str, Any]:
        """All of it."""
        return self._facts

    def picture(self) -> Picture:
        """The states of partitions and replicas as a table."""
        return draw_controller(self._facts)

    def _repr_html_(self) -> str:
        return self.picture().html()

    def __repr__(self) -> str:
        role = "active" if self.is_active else f"waits for {self.active_controller_id}"
        return f"<KafkaController of broker {self._facts['broker']}, {role}, epoch {self.epoch}, {self.state}>"
