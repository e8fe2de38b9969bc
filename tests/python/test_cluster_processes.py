"""Brokers in processes of their own: killed, paused, started again."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import kafkascope as ks
from kafkascope import errors
from kafkascope.broker_process import BrokerProcess

TOPIC = "t"


@pytest.fixture(scope="module")
def cluster() -> Iterator[ks.LocalCluster]:
    """A broker that dies, or stands still, is missed within a second or two."""
    config = {
        "zookeeper.session.timeout.ms": 2000,
        "replica.lag.time.max.ms": 1000,
        "replica.fetch.wait.max.ms": 300,
    }
    with ks.LocalCluster(brokers=3, processes=True, config=config) as running:
        with ks.KafkaAdminClient(bootstrap_servers=running.bootstrap_servers) as admin:
            admin.create_topics([ks.NewTopic(TOPIC, num_partitions=1, replication_factor=3)])
        yield running


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def partition(cluster: ks.LocalCluster) -> dict[str, Any]:
    """As a client is told by a broker that has heard of it."""
    with ks.KafkaAdminClient(bootstrap_servers=cluster.bootstrap_servers) as admin:
        until(lambda: admin.describe_topics([TOPIC])[0]["partitions"] != [])
        found: dict[str, Any] = admin.describe_topics([TOPIC])[0]["partitions"][0]
        return found


def all_in_sync(cluster: ks.LocalCluster) -> bool:
    return len(partition(cluster)["isr_nodes"]) == 3


def test_a_killed_leader_is_replaced_and_comes_back(cluster: ks.LocalCluster) -> None:
    until(lambda: all_in_sync(cluster))
    first = partition(cluster)["leader_id"]
    broker = cluster.broker(first)
    pid, port = broker.pid, broker.port
    with ks.KafkaProducer(bootstrap_servers=cluster.bootstrap_servers, acks="all") as producer:
        assert producer.send(TOPIC, b"a").get(10).offset == 0
        broker.kill()
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
        assert not broker.is_running
        assert producer.send(TOPIC, b"b").get(30).offset == 1
    assert partition(cluster)["leader_id"] != first
    with pytest.raises(errors.IllegalStateError, match=f"broker {first} is down"):
        broker.kill()
    broker.start()
    assert (broker.port, broker.pid != pid) == (port, True)
    until(lambda: all_in_sync(cluster))


def test_a_paused_follower_leaves_the_isr_until_it_is_resumed(cluster: ks.LocalCluster) -> None:
    until(lambda: all_in_sync(cluster))
    follower = next(b for b in cluster.brokers if b.broker_id != partition(cluster)["leader_id"])
    others = ",".join(f"{b.host}:{b.port}" for b in cluster.brokers if b is not follower)
    assert isinstance(follower, BrokerProcess)
    follower.pause()
    try:
        with ks.KafkaProducer(bootstrap_servers=others, acks="all") as producer:
            sent = producer.send(TOPIC, b"c")
            assert sent.get(20).offset == 2, "once the follower is out of the ISR"
    finally:
        follower.resume()
    until(lambda: all_in_sync(cluster))


def test_a_broker_that_ends_by_itself_is_told(cluster: ks.LocalCluster) -> None:
    broker = cluster.broker(3)
    os.kill(broker.pid, 9)
    until(lambda: not broker.is_running)
    assert broker.failure.startswith("broker 3 ended with status -9: see ")
    assert repr(broker).endswith(", down>")
    broker.start()
    assert broker.failure == ""


def test_a_broker_that_cannot_start_says_why() -> None:
    with ks.LocalCluster() as other:
        taken = other.broker(1).port
        with pytest.raises(
            errors.KafkaError, match=f"broker 1 did not start: .*{taken}: Address already in use"
        ):
            ks.LocalCluster(processes=True, ports=[taken])
