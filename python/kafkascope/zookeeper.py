"""ZooKeeperServer: a standalone ZooKeeper on a real socket, inside this process."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any

from kafkascope import _core
from kafkascope.config import text

__all__ = ["ZooKeeperServer"]


class ZooKeeperServer:
    """A ZooKeeper that any ZooKeeper client can use, started when it is made.

    Args:
        data_dir: where it keeps its files, in Apache ZooKeeper's formats; a temporary directory, removed at the end,
            when not given. A server on the same directory goes on where the last one stopped, sessions included.
        port: 0 picks a free one.
        host: the address to listen at.
        tick_time_ms: sessions expire at multiples of it.
        min_session_timeout_ms: what a client gets at the least; two ticks by default.
        max_session_timeout_ms: what a client gets at the most; twenty ticks by default.
        config: further keys of zoo.cfg, such as {"snapCount": 1000}.

    Raises:
        KafkaConfigurationError: a value that is not accepted.
        KafkaStorageError: the directory cannot be used.

    >>> with ZooKeeperServer() as zookeeper:
    ...     zookeeper.connect_string
    '127.0.0.1:...'
    """

    def __init__(
        self,
        data_dir: str | Path | None = None,
        *,
        port: int = 0,
        host: str = "127.0.0.1",
        tick_time_ms: int = 3000,
        min_session_timeout_ms: int | None = None,
        max_session_timeout_ms: int | None = None,
        config: dict[str, Any] | None = None,
    ) -> None:
        self._temporary = tempfile.mkdtemp(prefix="kafkascope-zk-") if data_dir is None else None
        self.data_dir = Path(self._temporary or str(data_dir))
        properties = {
            "dataDir": self.data_dir,
            "clientPort": port,
            "clientPortAddress": host,
            "tickTime": tick_time_ms,
            "minSessionTimeout": -1 if min_session_timeout_ms is None else min_session_timeout_ms,
            "maxSessionTimeout": -1 if max_session_timeout_ms is None else max_session_timeout_ms,
            "autopurge.purgeInterval": 1,
            **(config or {}),
        }
        try:
            self._core = _core.ZooKeeperServer({k: text(v) for k, v in properties.items()})
        except BaseException:
            self._remove_temporary()
            raise

    @property
    def host(self) -> str:
        """Where it listens."""
        return self._core.host

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._core.port

    @property
    def connect_string(self) -> str:
        """host:port, as every ZooKeeper client and a broker's zookeeper.connect take it."""
        return f"{self.host}:{self.port}"

    @property
    def last_zxid(self) -> int:
        """The number of the newest transaction."""
        return self._core.last_zxid

    @property
    def failure(self) -> str:
        """Why it serves no more (its disk failed); empty while it does."""
        return self._core.failure

    def sessions(self) -> list[dict[str, Any]]:
        """Each session: id, timeout_ms, client ("host:port", or None while not connected), ephemerals."""
        return self._core.sessions()

    def nodes(self) -> list[str]:
        """The paths of all znodes, sorted."""
        return [node["path"] for node in self._core.nodes()]

    def get(self, path: str) -> dict[str, Any] | None:
        """A znode: its data, its ACL and all numbers of its Stat; None when there is none."""
        return self._core.get(path)

    def watches(self) -> list[dict[str, Any]]:
        """Each watch: path, kind (data, children, persistent, persistent_recursive) and session."""
        return self._core.watches()

    def expire_session(self, session_id: int) -> None:
        """Ends a session soon, as if its client had been silent for too long. Unknown ones are ignored."""
        self._core.expire_session(session_id)

    def delay_notifications(self, seconds: float) -> None:
        """From now on watch events leave so much later, and what is behind them on their connections too."""
        self._core.delay_notifications(seconds)

    def to_dict(self) -> dict[str, Any]:
        """Everything: address, sessions, watches, and the znodes by path."""
        return {
            "connect_string": self.connect_string,
            "last_zxid": self.last_zxid,
            "sessions": self.sessions(),
            "watches": self.watches(),
            "nodes": {node.pop("path"): node for node in self._core.nodes()},
        }

    def close(self) -> None:
        """Stops cleanly; sessions go on. Removes the data when the directory was a temporary one. Idempotent."""
        self._core.shutdown()
        self._remove_temporary()

    def _remove_temporary(self) -> None:
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)
            self._temporary = None

    def __enter__(self) -> ZooKeeperServer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<ZooKeeperServer at {self.connect_string}, {len(self.sessions())} sessions>"
