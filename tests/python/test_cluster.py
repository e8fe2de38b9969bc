"""Three real brokers in this process: they form, and lead on when one goes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import kafkascope as ks
from kafkascope import errors


@pytest.fixture(scope="module")
def cluster() -> Iterator[ks.LocalCluster]:
    config = {"auto.leader.rebalance.enable": False}
    with ks.LocalCluster(brokers=3, config=config) as running:
        yield running


@pytest.fixture
def topic(cluster: ks.LocalCluster, request: pytest.FixtureRequest) -> str:
    name = str(request.node.name)
    with ks.KafkaAdminClient(bootstrap_servers=cluster.bootstrap_servers) as admin:
        admin.create_topics([ks.NewTopic(name, num_partitions=3, replication_factor=3)])
    until(lambda: len(isr(cluster, name)) == 3)
    return name


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def partition(cluster: ks.LocalCluster, topic: str) -> dict[str, Any]:
    """Partition 0, as a client is told by a broker that has heard of it."""
    with ks.KafkaAdminClient(bootstrap_servers=cluster.bootstrap_servers) as admin:
        until(lambda: admin.describe_topics([topic])[0]["partitions"] != [])
        found: dict[str, Any] = admin.describe_topics([topic])[0]["partitions"][0]
        return found


def leader(cluster: ks.LocalCluster, topic: str) -> int:
    return int(partition(cluster, topic)["leader_id"])


def isr(cluster: ks.LocalCluster, topic: str) -> list[int]:
    return sorted(partition(cluster, topic)["isr_nodes"])


def send(cluster: ks.LocalCluster, topic: str, value: bytes) -> int:
    with ks.KafkaProducer(bootstrap_servers=cluster.bootstrap_servers, acks="all") as producer:
        return producer.send(topic, value, partition=0).get(20).offset


def test_it_forms(cluster: ks.LocalCluster) -> None:
    assert [broker.broker_id for broker in cluster.brokers] == [1, 2, 3]
    assert cluster.bootstrap_servers.count(":") == 3
    with ks.KafkaAdminClient(bootstrap_servers=cluster.bootstrap_servers) as admin:
        told = admin.describe_cluster()
    assert {node["node_id"] for node in told["brokers"]} == {1, 2, 3}
    assert told["controller_id"] in (1, 2, 3)


def test_every_replica_gets_the_record(cluster: ks.LocalCluster, topic: str) -> None:
    assert send(cluster, topic, b"x") == 0
    for broker in cluster.brokers:
        assert broker.partition(topic, 0)["log_end_offset"] == 1
        until(lambda broker=broker: broker.partition(topic, 0)["high_watermark"] == 1)
        [record] = broker.log_manager.log(topic, 0).records()
        assert record.value == b"x"


def test_another_leads_when_the_leader_stops(cluster: ks.LocalCluster, topic: str) -> None:
    first = leader(cluster, topic)
    send(cluster, topic, b"before")
    cluster.broker(first).stop()
    assert not cluster.broker(first).is_running
    with pytest.raises(errors.IllegalStateError, match=f"broker {first} is down"):
        cluster.broker(first).partition(topic, 0)
    second = leader(cluster, topic)
    assert second not in (first, -1)
    assert first not in isr(cluster, topic)
    assert send(cluster, topic, b"meanwhile") == 1
    cluster.broker(first).start()
    until(lambda: isr(cluster, topic) == [1, 2, 3])
    assert cluster.broker(first).partition(topic, 0)["log_end_offset"] == 2
    assert leader(cluster, topic) == second, "nobody asked it to lead again"


def test_a_broker_keeps_its_port(cluster: ks.LocalCluster) -> None:
    broker = cluster.broker(2)
    before = broker.host, broker.port
    broker.stop()
    broker.stop()
    assert repr(broker) == "<Broker 2, down>"
    broker.start()
    assert (broker.host, broker.port) == before


def test_zookeeper_shows_who_is_there(cluster: ks.LocalCluster) -> None:
    nodes = cluster.zookeeper.nodes()
    assert {f"/brokers/ids/{id}" for id in (1, 2, 3)} <= set(nodes)
    held = [path for session in cluster.zookeeper.sessions() for path in session["ephemerals"]]
    assert sorted(held) == ["/brokers/ids/1", "/brokers/ids/2", "/brokers/ids/3", "/controller"]
    assert any(watch["path"] == "/controller" for watch in cluster.zookeeper.watches())


def test_another_controller_when_its_session_ends(cluster: ks.LocalCluster) -> None:
    def controller() -> tuple[str, int]:
        node = cluster.zookeeper.get("/controller")
        return ("", 0) if node is None else (str(node["data"]), node["czxid"])

    def epoch() -> int:
        node = cluster.zookeeper.get("/controller_epoch")
        assert node is not None
        return int(node["data"])

    before, before_epoch = controller(), epoch()
    [session] = [s for s in cluster.zookeeper.sessions() if "/controller" in s["ephemerals"]]
    cluster.zookeeper.expire_session(session["id"])
    until(lambda: controller()[1] > before[1] and epoch() == before_epoch + 1)
    until(
        lambda: any(
            len(b.controller.context["live_brokers"]) == 3
            for b in cluster.brokers
            if b.controller.is_active
        )
    )


def test_controllers_and_partitions_are_seen(cluster: ks.LocalCluster, topic: str) -> None:
    until(lambda: sum(broker.controller.is_active for broker in cluster.brokers) == 1)
    [active] = [broker for broker in cluster.brokers if broker.controller.is_active]
    states = active.controller.partition_state_machine
    assert {states[topic, index] for index in range(3)} == {"OnlinePartition"}
    assert send(cluster, topic, b"x") == 0
    seen = cluster.partition(topic, 0)
    assert seen.leader == leader(cluster, topic)
    assert [one["log_end_offset"] for one in seen.replicas] == [1, 1, 1]


class LastOfTheIsr(ks.PartitionLeaderSelector):
    def select_leader(self, election: ks.PartitionElection) -> ks.SelectedLeader | None:
        isr = [id for id in election.isr if id in election.online]
        return ks.SelectedLeader(isr[-1], isr) if isr else None


def test_a_selector_in_python_moves_the_leader_of_a_broker_that_stops() -> None:
    selectors = {"controlled_shutdown": LastOfTheIsr()}
    with ks.LocalCluster(brokers=3, leader_selectors=selectors) as own:
        with ks.KafkaAdminClient(bootstrap_servers=own.bootstrap_servers) as admin:
            admin.create_topics([ks.NewTopic("t", num_partitions=1, replication_factor=3)])
        until(lambda: len(isr(own, "t")) == 3)
        replicas = own.partition("t", 0).in_sync_replica_ids
        own.broker(replicas[0]).stop()
        until(lambda: own.partition("t", 0).leader == replicas[-1])
    with pytest.raises(errors.KafkaConfigurationError, match="not processes=True"):
        ks.LocalCluster(processes=True, leader_selectors=selectors)


def test_one_broker_stands_alone() -> None:
    with ks.LocalCluster() as alone:
        with pytest.raises(errors.IllegalStateError, match="without ZooKeeper: use brokers=2"):
            alone.zookeeper  # noqa: B018
        with pytest.raises(
            errors.KafkaConfigurationError, match=r"broker 2: this cluster has \[1\]"
        ):
            alone.broker(2)
    with pytest.raises(errors.IllegalStateError, match="the cluster is closed"):
        alone.broker(1)


def test_racks_and_own_settings() -> None:
    with (
        ks.LocalCluster(brokers=2, broker_config={2: {"broker.rack": "b"}}) as two,
        ks.KafkaAdminClient(bootstrap_servers=two.bootstrap_servers) as admin,
    ):
        racks = {node["node_id"]: node["rack"] for node in admin.describe_cluster()["brokers"]}
    assert racks == {1: None, 2: "b"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"brokers": 0}, "brokers=0: expected at least 1"),
        ({"brokers": 2, "ports": [1, 2, 3]}, "ports: 3 given for 2 brokers"),
        ({"brokers": 2, "broker_config": {3: {}}}, "broker_config: no broker 3 among"),
        ({"brokers": 2, "config": {"num.partitionz": 1}}, "did you mean num.partitions"),
    ],
)
def test_what_cannot_be_is_said(arguments: dict[str, object], told: str) -> None:
    with pytest.raises(errors.KafkaConfigurationError, match=told):
        ks.LocalCluster(**arguments)  # type: ignore[arg-type]


def test_a_broker_that_cannot_start_ends_the_others() -> None:
    with ks.LocalCluster() as other:
        taken = other.broker(1).port
        with pytest.raises(errors.KafkaError, match=str(taken)):
            ks.LocalCluster(brokers=2, ports=[0, taken])
