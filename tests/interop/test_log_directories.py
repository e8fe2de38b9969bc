"""Apache Kafka reads what we wrote: its dump tool on our segments, its broker on our directory."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import apache_kafka
import pytest
from apache_kafka import JavaProcess, free_port, run_tool, wait_for_port, write_properties
from clients import KafkaPython
from record import CODECS, Record, sample

TOPIC = "written-by-kafkascope"
COMPACTED = "compacted-by-kafkascope"
KEYS = 7


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory that holds sample() once per codec, in small segments, and a topic that was compacted.

    The broker was killed (SIGKILL), started again, which recovered its logs, and stopped.
    """
    if apache_kafka.absent():
        pytest.skip(apache_kafka.absent())
    import kafkascope as ks

    data = tmp_path_factory.mktemp("data")
    settings = {"num.partitions": 1, "log.segment.bytes": 4_000, "log.cleaner.backoff.ms": 10}
    port = free_port()
    properties = {key: str(value) for key, value in settings.items()}
    properties |= {
        "broker.id": "1",
        "listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "log.dirs": str(data / "broker-1"),
    }
    path = write_properties(data / "server.properties", properties)
    broker = subprocess.Popen([sys.executable, "-m", "kafkascope", "server", str(path)])
    try:
        wait_for_port(port, broker)
        _write(ks, f"127.0.0.1:{port}", data / "broker-1")
    finally:
        broker.kill()
        broker.wait()
    assert not (data / "broker-1" / ".kafka_cleanshutdown").exists()
    with ks.LocalCluster(data_dir=data, config=settings):
        pass
    return data / "broker-1"


def _write(ks: ModuleType, bootstrap: str, directory: Path) -> None:
    for codec in CODECS:
        with ks.KafkaProducer(
            bootstrap_servers=bootstrap, compression_type=codec, batch_size=1_000
        ) as producer:
            futures = [
                producer.send(TOPIC, r.value, r.key, list(r.headers), timestamp_ms=r.timestamp)
                for r in sample()
            ]
            assert all(future.get(30).offset >= 0 for future in futures)
    policy = {"cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.01"}
    with ks.KafkaAdminClient(bootstrap_servers=bootstrap) as admin:
        admin.create_topics([ks.NewTopic(COMPACTED, 1, 1, topic_configs=policy)])
    with ks.KafkaProducer(bootstrap_servers=bootstrap, linger_ms=0) as producer:
        for n in range(200):
            producer.send(COMPACTED, f"{n}".encode() * 10, key=f"{n % KEYS}".encode()).get(30)
    checkpoint = directory / "cleaner-offset-checkpoint"
    deadline = time.monotonic() + 30
    while not checkpoint.exists():  # written when the first cleaning is over
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)


def test_dump_log_segments_reads_our_files(written: Path) -> None:
    directory = written / f"{TOPIC}-0"
    logs = sorted(directory.glob("*.log"))
    assert len(logs) > 1, "the segments should have rolled"
    records = 0
    for path in [*logs, *sorted(directory.glob("*.*index"))]:
        printed = run_tool(
            "kafka.tools.DumpLogSegments", "--files", str(path), "--print-data-log", "--deep-iteration",
            "--index-sanity-check",
        )  # fmt: skip
        assert not re.search(r"mismatch|corrupt|invalid|Non-consecutive", printed, re.IGNORECASE), (
            printed[-2000:]
        )
        records += printed.count("| offset: ")
    assert records == len(sample()) * len(CODECS)


def test_apache_kafka_serves_our_directory(written: Path, tmp_path: Path) -> None:
    """In ZooKeeper mode, with the topic's znode made by hand, since the files carry its id but not its assignment."""
    zookeeper_port, port = free_port(), free_port()
    zookeeper = JavaProcess(
        tmp_path / "zookeeper", "org.apache.zookeeper.server.ZooKeeperServerMain",
        str(write_properties(tmp_path / "zoo.cfg", {
            "dataDir": str(tmp_path / "zookeeper-data"), "clientPort": str(zookeeper_port),
            "admin.enableServer": "false",
        })), heap="256m",
    )  # fmt: skip
    try:
        wait_for_port(zookeeper_port, zookeeper.process)
        connect = f"127.0.0.1:{zookeeper_port}"
        _make_znodes(connect, written)
        config = {
            "broker.id": "1",
            "zookeeper.connect": connect,
            "listeners": f"PLAINTEXT://127.0.0.1:{port}",
            "log.dirs": str(written),
        }
        broker = JavaProcess(
            tmp_path / "kafka",
            "kafka.Kafka",
            str(write_properties(tmp_path / "server.properties", config)),
        )
        try:
            wait_for_port(port, broker.process)
            expected = sample() * len(CODECS)
            assert KafkaPython().consume(f"127.0.0.1:{port}", TOPIC, len(expected)) == expected
            compacted = records_of(written / f"{COMPACTED}-0")
            assert len(compacted) < 200
            assert {r.key: r.value for r in compacted} == {
                f"{n % KEYS}".encode(): f"{n}".encode() * 10 for n in range(200)
            }
            found = KafkaPython().consume(f"127.0.0.1:{port}", COMPACTED, len(compacted))
            assert [(r.key, r.value) for r in found] == [(r.key, r.value) for r in compacted]
            more = [Record(b"k", b"by Apache Kafka", (), 1_700_000_000_000)]
            KafkaPython().produce(f"127.0.0.1:{port}", TOPIC, "none", more)
        finally:
            broker.stop()
    finally:
        zookeeper.stop()


def records_of(directory: Path) -> list[Any]:
    import kafkascope as ks

    return list(ks.open_log(directory).records())


def _topic_znode(directory: Path, topic: str) -> str:
    metadata = (directory / f"{topic}-0" / "partition.metadata").read_text()
    found = re.search(r"topic_id: (\S+)", metadata)
    assert found, metadata
    return json.dumps(
        {
            "version": 3,
            "topic_id": found[1],
            "partitions": {"0": [1]},
            "adding_replicas": {},
            "removing_replicas": {},
        },
        separators=(",", ":"),
    )


def _make_znodes(connect: str, directory: Path) -> None:
    properties = dict(
        line.split("=", 1)
        for line in (directory / "meta.properties").read_text().splitlines()
        if "=" in line
    )
    cluster = json.dumps({"version": "1", "id": properties["cluster.id"]}, separators=(",", ":"))
    nodes = {
        "/cluster": "",
        "/cluster/id": cluster,
        "/brokers": "",
        "/brokers/topics": "",
        **{f"/brokers/topics/{t}": _topic_znode(directory, t) for t in (TOPIC, COMPACTED)},
        "/config": "",
        "/config/topics": "",
        # Or Kafka's cleaner would leave the topic alone, and its retention would not.
        f"/config/topics/{COMPACTED}": '{"version":1,"config":{"cleanup.policy":"compact"}}',
    }
    for path, data in nodes.items():
        run_tool("org.apache.zookeeper.ZooKeeperMain", "-server", connect, "create", path, data)
