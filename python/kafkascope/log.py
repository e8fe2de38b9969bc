"""A partition's log: segments, their indexes, and the batches in them.

>>> log = open("/data/flights-0")                          # a directory, nobody's or Apache Kafka's own
>>> log = cluster.broker(1).log_manager.log("flights", 0)  # of a running broker: a snapshot
>>> [segment.base_offset for segment in log.segments]
[0]
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from kafkascope import _core
from kafkascope.log_files import (
    AbortedTxn,
    OffsetPosition,
    TimestampOffset,
    read_transaction_index,
)
from kafkascope.record import Record, RecordBatch, batches
from kafkascope.viz import Picture, draw_log

TYPE_CHECKING = False
if TYPE_CHECKING:
    import pyarrow

__all__ = [
    "CleanerStats",
    "Log",
    "LogCleaner",
    "LogManager",
    "LogSegment",
    "OffsetPosition",
    "TimestampOffset",
    "open",
]


Reader = Callable[[Path, int, int], bytes]
"""(file, position, size) -> bytes"""


def _read(path: Path, position: int, size: int) -> bytes:
    with builtins.open(path, "rb") as file:
        file.seek(position)
        return file.read(size)


class LogSegment:
    """A .log file with its indexes. Iterates over its batches, which are read from the file."""

    def __init__(self, facts: dict[str, Any], read: Reader = _read) -> None:
        self._facts = facts
        self._read = read

    @property
    def path(self) -> Path:
        """The .log file."""
        return Path(self._facts["path"])

    @property
    def base_offset(self) -> int:
        """The first offset that it may hold; its file is named so."""
        return int(self._facts["base_offset"])

    @property
    def next_offset(self) -> int:
        """One above its last offset."""
        return int(self._facts["next_offset"])

    @property
    def size_bytes(self) -> int:
        """Length of the .log file."""
        return int(self._facts["size_bytes"])

    @property
    def active(self) -> bool:
        """Is it the one that is appended to?"""
        return bool(self._facts["active"])

    @property
    def problem(self) -> str:
        """Why the batches end before the file does; "" when they do not."""
        return str(self._facts["problem"])

    @property
    def offset_index(self) -> list[OffsetPosition]:
        """The entries of the .index file."""
        return [OffsetPosition(**entry) for entry in self._facts["index_entries"]]

    @property
    def transaction_index(self) -> list[AbortedTxn]:
        """The entries of the .txnindex file; there is none where no transaction was aborted."""
        if not self._facts["aborted_transactions"]:
            return []
        return list(read_transaction_index(self.path.with_suffix(".txnindex")))

    def data(self, position: int, size: int) -> bytes:
        """Bytes of the .log file."""
        return self._read(self.path, position, size)

    @property
    def time_index(self) -> list[TimestampOffset]:
        """The entries of the .timeindex file."""
        return [TimestampOffset(**entry) for entry in self._facts["time_index_entries"]]

    def __iter__(self) -> Iterator[RecordBatch]:
        for facts in self._facts["batches"]:
            for batch in batches(self._read(self.path, facts["position"], facts["size_bytes"])):
                yield replace(batch, position=facts["position"])

    def to_dict(self) -> dict[str, Any]:
        """The facts, batches and index entries as plain values."""
        return self._facts

    def __repr__(self) -> str:
        return (
            f"<LogSegment {self.path.name}, offsets {self.base_offset} to {self.next_offset - 1}, "
            f"{self.size_bytes} bytes, {len(self._facts['batches'])} batches>"
        )


class Log:
    """What a log was when it was looked at. Iterates over its batches; draws itself.

    Offsets that nobody knows are None: a directory alone does not say what is committed.
    """

    def __init__(self, facts: dict[str, Any], read: Reader = _read) -> None:
        self._facts = facts
        self._read = read

    @property
    def topic(self) -> str:
        """The topic's name."""
        return str(self._facts["topic"])

    @property
    def partition(self) -> int:
        """The partition's number."""
        return int(self._facts["partition"])

    @property
    def dir(self) -> Path:
        """The partition's directory."""
        return Path(self._facts["dir"])

    @property
    def segments(self) -> list[LogSegment]:
        """In the order of their offsets; the last one is the active one."""
        return [LogSegment(facts, self._read) for facts in self._facts["segments"]]

    @property
    def log_start_offset(self) -> int:
        """The first offset that can be read."""
        return int(self._facts["log_start_offset"])

    @property
    def high_watermark(self) -> int | None:
        """Consumers read below this offset."""
        return self._offset("high_watermark")

    @property
    def last_stable_offset(self) -> int | None:
        """Consumers with isolation_level="read_committed" read below this offset."""
        return self._offset("last_stable_offset")

    @property
    def log_end_offset(self) -> int:
        """The offset of the next record to be appended."""
        return int(self._facts["log_end_offset"])

    @property
    def recovery_point(self) -> int | None:
        """Everything below this offset is known to be on disk."""
        return self._offset("recovery_point")

    @property
    def size_bytes(self) -> int:
        """Of all .log files."""
        return int(self._facts["size_bytes"])

    def _offset(self, name: str) -> int | None:
        value = self._facts[name]
        return None if value is None else int(value)

    def __iter__(self) -> Iterator[RecordBatch]:
        return self.batches()

    def batches(self) -> Iterator[RecordBatch]:
        """All batches, read from the files as they are asked for."""
        for segment in self.segments:
            yield from segment

    def records(self, start_offset: int = 0) -> Iterator[Record]:
        """All records from the offset on, without those of control batches, decompressed a batch at a time.

        Raises:
            CorruptRecordError: a damaged batch.
        """
        for batch in self.batches():
            if batch.is_control or batch.last_offset < start_offset:
                continue
            for record in batch.records:
                if record.offset >= start_offset:
                    yield record

    def to_arrow(self, what: str = "records") -> pyarrow.Table:
        """As a pyarrow table; needs `pip install kafkascope[arrow]`.

        Args:
            what: "records" (offset, timestamp, key, value, headers), "batches", "offset_index" or "time_index".

        Raises:
            ValueError: another word.
            CorruptRecordError: a damaged batch.
        """
        from kafkascope import arrow

        return arrow.table(self, what)

    def with_offsets(self, offsets: Mapping[str, int]) -> Log:
        """The same files with offsets that somebody else knows, such as {"high_watermark": 7}."""
        return Log({**self._facts, **offsets}, self._read)

    def to_dict(self) -> dict[str, Any]:
        """The facts, segments, batches and index entries as plain values."""
        return self._facts

    def picture(self) -> Picture:
        """Segments, batches and index entries to scale."""
        return draw_log(self._facts)

    def _repr_html_(self) -> str:
        return self.picture().html()

    def __repr__(self) -> str:
        return (
            f"<Log {self.topic}-{self.partition}, offsets {self.log_start_offset} to {self.log_end_offset - 1}, "
            f"{len(self._facts['segments'])} segments, {self.size_bytes} bytes>"
        )


class CleanerStats(NamedTuple):
    """What one cleaning read and wrote. It cleaned [from_offset, to_offset): all is clean below the latter."""

    from_offset: int
    to_offset: int
    seconds: float
    map_bytes_read: int
    map_records_read: int
    bytes_read: int
    records_read: int
    records_without_key: int
    bytes_written: int
    records_written: int
    buffer_utilization: float
    collision_rate: float


class LogCleaner:
    """What the threads that compact a broker's logs have done: a snapshot."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self._facts = facts

    @property
    def enabled(self) -> bool:
        """Is `log.cleaner.enable` set?"""
        return bool(self._facts["enabled"])

    @property
    def checkpoints(self) -> dict[tuple[str, int], int]:
        """(topic, partition) -> the offset below which all is compacted: cleaner-offset-checkpoint."""
        return dict(self._facts["checkpoints"])

    @property
    def last_cleanings(self) -> list[tuple[str, int, CleanerStats]]:
        """The last cleaning of each thread, as (topic, partition, what it did)."""
        return [
            (facts["topic"], facts["partition"], _stats(facts))
            for facts in self._facts["last_cleanings"]
        ]

    def __repr__(self) -> str:
        return f"<LogCleaner, clean up to {self.checkpoints}>"


def _stats(facts: Mapping[str, Any]) -> CleanerStats:
    return CleanerStats(**{field: facts[field] for field in CleanerStats._fields})


class LogManager:
    """The logs of a running broker."""

    def __init__(self, broker: _core.Broker) -> None:
        self._broker = broker

    @property
    def log_dirs(self) -> list[str]:
        """The directories that hold the logs."""
        return self._broker.log_dirs

    def log(self, topic: str, partition: int) -> Log:
        """What the log is now; it does not change afterwards.

        Raises:
            UnknownTopicOrPartitionError: the broker has no such partition.
        """
        return Log(self._broker.log(topic, partition))

    @property
    def cleaner(self) -> LogCleaner:
        """What the log cleaner has done."""
        return LogCleaner(self._broker.cleaner())

    def __repr__(self) -> str:
        return f"<LogManager of {self.log_dirs}>"


def open(dir: str | Path) -> Log:
    """Reads a partition's directory, such as "/data/flights-0". Nothing in it is changed, locked or recovered.

    Raises:
        KafkaStorageError: no such directory, or no segment in it.
    """
    return Log(_core.read_log_directory(str(dir)))
