"""kill -9 of leaders, one after the other, under an idempotent producer: nothing lost, nothing twice, all in order."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from cluster import (
    SHORT_SESSIONS,
    IdempotentWriter,
    Topic,
    assert_counted,
    assert_replicas_are_the_same,
    wait_until,
)

from kafkascope import LocalCluster

pytest.importorskip("confluent_kafka")

ROUNDS = int(os.environ.get("KAFKASCOPE_KILL_ROUNDS", "4"))
PARTITIONS = 3


def test_no_acknowledged_record_is_lost_when_leaders_are_killed(tmp_path: Path) -> None:
    with LocalCluster(3, processes=True, data_dir=tmp_path, config=SHORT_SESSIONS) as cluster:
        topic = Topic(cluster.bootstrap_servers, "killed", PARTITIONS)
        writer = IdempotentWriter(topic)
        try:
            for number in range(ROUNDS):
                kill_a_leader(cluster, topic, writer, number)
        finally:
            writer.close()
        assert_counted(topic.read(), writer.sent)
        print(f"{ROUNDS} rounds, {sum(writer.sent)} records")
    assert_replicas_are_the_same(tmp_path, topic)


def kill_a_leader(
    cluster: LocalCluster, topic: Topic, writer: IdempotentWriter, number: int
) -> None:
    partition = number % PARTITIONS
    victim, controller = topic.leader(partition), topic.controller()
    writer.await_more(partition, 500)
    killed = time.monotonic()
    cluster.broker(victim).kill()
    wait_until(
        f"another leader of partition {partition} than {victim}",
        lambda: topic.leader(partition) not in (-1, victim),
    )
    led = time.monotonic()
    writer.await_more(partition)
    written = time.monotonic()
    cluster.broker(victim).start()
    topic.await_in_sync()
    print(
        f"round {number}: killed {victim}{' (controller)' if victim == controller else ''},"
        f" led after {led - killed:.2f} s, written after {written - killed:.2f} s,"
        f" in sync {time.monotonic() - written:.2f} s later; {sum(writer.acknowledged)} acknowledged",
        flush=True,
    )
