"""A broker of Apache Kafka beside two of ours on our ZooKeeper: either kind controls, leads and follows the other."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apache_kafka
import pytest
from apache_kafka import JavaProcess, free_port, wait_for_port, write_properties
from cluster import (
    IdempotentWriter,
    Topic,
    assert_counted,
    assert_replicas_are_the_same,
    wait_until,
)

from kafkascope import LocalCluster

pytest.importorskip("confluent_kafka")
if apache_kafka.absent():
    pytest.skip(apache_kafka.absent(), allow_module_level=True)
# Now and then a write waits 30 s after a restart, as long as this waits for it.
if not os.environ.get("KAFKASCOPE_MIXED_CLUSTER"):
    pytest.skip("KAFKASCOPE_MIXED_CLUSTER=1 runs it", allow_module_level=True)

CONFIG = {
    "zookeeper.session.timeout.ms": "6000",
    "min.insync.replicas": "2",
    "auto.leader.rebalance.enable": "false",  # the test moves leaders
}
APACHE = 3


class ApacheBroker:
    """Apache Kafka 3.9 with ZooKeeper. It keeps its port and its log over restarts."""

    def __init__(self, home: Path, connect: str) -> None:
        self.home, self.port = home, free_port()
        config = {
            "broker.id": str(APACHE),
            "listeners": f"PLAINTEXT://127.0.0.1:{self.port}",
            "log.dirs": str(home / f"broker-{APACHE}"),
            "zookeeper.connect": connect,
            **CONFIG,
        }
        self._properties = write_properties(home / "apache.properties", config)
        self.start()

    def start(self) -> None:
        self._java = JavaProcess(self.home / "apache", "kafka.Kafka", str(self._properties))
        wait_for_port(self.port, self._java.process)

    def stop(self) -> None:
        self._java.stop()


@contextmanager
def mixed_cluster(home: Path) -> Iterator[tuple[LocalCluster, ApacheBroker]]:
    """Brokers 1 and 2 are ours."""
    with LocalCluster(2, processes=True, data_dir=home, config=CONFIG) as cluster:
        apache = ApacheBroker(home, cluster.zookeeper.connect_string)
        try:
            yield cluster, apache
        finally:
            apache.stop()


def test_apache_kafka_and_ours_make_one_cluster(tmp_path: Path) -> None:
    with mixed_cluster(tmp_path) as (cluster, apache):
        bootstrap = f"{cluster.bootstrap_servers},127.0.0.1:{apache.port}"
        topic = Topic(bootstrap, "mixed", replicas=[[1, 2, 3], [2, 3, 1], [3, 1, 2]])
        writer = IdempotentWriter(topic)
        try:
            assert topic.controller() != APACHE
            await_writing(topic, writer)

            cluster.broker(1).stop()
            cluster.broker(2).stop()
            cluster.broker(1).start()
            cluster.broker(2).start()
            wait_until("Apache Kafka controls", lambda: topic.controller() == APACHE)
            wait_until("Apache Kafka leads", lambda: {topic.leader(p) for p in range(3)} == {APACHE})
            await_writing(topic, writer)
            await_preferred_leaders(topic)
            await_writing(topic, writer)

            apache.stop()
            wait_until("ours lead", lambda: {topic.leader(p) for p in range(3)} <= {1, 2})
            for partition in range(topic.count):
                writer.await_more(partition)
            apache.start()
            wait_until("one of ours controls", lambda: topic.controller() != APACHE)
            await_writing(topic, writer)
            await_preferred_leaders(topic)
            await_writing(topic, writer)
        finally:
            writer.close()
        assert_counted(topic.read(), writer.sent)
    assert_replicas_are_the_same(tmp_path, topic)


def await_writing(topic: Topic, writer: IdempotentWriter) -> None:
    topic.await_in_sync()
    for partition in range(topic.count):
        writer.await_more(partition, 200)


def await_preferred_leaders(topic: Topic) -> None:
    """Partition 0 is led by broker 1 again, and so on."""
    topic.elect_preferred_leaders()
    wait_until("preferred leaders", lambda: [topic.leader(p) for p in range(3)] == [1, 2, 3])
