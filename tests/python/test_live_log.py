"""A log driven by hand from Python, and what can be read of a directory: batches, records, tables, pictures."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

import kafkascope as ks
from kafkascope.errors import (
    CorruptRecordError,
    KafkaConfigurationError,
    KafkaStorageError,
    OffsetOutOfRangeError,
    OutOfOrderSequenceNumberError,
)
from kafkascope.live_log import UnifiedLog, compaction, contents

NOW = 1_700_000_000_000
COMPACT = {"cleanup.policy": "compact", "delete.retention.ms": 1000}


@pytest.fixture
def dir(tmp_path: Path) -> Path:
    return tmp_path / "data" / "flights-0"


def values(log: UnifiedLog) -> list[tuple[int, bytes | None, bytes | None]]:
    return [(r.offset, r.key, r.value) for r in log.snapshot().records()]


def test_append_read_and_reopen(dir: Path) -> None:
    with UnifiedLog(dir, clock_ms=NOW) as log:
        assert log.append([("JFK", "on time"), ("LGA", None)]) == range(2)
        assert log.append([(b"EWR", b"late")], codec="zstd", timestamp_ms=NOW + 5) == range(2, 3)
        (first,) = log.read(0, 1)
        assert [record.value for record in first] == [b"on time", None]
        assert [batch.codec for batch in log.read(0)] == ["none", "zstd"]
        assert log.offset_for_time(NOW + 1) == (NOW + 5, 2)
        assert log.offset_for_time(NOW + 6) is None
        with pytest.raises(OffsetOutOfRangeError):
            log.read(4)
        assert "offsets 0 to 2" in repr(log)
        assert "<img" in log._repr_html_()
    again = ks.open_log(dir)
    assert [r.key for r in again.records(1)] == [b"LGA", b"EWR"]
    assert again.high_watermark == 3
    with UnifiedLog(dir) as log:
        assert log.append([("x", "y")]) == range(3, 4)


def test_producers_are_checked(dir: Path) -> None:
    with UnifiedLog(dir) as log:
        state = {"producer_id": 7, "producer_epoch": 0}
        log.append([("a", "1")], base_sequence=0, **state)
        assert log.append([("a", "1")], base_sequence=0, **state) == range(1), "a duplicate"
        with pytest.raises(OutOfOrderSequenceNumberError):
            log.append([("a", "3")], base_sequence=2, **state)


def test_transactions(dir: Path) -> None:
    with UnifiedLog(dir, {"segment.bytes": 10_000}) as log:
        log.append(
            [("a", "1")], producer_id=7, producer_epoch=0, base_sequence=0, transactional=True
        )
        assert log.snapshot().last_stable_offset == 0
        assert log.end_transaction(7, 0, commit=False) == 1
        assert log.snapshot().last_stable_offset == 2
        (segment,) = log.snapshot().segments
        (aborted,) = segment.transaction_index
        assert (aborted.producer_id, aborted.first_offset, aborted.last_offset) == (7, 0, 1)
        assert len(list(log.snapshot().batches())) == 2
        assert [r.value for r in log.snapshot().records()] == [b"1"], "no control records"


def test_compaction(dir: Path) -> None:
    with UnifiedLog(dir, COMPACT, clock_ms=NOW) as log:
        assert log.clean() is None
        log.append([("JFK", "1"), ("LGA", "1"), ("JFK", "2"), ("LGA", None)])
        log.roll()
        before = contents(log)
        stats = log.clean()
        assert stats is not None
        assert (stats.from_offset, stats.to_offset) == (0, 4)
        assert (stats.records_read, stats.records_written) == (4, 2)
        assert values(log) == [(2, b"JFK", b"2"), (3, b"LGA", None)]
        assert next(log.snapshot().batches()).delete_horizon_ms == NOW + 1000
        picture = compaction(before, contents(log))
        assert picture.alt.startswith("Compaction of flights-0: 4 records in 2 segments became 2")
        assert [row[3] for row in picture.rows] == [False, False, True, True]
        log.advance_clock("2 s")
        log.append([("EWR", "1")])
        log.roll()
        log.clean()
        assert values(log) == [(2, b"JFK", b"2"), (4, b"EWR", b"1")]
    assert (dir.parent / "cleaner-offset-checkpoint").read_text() == "0\n1\nflights 0 5\n"


def test_retention_truncation_and_deletion(dir: Path) -> None:
    config = {"retention.ms": 1000, "file.delete.delay.ms": 0}
    with UnifiedLog(dir, config, clock_ms=NOW) as log:
        log.append([("a", "1")])
        log.roll()
        log.append([("b", "1")])
        log.append([("c", "1")])
        assert log.delete_old_segments() == 0
        log.advance_clock(5)
        log.append([("d", "1")])
        assert log.delete_old_segments() == 1
        log.delete_expired_files()
        assert not list(dir.glob("*.deleted"))
        assert log.delete_records(2) == 2
        assert log.truncate_to(3)
        assert not log.truncate_to(3)
        assert [v[0] for v in values(log)] == [1, 2], "what lies below the log start is still there"
        log.flush()
        assert log.snapshot().recovery_point == 3


def test_who_has_the_directory(dir: Path) -> None:
    with UnifiedLog(dir), pytest.raises(KafkaStorageError, match="is held"):
        UnifiedLog(dir)
    with pytest.raises(KafkaConfigurationError, match=r"segment.byte"):
        UnifiedLog(dir, {"segment.byte": 1})
    with pytest.raises(ks.errors.InvalidTopicError, match="flights-0"):
        UnifiedLog(dir.parent / "nothing")


def test_a_crash_is_recovered_from(dir: Path) -> None:
    log = UnifiedLog(dir)
    log.append([("a", "1")])
    log.close()
    (dir.parent / ".kafka_cleanshutdown").unlink()
    with open(next(dir.glob("*.log")), "ab") as file:
        file.write(b"half a batch")
    with UnifiedLog(dir) as log:
        assert values(log) == [(0, b"a", b"1")]


def test_arrow_tables(dir: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    with UnifiedLog(dir, {"index.interval.bytes": 0}, clock_ms=NOW) as log:
        log.append([("a", "1"), (None, None)])
        log.append([("b", "x" * 100)], codec="gzip")
        log.roll()
        log.append_batch(
            ks._core.record_build(
                [(None, NOW + 9, b"c", b"2", [("h", b"1"), ("n", None)])],
                "none", 2, 0, -1, -1, -1, False,
            )
        )  # fmt: skip
        log.append(
            [("t", "1")], producer_id=1, producer_epoch=0, base_sequence=0, transactional=True
        )
        log.end_transaction(1, 0, commit=True)
        now = log.snapshot()
        table = now.to_arrow()
        assert table.column("offset").to_pylist() == [0, 1, 2, 3, 4]
        assert table.column("key").to_pylist() == [b"a", None, b"b", b"c", b"t"]
        assert table.column("value").to_pylist()[:3] == [b"1", None, b"x" * 100]
        headers = table.column("headers").to_pylist()
        assert headers[3] == [{"key": "h", "value": b"1"}, {"key": "n", "value": None}]
        assert headers[0] == []
        moment = datetime.datetime.fromtimestamp(NOW / 1000, datetime.timezone.utc)
        assert table.column("timestamp").to_pylist()[0] == moment
        assert table.num_rows == len(list(now.records()))
        batches = now.to_arrow("batches")
        assert batches.column("segment").to_pylist() == [0, 0, 3, 3, 3]
        assert batches.column("codec").to_pylist()[1] == "gzip"
        index = now.to_arrow("offset_index")
        assert index.schema.names == ["segment", "offset", "position"]
        assert index.num_rows == sum(len(s.offset_index) for s in now.segments) > 0
        assert now.to_arrow("time_index").schema.field("timestamp").type == pyarrow.int64()
        with pytest.raises(ValueError, match="expected one of records"):
            now.to_arrow("keys")


def test_arrow_reads_large_batches_and_damage(dir: Path) -> None:
    pytest.importorskip("pyarrow")
    with UnifiedLog(dir, {"max.message.bytes": 40_000_000}) as log:
        big = b"x" * (17 << 20)
        log.append([("big", big)])
        log.append([("small", "1")])
        table = log.snapshot().to_arrow()
        assert [len(v) for v in table.column("value").to_pylist()] == [17 << 20, 1]
    path = next(dir.glob("*.log"))
    with open(path, "r+b") as file:
        file.seek(-3, 2)
        file.truncate()
    assert ks.open_log(dir).to_arrow().num_rows == 1
    with open(path, "r+b") as file:
        file.seek(8)
        file.write(b"\x00\x00\x00\x05")
    with pytest.raises(CorruptRecordError):
        ks.open_log(dir).to_arrow()
