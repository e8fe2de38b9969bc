"""Logs, batches and timers as objects: of directories that Apache Kafka wrote, and of a running broker."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import kafkascope as ks
from kafkascope import errors, log, purgatory, record

FIXTURES = Path(__file__).parent.parent / "data" / "fixtures" / "logs.tar.gz"


@pytest.fixture(scope="module")
def fixtures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("logs")
    with tarfile.open(FIXTURES) as archive:
        archive.extractall(home)
    return home / "logs"


@pytest.fixture(scope="module")
def broker() -> Iterator[ks.LocalCluster]:
    config = {"log.segment.bytes": 2000, "log.index.interval.bytes": 300}
    with ks.LocalCluster(config=config) as cluster:
        where = cluster.bootstrap_servers
        with ks.KafkaProducer(bootstrap_servers=where, compression_type="gzip") as producer:
            for i in range(30):
                headers = [("n", str(i).encode())]
                sent = producer.send("flights", b"to Houston" * 9, key=b"JFK", headers=headers)
                sent.get(timeout=10)
        yield cluster


def partition_dirs(fixtures: Path) -> list[Path]:
    return [found for found in sorted(fixtures.glob("*/*")) if found.is_dir()]


def test_reads_the_batches_that_apache_kafka_wrote(fixtures: Path) -> None:
    seen = 0
    for directory in partition_dirs(fixtures):
        before = sorted((file.name, file.stat().st_mtime_ns) for file in directory.iterdir())
        lines = (directory.parent / "batches.jsonl").read_text().splitlines()
        dump = [batch for batch in map(json.loads, lines) if batch["file"].endswith(".log")]
        found = list(log.open(directory))
        assert len(found) == len(dump), directory
        for ours, theirs in zip(found, dump, strict=True):
            assert ours.is_valid and ours.last_offset == theirs["lastOffset"]
            assert ours.codec == theirs["compression"]
            assert all(ours.base_offset <= item.offset <= ours.last_offset for item in ours)
            seen += 1
        after = sorted((file.name, file.stat().st_mtime_ns) for file in directory.iterdir())
        assert after == before, "looking changes nothing"
    assert seen > 50


def test_a_log_of_a_running_broker(broker: ks.LocalCluster) -> None:
    live = broker.broker(1).log_manager.log("flights", 0)
    assert live.log_end_offset == live.high_watermark == 30
    assert len(live.segments) > 1
    assert live.segments[-1].active and not live.segments[0].active
    assert [batch.base_offset for batch in live] == list(range(30))
    first = next(iter(live)).records[0]
    assert (first.key, first.value, first.headers) == (b"JFK", b"to Houston" * 9, [("n", b"0")])
    for segment in live.segments:
        positions = {batch.position: batch.base_offset for batch in segment}
        assert all(positions[entry.position] <= entry.offset for entry in segment.offset_index)
    assert repr(live).startswith("<Log flights-0, offsets 0 to 29, ")
    on_disk = log.open(live.dir)
    assert [batch.data for batch in on_disk] == [batch.data for batch in live]


def test_a_partition_that_is_not_there(broker: ks.LocalCluster, tmp_path: Path) -> None:
    with pytest.raises(errors.UnknownTopicOrPartitionError, match="flights-9"):
        broker.broker(1).log_manager.log("flights", 9)
    with pytest.raises(errors.KafkaError, match="holds no segment"):
        log.open(tmp_path)
    with pytest.raises(errors.KafkaError, match="nowhere"):
        log.open(tmp_path / "nowhere")


def test_every_byte_of_a_batch_has_a_name(broker: ks.LocalCluster) -> None:
    batch = next(iter(broker.broker(1).log_manager.log("flights", 0)))
    next_byte = 0
    for item in batch.to_dict()["fields"]:
        if not item["name"].startswith("record "):
            assert item["begin"] == next_byte
            next_byte = item["end"]
    assert next_byte == batch.size_bytes
    assert record.batches(batch.data + batch.data[:20]) == [record.batches(batch.data)[0]], (
        "what is cut off is left out"
    )


def test_a_damaged_batch_is_shown_and_refused(broker: ks.LocalCluster) -> None:
    batch = next(iter(broker.broker(1).log_manager.log("flights", 0)))
    damaged = record.batches(batch.data[:-5] + b"\xff" * 5)[0]
    assert not damaged.is_valid
    assert "WRONG" in str(damaged.fields())
    with pytest.raises(errors.KafkaError):
        _ = damaged.records
    with pytest.raises(errors.CorruptRecordError):
        record.batches(bytes(100))


def test_a_timer_is_driven_by_hand() -> None:
    timer = purgatory.SystemTimer(tick_ms=1, wheel_size=20)
    timer.add("soon", 5)
    timer.add("later", 250)
    cancelled = timer.add("never", 30)
    assert len(timer) == 3
    assert [level["tick_ms"] for level in timer.to_dict()["levels"]] == [1, 20]
    cancelled.cancel()
    assert timer.advance_clock(4) == []
    assert timer.advance_clock(1) == ["soon"]
    assert timer.advance_clock(244) == []
    fine = timer.to_dict()["levels"][0]["buckets"]
    assert [task for bucket in fine for task in bucket["tasks"]] == ["later"], (
        "it fell down a wheel"
    )
    assert timer.advance_clock(1) == ["later"]
    assert (len(timer), timer.now_ms) == (0, 250)
    assert timer.add("now", 0) and timer.advance_clock(0) == ["now"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: purgatory.SystemTimer(0), "tick_ms=0"),
        (lambda: purgatory.SystemTimer().add("x", -1), "delay_ms=-1"),
        (lambda: purgatory.SystemTimer().advance_clock(-1), "ms=-1"),
    ],
)
def test_a_timer_refuses_what_cannot_be(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_waiting_fetches_stand_in_the_purgatory(broker: ks.LocalCluster) -> None:
    consumer = ks.KafkaConsumer(
        bootstrap_servers=broker.bootstrap_servers, fetch_max_wait_ms=10_000, fetch_min_bytes=10_000
    )
    partition = ks.TopicPartition("flights", 0)
    consumer.assign([partition])
    consumer.seek(partition, 30)
    replicas = broker.broker(1).replica_manager
    while not len(replicas.fetch_purgatory):
        consumer.poll(timeout_ms=50)
    waiting = replicas.fetch_purgatory
    assert "flights-0" in str(waiting.watchers)
    assert len(replicas.produce_purgatory) == 0
    assert waiting._repr_html_().startswith("<img ")
    consumer.close()


def test_all_draw_themselves(broker: ks.LocalCluster) -> None:
    live = broker.broker(1).log_manager.log("flights", 0)
    for thing in (live, next(iter(live)), purgatory.SystemTimer()):
        assert thing._repr_html_().startswith('<img src="data:image/svg+xml;base64,')
        assert isinstance(thing.to_dict(), dict)


def test_control_records_say_what_they_are(fixtures: Path) -> None:
    def control(name: str, suffix: str) -> list[record.ControlRecord]:
        files = sorted((fixtures / name).rglob(f"*{suffix}"))
        found = [batch.control_records for f in files for batch in record.batches(f.read_bytes())]
        return [one for some in found for one in some]

    markers = control("txn", ".log")
    assert {marker.type for marker in markers} == {"COMMIT", "ABORT"}
    assert markers[0].value == {"version": 0, "coordinatorEpoch": 0}
    raft = control("kraft-metadata", ".checkpoint")
    assert [one.type for one in raft[:2]] == ["SNAPSHOT_HEADER", "SNAPSHOT_FOOTER"]
    assert raft[0].value == {"version": 0, "lastContainedLogTimestamp": 1795207365364}
    assert control("plain-v2", ".log") == []
