"""What goes wrong in a simulation: disks and the network."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from kafkascope import _core
from kafkascope.durations import to_seconds
from kafkascope.log import Log

__all__ = ["SimDisk", "SimNetwork"]


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
