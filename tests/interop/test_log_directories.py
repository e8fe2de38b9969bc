"""Apache Kafka reads what we wrote: its dump tool on our segments, its broker on our directory."""

from __future__ import annotations

import json
import re
from pathlib import Path

import apache_kafka
import pytest
from apache_kafka import JavaProcess, free_port, run_tool, wait_for_port, write_properties
from clients import KafkaPython
from record import CODECS, Record, sample

TOPIC = "written-by-kafkascope"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cleanly stopped broker's directory that holds sample() once per codec, in small segments."""
    if apache_kafka.absent():
        pytest.skip(apache_kafka.absent())
    import kafkascope as ks

    data = tmp_path_factory.mktemp("data")
    with ks.LocalCluster(
        data_dir=data, config={"num.partitions": 1, "log.segment.bytes": 4_000}
    ) as cluster:
        for codec in CODECS:
            with ks.KafkaProducer(
                bootstrap_servers=cluster.bootstrap_servers,
                compression_type=codec,
                batch_size=1_000,
            ) as producer:
                futures = [
                    producer.send(TOPIC, r.value, r.key, list(r.headers), timestamp_ms=r.timestamp)
                    for r in sample()
                ]
                assert all(future.get(30).offset >= 0 for future in futures)
    return data / "broker-1"


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
            more = [Record(b"k", b"by Apache Kafka", (), 1_700_000_000_000)]
            KafkaPython().produce(f"127.0.0.1:{port}", TOPIC, "none", more)
        finally:
            broker.stop()
    finally:
        zookeeper.stop()


def _make_znodes(connect: str, directory: Path) -> None:
    properties = dict(
        line.split("=", 1)
        for line in (directory / "meta.properties").read_text().splitlines()
        if "=" in line
    )
    metadata = (directory / f"{TOPIC}-0" / "partition.metadata").read_text()
    found = re.search(r"topic_id: (\S+)", metadata)
    assert found, metadata
    cluster = json.dumps({"version": "1", "id": properties["cluster.id"]}, separators=(",", ":"))
    topic = json.dumps(
        {
            "version": 3,
            "topic_id": found[1],
            "partitions": {"0": [1]},
            "adding_replicas": {},
            "removing_replicas": {},
        },
        separators=(",", ":"),
    )
    nodes = {
        "/cluster": "",
        "/cluster/id": cluster,
        "/brokers": "",
        "/brokers/topics": "",
        f"/brokers/topics/{TOPIC}": topic,
    }
    for path, data in nodes.items():
        run_tool("org.apache.zookeeper.ZooKeeperMain", "-server", connect, "create", path, data)
