"""The files of a partition's directory, one reader each, for files that nobody has open as a log.

>>> for batch in read_batches("flights-0/00000000000000000000.log"):
...     print(batch.base_offset, batch.codec)
>>> list(read_offset_index("flights-0/00000000000000000000.index"))
[OffsetPosition(offset=34, position=4205)]
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from kafkascope import _core
from kafkascope.errors import CorruptRecordError, InvalidRequestError
from kafkascope.record import RecordBatch, batches

__all__ = [
    "AbortedTxn",
    "OffsetPosition",
    "ProducerSnapshotEntry",
    "TimestampOffset",
    "base_offset_of",
    "read_batches",
    "read_offset_index",
    "read_producer_snapshot",
    "read_time_index",
    "read_transaction_index",
]


class OffsetPosition(NamedTuple):
    """An entry of an offset index: the batch at byte `position` is the one that ends at `offset`."""

    offset: int
    position: int


class TimestampOffset(NamedTuple):
    """An entry of a time index: no record up to `offset` has a larger timestamp (milliseconds)."""

    timestamp: int
    offset: int


class AbortedTxn(NamedTuple):
    """An entry of a transaction index. `last_offset` is that of the abort marker."""

    version: int
    producer_id: int
    first_offset: int
    last_offset: int
    last_stable_offset: int


class ProducerSnapshotEntry(NamedTuple):
    """What a .snapshot file holds of one producer: its last batch. -1 and None where there is nothing."""

    producer_id: int
    producer_epoch: int
    last_sequence: int
    last_offset: int
    offset_delta: int
    timestamp: int
    coordinator_epoch: int
    current_txn_first_offset: int | None

    @property
    def first_sequence(self) -> int:
        """Of the batch; sequences start again at 0 after 2^31 - 1."""
        if self.last_sequence < 0:
            return -1
        return (self.last_sequence - self.offset_delta) % 2**31


def base_offset_of(path: str | Path) -> int:
    """The offset that a file's name says.

    Raises:
        ValueError: a name that says none.
    """
    return int(Path(path).name.split(".")[0])


_HEAD = struct.Struct(">qi")
_SMALLEST_BATCH = 14


def read_batches(
    path: str | Path, start: int = 0, max_bytes: int = 2**31 - 1
) -> Iterator[RecordBatch]:
    """The batches of a .log or .checkpoint file from byte `start` on, one in memory at a time.

    One that is cut off at the end is left out.

    Raises:
        CorruptRecordError: something that is no batch.
    """
    with open(path, "rb") as file:
        position = start
        end = start + max_bytes
        while True:
            file.seek(position)
            head = file.read(_HEAD.size)
            if len(head) < _HEAD.size:
                return
            _, length = _HEAD.unpack(head)
            if length < _SMALLEST_BATCH:
                raise CorruptRecordError(
                    f"{path}: no batch at position {position}: length {length}"
                )
            size = _HEAD.size + length
            if position + size > end:
                return
            data = head + file.read(length)
            if len(data) < size:
                return
            yield replace(batches(data)[0], position=position)
            position += size


def _entries(path: str | Path, layout: struct.Struct) -> Iterator[tuple[int, ...]]:
    data = Path(path).read_bytes()
    for at in range(0, len(data) - layout.size + 1, layout.size):
        yield layout.unpack_from(data, at)


def read_offset_index(path: str | Path) -> Iterator[OffsetPosition]:
    """The entries of an .index file; the zeros at the end of one that is written to are left out."""
    base = base_offset_of(path)
    for n, (relative, position) in enumerate(_entries(path, struct.Struct(">ii"))):
        if relative == 0 and n > 0:
            return
        yield OffsetPosition(base + relative, position)


def read_time_index(path: str | Path) -> Iterator[TimestampOffset]:
    """The entries of a .timeindex file; the zeros at the end of one that is written to are left out."""
    base = base_offset_of(path)
    for n, (timestamp, relative) in enumerate(_entries(path, struct.Struct(">qi"))):
        if relative == 0 and n > 0:
            return
        yield TimestampOffset(timestamp, base + relative)


def read_transaction_index(path: str | Path) -> Iterator[AbortedTxn]:
    """The entries of a .txnindex file."""
    for values in _entries(path, struct.Struct(">hqqqq")):
        yield AbortedTxn(*values)


def read_producer_snapshot(path: str | Path) -> list[ProducerSnapshotEntry]:
    """The producers that a .snapshot file knows.

    Raises:
        CorruptRecordError: damaged, or of another version.
    """
    try:
        entries = _core.producer_snapshot(Path(path).read_bytes())
    except InvalidRequestError as error:
        raise CorruptRecordError(f"{path}: {error}") from None
    return [ProducerSnapshotEntry(*entry) for entry in entries]


def legacy_checksum(
    batch: RecordBatch, timestamp: int, key: bytes | None, value: bytes | None
) -> int:
    """The checksum of a message inside a compressed one of format 0 or 1."""
    body = struct.pack(">bb", batch.magic, 0)
    if batch.magic == 1:
        body += struct.pack(">q", timestamp)
    for part in (key, value):
        body += struct.pack(">i", -1) if part is None else struct.pack(">i", len(part)) + part
    return zlib.crc32(body)
