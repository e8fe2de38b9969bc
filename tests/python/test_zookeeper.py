"""The embedded ZooKeeper, as kazoo sees it."""

from __future__ import annotations

import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from kazoo.client import KazooClient, KazooState
from kazoo.exceptions import (
    BadVersionError,
    NoAuthError,
    NodeExistsError,
    NoNodeError,
    NotEmptyError,
    RolledBackError,
)
from kazoo.protocol.states import WatchedEvent
from kazoo.security import make_digest_acl

import kafkascope as ks


@pytest.fixture
def server() -> Iterator[ks.ZooKeeperServer]:
    with ks.ZooKeeperServer(tick_time_ms=200) as started:
        yield started


@contextmanager
def client(server: ks.ZooKeeperServer, **options: object) -> Iterator[KazooClient]:
    made = KazooClient(hosts=server.connect_string, timeout=4, **options)
    made.start(timeout=10)
    try:
        yield made
    finally:
        made.stop()
        made.close()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_create_read_update_delete(server: ks.ZooKeeperServer) -> None:
    with client(server) as zk:
        assert zk.create("/a", b"one") == "/a"
        with pytest.raises(NodeExistsError):
            zk.create("/a")
        with pytest.raises(NoNodeError):
            zk.create("/b/c")
        data, stat = zk.get("/a")
        assert (data, stat.version, stat.dataLength) == (b"one", 0, 3)
        assert zk.set("/a", b"two", version=0).version == 1
        with pytest.raises(BadVersionError):
            zk.set("/a", b"three", version=0)
        zk.create("/a/b")
        assert zk.get_children("/a") == ["b"]
        children, parent = zk.get_children("/a", include_data=True)
        assert (children, parent.numChildren, parent.cversion) == (["b"], 1, 1)
        with pytest.raises(NotEmptyError):
            zk.delete("/a")
        zk.delete("/a/b")
        assert zk.exists("/a").cversion == 2
        zk.delete("/a")
        assert zk.exists("/a") is None
        assert zk.create("/ü", include_data=True)[1].czxid == server.last_zxid


def test_sequential_names_count_on_after_deletions(server: ks.ZooKeeperServer) -> None:
    with client(server) as zk:
        zk.ensure_path("/q")
        assert zk.create("/q/n-", sequence=True) == "/q/n-0000000000"
        zk.delete("/q/n-0000000000")
        assert zk.create("/q/n-", sequence=True, ephemeral=True) == "/q/n-0000000001"


def test_ephemerals_go_with_their_session(server: ks.ZooKeeperServer) -> None:
    with client(server) as watcher:
        with client(server) as owner:
            owner.create("/e", ephemeral=True)
            assert watcher.exists("/e").owner_session_id == owner.client_id[0]
        assert watcher.exists("/e") is None
        silent = KazooClient(hosts=server.connect_string, timeout=4)
        silent.start()
        silent.create("/e", ephemeral=True)
        gone = threading.Event()
        watcher.exists("/e", watch=lambda _: gone.set())
        server.expire_session(silent.client_id[0])
        assert gone.wait(10)
        silent.stop()


def test_watches_fire_once(server: ks.ZooKeeperServer) -> None:
    events: queue.Queue[WatchedEvent] = queue.Queue()
    with client(server) as zk, client(server) as other:
        zk.create("/w")
        zk.get("/w", watch=events.put)
        zk.get_children("/w", watch=events.put)
        other.set("/w", b"1")
        other.set("/w", b"2")
        other.create("/w/c")
        seen = [events.get(timeout=10) for _ in range(2)]
        assert [(e.type, e.path) for e in seen] == [("CHANGED", "/w"), ("CHILD", "/w")]
        assert server.watches() == []
    assert events.empty()


def test_a_transaction_is_all_or_nothing(server: ks.ZooKeeperServer) -> None:
    with client(server) as zk:
        zk.create("/a", b"0")
        good = zk.transaction()
        good.check("/a", version=0)
        good.create("/b", b"1")
        good.create("/b/c", b"2")
        good.set_data("/a", b"1")
        good.delete("/b/c")
        results = good.commit()
        assert results[:3] == [True, "/b", "/b/c"]
        assert results[3].version == 1
        bad = zk.transaction()
        bad.create("/d")
        bad.check("/a", version=0)
        bad.create("/e")
        kinds = [type(result) for result in bad.commit()]
        assert kinds[:2] == [RolledBackError, BadVersionError]
        assert zk.exists("/d") is None


def test_acls(server: ks.ZooKeeperServer) -> None:
    with client(server, auth_data=[("digest", "user:secret")]) as zk, client(server) as other:
        zk.create("/private", b"x", acl=[make_digest_acl("user", "secret", all=True)])
        assert zk.get("/private")[0] == b"x"
        with pytest.raises(NoAuthError):
            other.get("/private")
        other.add_auth("digest", "user:secret")
        assert other.get("/private")[0] == b"x"
        assert other.get_acls("/private")[0][0].id.id.startswith("user:")


def test_recipes(server: ks.ZooKeeperServer) -> None:
    order: list[str] = []
    with client(server) as a, client(server) as b:
        lock = a.Lock("/lock", "a")
        lock.acquire()
        waiting = threading.Thread(target=lambda: b.Election("/e", "b").run(order.append, "b"))
        with a.Lock("/other", "a"):
            assert not b.Lock("/lock", "b").acquire(blocking=False)
        lock.release()
        assert b.Lock("/lock", "b").acquire(timeout=10)
        waiting.start()
        waiting.join(20)
    assert order == ["b"]


def test_a_session_outlives_the_server(tmp_path: Path) -> None:
    with ks.ZooKeeperServer(tmp_path, tick_time_ms=500) as first:
        port = first.port
        zk = KazooClient(hosts=first.connect_string, timeout=10)
        zk.start()
        zk.create("/e", b"kept", ephemeral=True)
        session = zk.client_id
        states: queue.Queue[str] = queue.Queue()
        zk.add_listener(states.put)
    with ks.ZooKeeperServer(tmp_path, port=port, tick_time_ms=500) as second:
        assert states.get(timeout=10) == KazooState.SUSPENDED
        assert states.get(timeout=20) == KazooState.CONNECTED
        assert zk.client_id == session
        assert zk.get("/e")[0] == b"kept"
        assert second.sessions()[0]["ephemerals"] == ["/e"]
        zk.stop()
        until(lambda: second.get("/e") is None)


def test_what_can_be_seen(server: ks.ZooKeeperServer) -> None:
    with client(server) as zk:
        zk.create("/a", b"x", ephemeral=True)
        zk.get("/a", watch=print)
        seen = server.to_dict()
        assert seen["nodes"]["/a"]["data"] == b"x"
        assert seen["sessions"][0]["timeout_ms"] == 4000
        assert seen["watches"] == [{"path": "/a", "kind": "data", "session": zk.client_id[0]}]
        assert server.nodes()[:2] == ["/", "/a"]
        assert "1 sessions" in repr(server)
    assert server.get("/a") is None


def ask(server: ks.ZooKeeperServer, word: str) -> str:
    with socket.create_connection((server.host, server.port), timeout=10) as connection:
        connection.sendall(word.encode())
        with connection.makefile() as answer:
            return answer.read()


def test_four_letter_words() -> None:
    with ks.ZooKeeperServer(config={"4lw.commands.whitelist": "*"}) as server, client(server) as zk:
        zk.create("/e", ephemeral=True)
        zk.get("/e", watch=print)
        assert ask(server, "ruok") == "imok"
        assert "Mode: standalone\nNode count: 5\n" in ask(server, "srvr")
        assert "zk_ephemerals_count\t1\n" in ask(server, "mntr")
        assert "\t/e\n" in ask(server, "dump")
        assert f"sid={zk.client_id[0]:#x}" in ask(server, "stat")
        assert f"sid={zk.client_id[0]:#x}" in ask(server, "cons")
        assert "tickTime=3000\n" in ask(server, "conf")
        assert ask(server, "wchs").startswith("1 connections watching 1 paths")
    with ks.ZooKeeperServer() as server:
        assert ask(server, "srvr").startswith("Zookeeper version: 3.8")
        assert "not in the whitelist" in ask(server, "ruok")
        assert ask(server, "what") == ""


def test_what_is_not_accepted(tmp_path: Path) -> None:
    with pytest.raises(ks.errors.KafkaConfigurationError, match="use Apache ZooKeeper"):
        ks.ZooKeeperServer(config={"server.1": "a:2888:3888"})
    with pytest.raises(ks.errors.KafkaConfigurationError, match="tickTime"):
        ks.ZooKeeperServer(tick_time_ms=0)
    with (
        ks.ZooKeeperServer(tmp_path),
        pytest.raises(ks.errors.KafkaStorageError, match="another server"),
    ):
        ks.ZooKeeperServer(tmp_path)


def test_the_command(tmp_path: Path) -> None:
    properties = tmp_path / "zookeeper.properties"
    properties.write_text(f"dataDir={tmp_path}/data\nclientPort=2181\nmaxClientCnxns=0\n")
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "kafkascope.cli.zookeeper", str(properties)),
            *("--override=clientPort=0", "--override=clientPortAddress=127.0.0.1"),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    address = process.stdout.readline().strip().rpartition("=")[2]
    zk = KazooClient(hosts=address)
    zk.start(timeout=10)
    zk.create("/a")
    zk.stop()
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    with ks.ZooKeeperServer(tmp_path / "data") as server:
        assert server.get("/a") is not None
