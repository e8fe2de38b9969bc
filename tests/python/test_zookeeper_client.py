"""ks.ZooKeeperClient with the embedded server: requests, watches, errors, sessions."""

from __future__ import annotations

import queue
from collections.abc import Iterator

import pytest

import kafkascope as ks
from kafkascope.errors import KafkaConfigurationError, KafkaError, KafkaTimeoutError
from kafkascope.zookeeper_client import Check, Create, Delete, SetData, WatchedEvent
from kafkascope.zookeeper_errors import (
    BadVersionError,
    ConnectionLossError,
    NoNodeError,
    RolledBackError,
    SessionExpiredError,
    ZooKeeperError,
    for_name,
)


@pytest.fixture
def server() -> Iterator[ks.ZooKeeperServer]:
    with ks.ZooKeeperServer(tick_time_ms=200) as started:
        yield started


@pytest.fixture
def zk(server: ks.ZooKeeperServer) -> Iterator[ks.ZooKeeperClient]:
    with ks.ZooKeeperClient(server.connect_string) as client:
        yield client


def test_data_versions_and_children(zk: ks.ZooKeeperClient) -> None:
    assert zk.create("/a/b", b"one", parents=True) == "/a/b"
    assert zk.create("/a/s-", sequential=True) == "/a/s-0000000001"
    assert zk.get("/a")[0] is None
    assert zk.set("/a/b", b"two", version=0).version == 1
    with pytest.raises(BadVersionError, match="BadVersion for /a/b"):
        zk.set("/a/b", b"three", version=0)
    assert zk.get("/a/b")[0] == b"two"
    assert zk.children("/a") == ["b", "s-0000000001"]
    zk.delete("/a/b", version=1)
    assert zk.exists("/a/b") is None


def test_a_multi_happens_whole_or_not_at_all(zk: ks.ZooKeeperClient) -> None:
    path, stat = zk.multi([Create("/m", b"1"), SetData("/m", b"2", 0)])
    assert (path, stat.version) == ("/m", 1)
    with pytest.raises(BadVersionError, match="operation 2 of 3"):
        zk.multi([Create("/n"), Check("/m", 0), Delete("/m")])
    assert zk.exists("/n") is None
    assert zk.multi([Check("/m", 1), Delete("/m")]) == [None, None]
    assert zk.multi([]) == []


def test_callbacks_are_called_once_in_order_and_may_ask(zk: ks.ZooKeeperClient) -> None:
    told: queue.Queue[object] = queue.Queue()
    zk.create("/w", b"old")
    zk.get("/w", watch=lambda event: told.put((event, zk.get("/w")[0])))
    zk.exists("/new", watch=told.put)
    zk.children("/w", watch=told.put)
    with pytest.raises(NoNodeError):
        zk.get("/missing", watch=told.put)
    zk.set("/w", b"new")
    zk.set("/w", b"newer")
    zk.create("/new")
    zk.create("/w/child")
    zk.create("/missing")
    first = told.get(timeout=10)
    assert isinstance(first, tuple)
    assert first[0] == WatchedEvent("changed", "/w")
    assert told.get(timeout=10) == ("created", "/new")
    assert told.get(timeout=10) == ("children", "/w")
    zk.children("/w", watch=told.put)
    zk.delete("/w/child")
    assert told.get(timeout=10) == ("children", "/w")
    zk.exists("/w", watch=told.put)
    zk.children("/w", watch=told.put)
    zk.delete("/w")
    assert {told.get(timeout=10) for _ in range(2)} == {("deleted", "/w")}
    assert told.empty()


def test_a_callback_that_fails_is_reported_and_the_next_one_is_called(
    zk: ks.ZooKeeperClient, capsys: pytest.CaptureFixture[str]
) -> None:
    told: queue.Queue[WatchedEvent] = queue.Queue()
    zk.exists("/x", watch=lambda _: 1 / 0)
    zk.exists("/x", watch=told.put)
    zk.create("/x")
    assert told.get(timeout=10) == ("created", "/x")
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_the_session_and_its_end(server: ks.ZooKeeperServer, zk: ks.ZooKeeperClient) -> None:
    with ks.ZooKeeperClient(server.connect_string) as other:
        other.create("/e", ephemeral=True)
        assert zk.get("/e")[1].ephemeral_owner == other.session_id != zk.session_id
        assert other.state == "CONNECTED"
    assert zk.exists("/e") is None
    assert other.state == "CLOSED"
    with pytest.raises(SessionExpiredError):
        other.get("/")
    gone: queue.Queue[WatchedEvent] = queue.Queue()
    with ks.ZooKeeperClient(server.connect_string) as expiring:
        expiring.create("/mine", ephemeral=True)
        old = expiring.session_id
        zk.exists("/mine", watch=gone.put)
        server.expire_session(old)
        assert gone.get(timeout=10) == ("deleted", "/mine")
        made = None
        while made is None:  # the client makes a new session by itself
            try:
                expiring.wait_until_connected(10)
                made = expiring.create("/again", ephemeral=True)
            except (SessionExpiredError, ConnectionLossError):
                continue
        assert expiring.session_id != old


def test_errors_say_what_was_wrong(server: ks.ZooKeeperServer) -> None:
    server.close()
    with pytest.raises(KafkaTimeoutError, match=f"{server.connect_string}: Connection refused"):
        ks.ZooKeeperClient(server.connect_string, connection_timeout_ms=300)
    with pytest.raises(KafkaConfigurationError, match='"x" is no port'):
        ks.ZooKeeperClient("localhost:x")
    assert for_name("RuntimeInconsistency") is RolledBackError
    assert for_name("Unheard") is ZooKeeperError
    assert issubclass(ZooKeeperError, KafkaError)
