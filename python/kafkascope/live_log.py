"""A log to drive by hand: append, roll, truncate, clean; look at what each step leaves.

>>> with UnifiedLog("/tmp/example/flights-0", {"cleanup.policy": "compact"}) as log:
...     log.append([("JFK", "on time"), ("LGA", "late"), ("JFK", None)])
...     log.roll()
...     before = contents(log)
...     log.clean()
...     compaction(before, contents(log))
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from kafkascope import _core
from kafkascope.config import text
from kafkascope.durations import to_seconds
from kafkascope.log import CleanerStats, Log
from kafkascope.record import RecordBatch, batches
from kafkascope.viz import Picture, draw_compaction

__all__ = ["CleanerStats", "LogContents", "UnifiedLog", "compaction", "contents"]

Bytes = bytes | str | None
"""Of a key or value; text is encoded as UTF-8."""


def _bytes(value: Bytes) -> bytes | None:
    return value.encode() if isinstance(value, str) else value


class UnifiedLog:
    """The log of one directory, which no broker may have open meanwhile (Kafka's UnifiedLog, once Log).

    The class that a broker uses, with its files, recovery and checkpoints. The high watermark follows the log end, as
    it does where a partition has one replica. Use it as a context manager, or close it: else the next open recovers.

    Args:
        dir: of the partition, "topic-0"; made when absent.
        config: topic keys, such as {"segment.bytes": 10_000, "cleanup.policy": "compact"}.
        clock_ms: the log's clock stands still at this time (milliseconds since 1970), until advance_clock(). Without
            it the clock is the machine's.

    Raises:
        KafkaConfigurationError: a key or value that no topic has.
        KafkaStorageError: a broker has the directory, or it cannot be used.
    """

    def __init__(
        self,
        dir: str | Path,
        config: Mapping[str, Any] | None = None,
        *,
        clock_ms: int | None = None,
    ) -> None:
        texts = {key: text(value) for key, value in (config or {}).items()}
        self._log = _core.LiveLog(str(dir), texts, clock_ms)

    def append(
        self,
        records: Iterable[tuple[Bytes, Bytes]],
        *,
        timestamp_ms: int | None = None,
        codec: str = "none",
        producer_id: int = -1,
        producer_epoch: int = -1,
        base_sequence: int = -1,
        transactional: bool = False,
        leader_epoch: int = 0,
    ) -> range:
        """Appends (key, value) pairs as one batch, as a leader does. Returns their offsets.

        Args:
            records: None as a value makes a tombstone.
            timestamp_ms: of all records; now by default.
            codec: "none", "gzip", "snappy", "lz4" or "zstd".
            producer_id: with epoch and base_sequence, an idempotent producer's.
            producer_epoch: see producer_id.
            base_sequence: of the first record.
            transactional: part of the producer's transaction, which end_transaction() ends.
            leader_epoch: of the leader that appends.

        Raises:
            KafkaError: what a broker would answer: InvalidRecordError, MessageSizeTooLargeError, ...
        """
        now = self._log.wall_ms() if timestamp_ms is None else timestamp_ms
        rows: list[Any] = [(None, now, _bytes(key), _bytes(value), []) for key, value in records]
        batch = _core.record_build(
            rows, codec, 2, 0, producer_id, producer_epoch, base_sequence, transactional
        )
        return self.append_batch(batch, leader_epoch=leader_epoch)

    def append_batch(
        self, batch: bytes, *, leader_epoch: int = 0, coordinator: bool = False
    ) -> range:
        """Appends the bytes of batches, such as a producer sends. Only coordinators write control batches."""
        first, last = self._log.append(batch, leader_epoch, coordinator)
        return range(first, last + 1)

    def end_transaction(self, producer_id: int, producer_epoch: int, *, commit: bool) -> int:
        """Appends the marker that ends a producer's transaction. Returns its offset."""
        now = self._log.wall_ms()
        marker = _core.record_end_txn_marker(commit, producer_id, producer_epoch, now)
        return self.append_batch(marker, coordinator=True).start

    def read(self, offset: int, max_bytes: int = 1 << 20) -> list[RecordBatch]:
        """From the batch that holds the offset on; at least one batch, if there is one.

        Raises:
            OffsetOutOfRangeError: below the log start or above the log end.
        """
        return batches(self._log.read(offset, max_bytes))

    def offset_for_time(self, timestamp_ms: int) -> tuple[int, int] | None:
        """(timestamp, offset) of the first record with that timestamp or a later one."""
        return self._log.offset_for_time(timestamp_ms)

    def roll(self) -> None:
        """Starts a new segment."""
        self._log.roll()

    def flush(self) -> None:
        """Makes everything durable; the recovery point moves to the log end."""
        self._log.flush()

    def truncate_to(self, offset: int) -> bool:
        """Drops everything from the offset on, whole batches. False when there was nothing."""
        return self._log.truncate_to(offset)

    def delete_records(self, before_offset: int) -> int:
        """Moves the log start offset up; segments below it go with delete_old_segments(). Returns it."""
        return self._log.delete_records(before_offset)

    def delete_old_segments(self) -> int:
        """What retention.ms, retention.bytes and the log start offset free. Returns how many segments."""
        return self._log.delete_old_segments()

    def delete_expired_files(self) -> None:
        """Removes .deleted files whose file.delete.delay.ms has passed."""
        self._log.delete_expired_files()

    def clean(self) -> CleanerStats | None:
        """Compacts everything below the active segment, however little is dirty. None when nothing is."""
        stats = self._log.clean()
        return None if stats is None else CleanerStats(**stats)

    def advance_clock(self, duration: float | str) -> None:
        """Moves the log's clock ahead: retention and tombstones wait for hours. Seconds, or text such as "2 h"."""
        self._log.advance_clock(round(to_seconds(duration) * 1000))

    def snapshot(self) -> Log:
        """What the log is now; it does not change afterwards."""
        return Log(self._log.describe())

    def close(self) -> None:
        """A clean shutdown: the next open recovers nothing."""
        self._log.close()

    def __enter__(self) -> UnifiedLog:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _repr_html_(self) -> str:
        return self.snapshot().picture().html()

    def __repr__(self) -> str:
        return repr(self.snapshot()).replace("<Log", "<UnifiedLog", 1)


class LogContents(NamedTuple):
    """A log's records at one moment, kept although a cleaning removes their files. See contents()."""

    topic: str
    partition: int
    segments: list[dict[str, Any]]


def contents(log: Log | UnifiedLog) -> LogContents:
    """Reads all records of a log."""
    shown = log.snapshot() if isinstance(log, UnifiedLog) else log
    segments = [
        {
            "base_offset": segment.base_offset,
            "records": [
                {
                    "offset": record.offset,
                    "key": None if record.key is None else record.key.decode("utf-8", "replace"),
                    "tombstone": record.value is None,
                }
                for batch in segment
                if not batch.is_control
                for record in batch.records
            ],
        }
        for segment in shown.segments
    ]
    return LogContents(shown.topic, shown.partition, segments)


def compaction(before: LogContents, after: LogContents) -> Picture:
    """A log before and after the cleaner, record by record."""
    facts = {"topic": before.topic, "partition": before.partition}
    return draw_compaction({**facts, "before": before.segments, "after": after.segments})
