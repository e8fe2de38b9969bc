"""ZooKeeperClient: a session with ZooKeeper, ours or Apache's."""

from __future__ import annotations

import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, NamedTuple

from kafkascope import _core
from kafkascope.zookeeper_errors import for_name

__all__ = [
    "Check",
    "Create",
    "Delete",
    "SetData",
    "WatchedEvent",
    "ZNodeStat",
    "ZooKeeperClient",
]

ANY_VERSION = -1
_EPHEMERAL, _SEQUENTIAL = 1, 2


class ZNodeStat(NamedTuple):
    """What ZooKeeper knows of a znode: transactions and times that made and changed it, versions, owner, sizes."""

    czxid: int
    mzxid: int
    ctime: int
    mtime: int
    version: int
    cversion: int
    aversion: int
    ephemeral_owner: int
    data_length: int
    num_children: int
    pzxid: int


class WatchedEvent(NamedTuple):
    """What a watch tells: `type` is "created", "deleted", "changed" or "children"."""

    type: str
    path: str


class Create(NamedTuple):
    """A part of a multi."""

    path: str
    value: bytes | None = None
    ephemeral: bool = False
    sequential: bool = False


class SetData(NamedTuple):
    """A part of a multi."""

    path: str
    value: bytes | None
    version: int = ANY_VERSION


class Delete(NamedTuple):
    """A part of a multi."""

    path: str
    version: int = ANY_VERSION


class Check(NamedTuple):
    """A part of a multi: the others happen only while the znode has this version."""

    path: str
    version: int = ANY_VERSION


Callback = Callable[[WatchedEvent], object]
_Operation = tuple[str, str, bytes | None, int, int]


class ZooKeeperClient:
    """A session with ZooKeeper, begun when it is made; goes on at another server when its server is lost.

    A session that has expired is made anew. Watches fire once, and are gone with an expired session. Callbacks run on
    one thread of the client, in the order in which ZooKeeper said it, and may use the client.

    Args:
        connect: "host:port,host:port/chroot".
        session_timeout_ms: how long the session lives on without a connection; the server may change it.
        connection_timeout_ms: how long to wait for the first connection.

    Raises:
        KafkaTimeoutError: no server gave a session; says what was wrong with each.
        KafkaConfigurationError: `connect` is not of that form.

    >>> with ZooKeeperClient("localhost:2181") as zookeeper:
    ...     zookeeper.create("/flights", b"JFK")
    ...     zookeeper.get("/flights", watch=print)
    '/flights'
    (b'JFK', ZNodeStat(czxid=...))
    """

    def __init__(
        self, connect: str, *, session_timeout_ms: int = 18000, connection_timeout_ms: int = 18000
    ) -> None:
        self.connect = connect
        self._core = _core.RealZooKeeperClient(connect, session_timeout_ms, connection_timeout_ms)
        self._watches = _Watches(self._core)
        try:
            self._core.start()
        except BaseException:
            self.close()
            raise

    def create(
        self,
        path: str,
        value: bytes | None = None,
        *,
        ephemeral: bool = False,
        sequential: bool = False,
        parents: bool = False,
    ) -> str:
        """Makes a znode and returns its path, which a sequential one gets from ZooKeeper.

        Args:
            path: where; of a sequential one, how it begins.
            value: its data; None is not the same as b"".
            ephemeral: it goes with this session.
            sequential: ten digits are added to the name.
            parents: makes those that are missing, too.

        Raises:
            NodeExistsError: there is one.
            NoNodeError: its parent is missing.
        """
        if parents:
            self._make_parents(path)
        return str(self._ask(_operation(Create(path, value, ephemeral, sequential)))["path"])

    def get(self, path: str, watch: Callback | None = None) -> tuple[bytes | None, ZNodeStat]:
        """The data and the Stat; `watch` is called once, when the znode changes or goes."""
        answer = self._read("get", path, watch)
        _raise(answer)
        return answer["data"], ZNodeStat(**answer["stat"])

    def exists(self, path: str, watch: Callback | None = None) -> ZNodeStat | None:
        """The Stat, None without such a znode; `watch` is called once, when it comes, changes or goes."""
        answer = self._read("exists", path, watch)
        if answer["error"] == "NoNode":
            return None
        _raise(answer)
        return ZNodeStat(**answer["stat"])

    def children(self, path: str, watch: Callback | None = None) -> list[str]:
        """The children's names, sorted; `watch` is called once, when one comes or goes, or the znode itself goes."""
        answer = self._read("children", path, watch)
        _raise(answer)
        return sorted(answer["children"])

    def set(self, path: str, value: bytes | None, version: int = ANY_VERSION) -> ZNodeStat:
        """Replaces the data, if the znode has this version.

        Raises:
            BadVersionError: somebody else changed it.
            NoNodeError: there is none.
        """
        return ZNodeStat(**self._ask(_operation(SetData(path, value, version)))["stat"])

    def delete(self, path: str, version: int = ANY_VERSION) -> None:
        """Removes a znode without children, if it has this version."""
        self._ask(_operation(Delete(path, version)))

    def multi(self, operations: Iterable[Create | SetData | Delete | Check]) -> list[Any]:
        """All of them, or none. Returns paths for creates, Stats for sets, None for the others.

        Raises:
            ZooKeeperError: of the class of the operation that failed; says which one.
        """
        wanted = list(operations)
        answer = self._core.multi([_operation(one) for one in wanted])
        if answer["error"] and answer["parts"]:
            for number, (one, part) in enumerate(zip(wanted, answer["parts"], strict=True), 1):
                if part["error"]:
                    text = f"{part['error']} for {one.path}, operation {number} of {len(wanted)}"
                    raise for_name(part["error"])(text)
        _raise(answer)
        return [_result(one, part) for one, part in zip(wanted, answer["parts"], strict=True)]

    def wait_until_connected(self, timeout: float | None = None) -> None:
        """Blocks until there is a connection, at most so many seconds.

        Raises:
            KafkaTimeoutError: says what was wrong with each server.
            SessionExpiredError: the session is over; the next one is on its way unless the client is closed.
        """
        self._core.wait_until_connected(timeout)

    @property
    def session_id(self) -> int:
        """0 before the first connection."""
        return self._core.session_id

    @property
    def state(self) -> str:
        """CONNECTED, CONNECTING, CLOSED (also: expired) or AUTH_FAILED."""
        return self._core.state

    def close(self) -> None:
        """Ends the session: its ephemeral znodes go at once. Idempotent."""
        self._core.close()

    def _ask(self, operation: _Operation) -> dict[str, Any]:
        answer = self._core.ask(operation)
        _raise(answer)
        return answer

    def _read(self, kind: str, path: str, watch: Callback | None) -> dict[str, Any]:
        operation = (kind, path, None, 0, ANY_VERSION)
        if watch is None:
            return self._core.ask(operation)
        self._watches.add(kind, path, watch)
        answer = self._core.ask(operation)
        if answer["error"] and not (kind == "exists" and answer["error"] == "NoNode"):
            self._watches.remove(kind, path, watch)
        return answer

    def _make_parents(self, path: str) -> None:
        names = path.strip("/").split("/")[:-1]
        for end in range(1, len(names) + 1):
            answer = self._core.ask(_operation(Create("/" + "/".join(names[:end]))))
            if answer["error"] != "NodeExists":
                _raise(answer)

    def __enter__(self) -> ZooKeeperClient:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<ZooKeeperClient of {self.connect}, {self.state}, session 0x{self.session_id:x}>"


class _Watches:
    """The callbacks that wait, by what they wait for; calls them on a thread that the first one starts."""

    def __init__(self, core: _core.RealZooKeeperClient) -> None:
        self._core = core
        self._lock = threading.Lock()
        self._waiting: dict[tuple[bool, str], list[Callback]] = defaultdict(list)
        self._thread: threading.Thread | None = None

    def add(self, kind: str, path: str, callback: Callback) -> None:
        with self._lock:
            self._waiting[kind == "children", path].append(callback)
            self._core.watch(path)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="zookeeper-watches", daemon=True
                )
                self._thread.start()

    def remove(self, kind: str, path: str, callback: Callback) -> None:
        with self._lock:
            waiting = self._waiting[kind == "children", path]
            if callback in waiting:
                waiting.remove(callback)
            self._forget_if_idle(path)

    def _run(self) -> None:
        while (event := self._core.next_event()) is not None:
            for callback in self._take(*event):
                try:
                    callback(WatchedEvent(*event))
                except Exception:
                    sys.excepthook(*sys.exc_info())

    def _take(self, kind: str, path: str) -> list[Callback]:
        with self._lock:
            of_data = self._waiting.pop((False, path), []) if kind != "children" else []
            of_children = (
                self._waiting.pop((True, path), []) if kind in ("children", "deleted") else []
            )
            self._forget_if_idle(path)
            return of_data + of_children

    def _forget_if_idle(self, path: str) -> None:
        if not self._waiting.get((False, path)) and not self._waiting.get((True, path)):
            self._waiting.pop((False, path), None)
            self._waiting.pop((True, path), None)
            self._core.unwatch(path)


def _operation(one: Create | SetData | Delete | Check) -> _Operation:
    if isinstance(one, Create):
        mode = _EPHEMERAL * one.ephemeral + _SEQUENTIAL * one.sequential
        return ("create", one.path, one.value, mode, ANY_VERSION)
    if isinstance(one, SetData):
        return ("set", one.path, one.value, 0, one.version)
    kind = "delete" if isinstance(one, Delete) else "check"
    return (kind, one.path, None, 0, one.version)


def _result(one: Create | SetData | Delete | Check, part: dict[str, Any]) -> Any:
    if isinstance(one, Create):
        return part["path"]
    return ZNodeStat(**part["stat"]) if isinstance(one, SetData) else None


def _raise(answer: dict[str, Any]) -> None:
    if answer["error"]:
        raise for_name(answer["error"])(f"{answer['error']} for {answer['path']}")
