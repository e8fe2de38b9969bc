"""Compaction by a broker, real and simulated, as clients see it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import kafkascope as ks

COMPACT = {
    "cleanup.policy": "compact",
    "segment.bytes": "2000",
    "min.cleanable.dirty.ratio": "0.01",
    "delete.retention.ms": "100",
}
ROUNDS = 30


def wait_until(condition: Callable[[], object], seconds: float = 20) -> None:
    """Polls, since a broker tells nobody that it has cleaned."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)


def test_a_consumer_gets_the_last_value_of_each_key() -> None:
    config = {"log.cleaner.backoff.ms": 10, "num.partitions": 1}
    with ks.LocalCluster(config=config) as cluster:
        with ks.KafkaAdminClient(bootstrap_servers=cluster.bootstrap_servers) as admin:
            admin.create_topics([ks.NewTopic("states", 1, 1, topic_configs=COMPACT)])
        with ks.KafkaProducer(bootstrap_servers=cluster.bootstrap_servers, linger_ms=0) as producer:
            for n in range(ROUNDS):
                for key in (b"JFK", b"LGA", b"EWR"):
                    producer.send("states", f"{n}".encode() * 20, key=key).get(10)
            producer.send("states", None, key=b"LGA").get(10)
        cleaner = cluster.broker(1).log_manager.cleaner
        assert cleaner.enabled
        log_manager = cluster.broker(1).log_manager
        wait_until(lambda: log_manager.cleaner.checkpoints.get(("states", 0), 0) > 60)
        cleanings = log_manager.cleaner.last_cleanings
        assert cleanings[0][:2] == ("states", 0)
        assert cleanings[0][2].records_written < cleanings[0][2].records_read
        consumer = ks.KafkaConsumer(
            bootstrap_servers=cluster.bootstrap_servers, auto_offset_reset="earliest"
        )
        consumer.assign([ks.TopicPartition("states", 0)])
        last: dict[bytes, bytes | None] = {}
        offsets: list[int] = []
        while not offsets or offsets[-1] < 3 * ROUNDS:
            for records in consumer.poll(1000).values():
                offsets += [record.offset for record in records]
                last |= {record.key: record.value for record in records}
        consumer.close()
        assert last == {b"JFK": b"29" * 20, b"EWR": b"29" * 20, b"LGA": None}
        assert len(offsets) < 3 * ROUNDS
        assert offsets == sorted(offsets)
        metrics = cluster.broker(1).metrics()
        log_end = "kafka.log:type=Log,name=LogEndOffset,topic=states,partition=0"
        assert metrics[log_end]["Value"] == 3 * ROUNDS + 1
        assert metrics[log_end.replace("LogEndOffset", "NumLogSegments")]["Value"] >= 1
        assert metrics["kafka.log:type=LogCleaner,name=max-clean-time-secs"]["Value"] >= 0
        assert metrics["kafka.log:type=LogCleanerManager,name=max-dirty-percent"]["Value"] <= 100


def test_the_cleaner_is_reconfigured_while_the_broker_runs() -> None:
    with (
        ks.LocalCluster(config={"num.partitions": 1}) as cluster,
        ks.KafkaAdminClient(bootstrap_servers=cluster.bootstrap_servers) as admin,
    ):
        admin.create_topics([ks.NewTopic("states", 1, 1, topic_configs=COMPACT)])
        with ks.KafkaProducer(bootstrap_servers=cluster.bootstrap_servers) as producer:
            for _ in range(60):
                producer.send("states", b"x" * 100, key=b"k").get(10)
        log_manager = cluster.broker(1).log_manager
        assert not log_manager.cleaner.checkpoints, "it waits 15 s between two looks"
        changes = {"log.cleaner.backoff.ms": "10", "log.cleaner.threads": "2"}
        admin.alter_configs([ks.admin.ConfigResource("BROKER", "1", configs=changes)])
        wait_until(lambda: log_manager.cleaner.checkpoints)


def test_a_simulated_broker_compacts_and_survives_crashes_in_the_middle() -> None:
    sim = ks.Simulation(seed=11, config={"log.cleaner.backoff.ms": "50"})
    sim.create_topic("states", config={**COMPACT, "flush.messages": "1"})
    producer = sim.producer(acks="all")
    sent: dict[bytes, bytes] = {}
    for n in range(60):
        key = f"k{n % 5}".encode()
        sent[key] = f"{n}".encode() * 30
        producer.send("states", sent[key], key=key).get()
        if n % 10 == 9:
            sim.broker(1).crash(after_disk_changes=n)
            sim.run_for("1 s")
            if not sim.broker(1).running:
                sim.broker(1).start()
            else:
                sim.broker(1).crash()
                sim.broker(1).start()
    sim.run_for("5 s")
    assert sim.broker(1).cleaner.checkpoints[("states", 0)] > 20
    log = sim.broker(1).log("states", 0)
    assert {record.key: record.value for record in log.records()} == sent
    assert len(list(log.records())) < 40
