"""One data directory, served in turn by this ZooKeeper and by Apache's; a client's session goes along."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apache_kafka
import pytest
from kazoo.client import KazooClient
from kazoo.exceptions import NoNodeError
from kazoo.security import make_acl, make_digest_acl

import kafkascope as ks

pytestmark = pytest.mark.skipif(bool(apache_kafka.absent()), reason=apache_kafka.absent())


@contextmanager
def ours(home: Path, port: int) -> Iterator[None]:
    with ks.ZooKeeperServer(home / "data", port=port):
        yield


@contextmanager
def apaches(home: Path, port: int) -> Iterator[None]:
    config = {
        "dataDir": str(home / "data"),
        "clientPort": str(port),
        "clientPortAddress": "127.0.0.1",
        "admin.enableServer": "false",
    }
    path = apache_kafka.write_properties(home / "zoo.cfg", config)
    java = apache_kafka.JavaProcess(
        home, "org.apache.zookeeper.server.quorum.QuorumPeerMain", str(path)
    )
    try:
        apache_kafka.wait_for_port(port, java.process)
        yield
    finally:
        java.stop()


def change(zk: KazooClient, turn: int) -> None:
    """One of each kind of transaction."""
    zk.create(f"/{turn}", b"data", acl=[make_acl("world", "anyone", all=True)])
    zk.create(f"/{turn}/private", acl=[make_digest_acl("u", "p", all=True)])
    zk.create("/q/n-", sequence=True)
    zk.create(f"/{turn}/e", b"mine", ephemeral=True)
    version = zk.set("/q", b"x").version
    zk.create(f"/{turn}/gone")
    zk.delete(f"/{turn}/gone")
    zk.set_acls(f"/{turn}", [make_acl("ip", "127.0.0.1", all=True)])
    transaction = zk.transaction()
    transaction.check("/q", version=version)
    transaction.create(f"/{turn}/multi")
    transaction.set_data("/q", b"multi", version=-1)
    assert len(transaction.commit()) == 3
    with pytest.raises(NoNodeError):
        zk.create("/no/parent")


def everything(zk: KazooClient, path: str = "/") -> dict[str, object]:
    """Data, Stat and ACL of every znode but ZooKeeper's own."""
    data, stat = zk.get(path)
    found: dict[str, object] = {path: (data, stat, zk.get_acls(path)[0])}
    for child in sorted(zk.get_children(path)):
        if child != "zookeeper":
            found |= everything(zk, f"{path.rstrip('/')}/{child}")
    return found


def test_a_directory_goes_to_and_fro(tmp_path: Path) -> None:
    port = apache_kafka.free_port()
    zk = KazooClient(hosts=f"127.0.0.1:{port}", timeout=30, auth_data=[("digest", "u:p")])
    before: dict[str, object] = {}
    session = None
    for turn, server in enumerate([ours, apaches, ours, apaches]):
        with server(tmp_path, port):
            if turn == 0:
                zk.start(timeout=30)
                zk.create("/q")
                session = zk.client_id
            found = zk.retry(everything, zk)
            assert zk.client_id == session
            assert found == before or turn == 0
            change(zk, turn)
            before = everything(zk)
    zk.stop()
