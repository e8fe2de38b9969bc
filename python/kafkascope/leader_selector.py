"""PartitionLeaderSelector: who leads a partition next, decided in Python."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

__all__ = ["PartitionElection", "PartitionLeaderSelector", "SelectedLeader"]


class PartitionElection(NamedTuple):
    """What a selector is told of one partition. Brokers are numbers."""

    topic: str
    partition: int
    leader: int
    """Until now; -1: nobody."""
    leader_epoch: int
    isr: list[int]
    replicas: list[int]
    """The preferred leader first."""
    adding_replicas: list[int]
    removing_replicas: list[int]
    online: set[int]
    """Replicas on live brokers and working disks."""
    online_or_shutting_down: set[int]
    shutting_down: set[int]
    unclean_leader_election_enabled: bool


class SelectedLeader(NamedTuple):
    """What a selector decided. The leader must be in the ISR, and the ISR among the replicas."""

    leader: int
    isr: Sequence[int]
    recipients: Sequence[int] | None = None
    """Who is told; all that are online by default."""


class PartitionLeaderSelector(ABC):
    """Stands in for one of the five that Kafka's controller has. Its `select_leader` must not block.

    In a simulation it must decide by what it is told alone: a rewound run asks it again. What it raises is one line in
    the log, and the partition stays as it is.

    >>> class LastOfTheIsr(PartitionLeaderSelector):
    ...     def select_leader(self, election):
    ...         isr = [broker for broker in election.isr if broker in election.online]
    ...         return SelectedLeader(isr[-1], isr) if isr else None
    >>> sim = Simulation(brokers=3, leader_selectors={"offline": LastOfTheIsr()})
    """

    @abstractmethod
    def select_leader(self, election: PartitionElection) -> SelectedLeader | None:
        """The next leader; None: no replica may lead, and the partition stays as it is."""

    def _decide(self, facts: dict[str, Any]) -> tuple[int, list[int], list[int] | None] | None:
        """As the core calls it."""
        selected = self.select_leader(PartitionElection(**facts))
        if selected is None:
            return None
        leader, isr, recipients = selected
        return leader, list(isr), None if recipients is None else list(recipients)


def selector_functions(
    selectors: Mapping[str, PartitionLeaderSelector] | None,
) -> dict[str, Callable[[dict[str, Any]], Any]]:
    """What the core takes."""
    for name, selector in (selectors or {}).items():
        if not isinstance(selector, PartitionLeaderSelector):
            raise TypeError(
                f"leader_selectors[{name!r}]: expected an object of a PartitionLeaderSelector, got {selector!r}"
            )
    return {name: selector._decide for name, selector in (selectors or {}).items()}
