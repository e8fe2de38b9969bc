"""Our ZooKeeper client with Apache ZooKeeper: a server that dies and comes back, an ensemble that loses its leader."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from pathlib import Path

import apache_zookeeper
import pytest
from apache_zookeeper import ApacheZooKeeper, Ensemble

import kafkascope as ks
from kafkascope.zookeeper_client import Check, Create, Delete, SetData, WatchedEvent
from kafkascope.zookeeper_errors import (
    BadVersionError,
    ConnectionLossError,
    NodeExistsError,
    NoNodeError,
    NotEmptyError,
)

pytestmark = pytest.mark.skipif(bool(apache_zookeeper.absent()), reason=apache_zookeeper.absent())

SESSION_MS = 20_000


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ApacheZooKeeper]:
    started = ApacheZooKeeper(tmp_path / "zk")
    started.wait_until_serving()
    yield started
    started.kill()


def test_each_operation(server: ApacheZooKeeper) -> None:
    with ks.ZooKeeperClient(server.address) as zk:
        assert zk.create("/a/b", b"one", parents=True) == "/a/b"
        with pytest.raises(NodeExistsError, match="NodeExists for /a/b"):
            zk.create("/a/b")
        assert zk.create("/a/s-", sequential=True) == "/a/s-0000000001"
        assert zk.get("/a")[0] is None
        value, stat = zk.get("/a/b")
        assert (value, stat.version, stat.data_length) == (b"one", 0, 3)
        assert zk.set("/a/b", b"", version=0).version == 1
        assert zk.get("/a/b")[0] == b""
        with pytest.raises(BadVersionError):
            zk.set("/a/b", b"two", version=0)
        assert zk.children("/a") == ["b", "s-0000000001"]
        with pytest.raises(NotEmptyError):
            zk.delete("/a")
        assert zk.exists("/none") is None
        made, checked, updated = zk.multi(
            [Create("/m", b"x", ephemeral=True), Check("/a/b", 1), SetData("/a/b", b"three", 1)]
        )
        assert (made, checked, updated.version) == ("/m", None, 2)
        assert zk.get("/m")[1].ephemeral_owner == zk.session_id
        with pytest.raises(BadVersionError, match="operation 2 of 3"):
            zk.multi([Create("/n"), Check("/a/b", 1), Delete("/m")])
        with pytest.raises(NoNodeError):
            zk.get("/n")
    with ks.ZooKeeperClient(server.address + "/a") as below:
        assert below.get("/b")[0] == b"three"
        assert below.exists("/m") is None


def test_many_children_and_a_large_value(server: ApacheZooKeeper) -> None:
    with ks.ZooKeeperClient(server.address) as zk:
        zk.create("/many")
        for start in range(0, 20_000, 1000):
            zk.multi([Create(f"/many/{'n' * 60}{i:05}") for i in range(start, start + 1000)])
        assert len(zk.children("/many")) == 20_000  # more than 1 MiB in one answer
        zk.create("/large", b"x" * 1_000_000)
        assert zk.get("/large")[0] == b"x" * 1_000_000


def test_a_server_killed_and_started_again_has_its_sessions_and_watches_still(
    server: ApacheZooKeeper,
) -> None:
    events: queue.Queue[WatchedEvent] = queue.Queue()
    with ks.ZooKeeperClient(server.address, session_timeout_ms=SESSION_MS) as zk:
        session = zk.session_id
        zk.create("/w", b"old")
        zk.create("/e", ephemeral=True)
        for path in ("/w", "/new"):
            zk.exists(path, watch=events.put)
        zk.children("/w", watch=events.put)
        server.kill()
        server.start()
        zk.wait_until_connected(60)
        assert zk.session_id == session
        assert zk.get("/e")[1].ephemeral_owner == session
        with ks.ZooKeeperClient(server.address) as other:
            other.set("/w", b"new")
            other.create("/new")
            other.create("/w/child")
        seen = [events.get(timeout=30) for _ in range(3)]
        assert seen == [("changed", "/w"), ("created", "/new"), ("children", "/w")]


class Writer(threading.Thread):
    """Makes sequential znodes and adds to a counter under its version, and keeps what was acknowledged."""

    def __init__(self, name: str, connect: str) -> None:
        super().__init__(name=name)
        self.zk = ks.ZooKeeperClient(connect, session_timeout_ms=SESSION_MS)
        self.session = self.zk.session_id
        self.made: dict[str, bytes] = {}
        self.counted: list[int] = []
        self.lost = 0
        self.stopping = threading.Event()
        self.error: Exception | None = None

    def run(self) -> None:
        number = 0
        while not self.stopping.is_set():
            number += 1
            try:
                self.write(f"{self.name} {number}".encode())
            except BadVersionError:
                pass
            except ConnectionLossError:
                self.lost += 1
                self.zk.wait_until_connected(60)
            except Exception as error:  # the test fails with it
                self.error = error
                return

    def write(self, value: bytes) -> None:
        path = self.zk.create("/made/n-", value, sequential=True)
        self.made[path] = value
        count, stat = self.zk.get("/count")
        assert count is not None
        self.zk.set("/count", str(int(count) + 1).encode(), stat.version)
        self.counted.append(int(count) + 1)


class Watcher:
    """Hears of every change of the counter that it can hear of: sets its watch again each time."""

    def __init__(self, connect: str) -> None:
        self.zk = ks.ZooKeeperClient(connect, session_timeout_ms=SESSION_MS)
        self.session = self.zk.session_id
        self.seen: list[int] = []
        self.look()

    def look(self, _: WatchedEvent | None = None) -> None:
        while True:
            try:
                value, _stat = self.zk.get("/count", watch=self.look)
                assert value is not None
                self.seen.append(int(value))
                return
            except ConnectionLossError:
                self.zk.wait_until_connected(60)


def wait_until(done: object, what: str, seconds: float = 60) -> None:
    assert callable(done)
    for _ in range(int(seconds / 0.02)):
        if done():
            return
        threading.Event().wait(0.02)
    raise AssertionError(f"not in {seconds} s: {what}")


def test_an_ensemble_that_loses_its_leader_loses_nothing_it_acknowledged(tmp_path: Path) -> None:
    with Ensemble(tmp_path) as ensemble:
        leader = ensemble.leader()
        with ks.ZooKeeperClient(ensemble.connect_string) as zk:
            zk.create("/made")
            zk.create("/count", b"0")
        writers = [Writer(f"writer-{i}", ensemble.connect_string) for i in range(3)]
        watcher = Watcher(ensemble.connect_string)
        for writer in writers:
            writer.start()
        wait_until(lambda: all(len(w.counted) >= 20 for w in writers), "twenty writes of each")
        leader.kill()
        before = [len(w.counted) for w in writers]
        wait_until(
            lambda: all(len(w.counted) >= n + 20 for w, n in zip(writers, before, strict=True)),
            "twenty writes of each after the leader's end",
        )
        for writer in writers:
            writer.stopping.set()
            writer.join(60)
        assert [w.error for w in writers] == [None] * 3
        assert sum(w.lost for w in writers) > 0, "the leader's end was not felt"
        assert [w.zk.session_id for w in writers] == [w.session for w in writers]
        assert watcher.zk.session_id == watcher.session

        last = int((watcher.zk.get("/count")[0]) or b"0")
        wait_until(lambda: watcher.seen[-1] == last, "the watch on the last change")
        assert watcher.seen == sorted(set(watcher.seen))
        counted = [count for w in writers for count in w.counted]
        assert len(counted) == len(set(counted)), "two updates under one version"
        assert max(counted) <= last
        kept = {f"/made/{name}" for name in watcher.zk.children("/made")}
        for writer in writers:
            for path, value in writer.made.items():
                assert path in kept
                assert watcher.zk.get(path)[0] == value
            writer.zk.close()
        watcher.zk.close()
