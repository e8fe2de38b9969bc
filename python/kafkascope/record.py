"""Record batches, what a log segment, a produce request and a fetch answer are made of.

>>> for batch in batches(open("00000000000000000000.log", "rb").read()):
...     print(batch.base_offset, batch.codec, [record.value for record in batch])
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

from kafkascope import _core
from kafkascope.errors import CorruptRecordError
from kafkascope.protocol import decode
from kafkascope.viz import Picture, draw_batch

__all__ = ["ControlRecord", "Record", "RecordBatch", "batches"]


class Record(NamedTuple):
    """One record of a batch. `timestamp` is in milliseconds since 1970, -1 in format 0, which has none."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]]


class ControlRecord(NamedTuple):
    """What coordinators and KRaft's leaders write between the data: "COMMIT", "LEADER_CHANGE", ...

    `value` is the message in the JSON form of Kafka's own tools.
    """

    offset: int
    type: str
    value: dict[str, Any]


@dataclass(frozen=True)
class RecordBatch:
    """A batch of message format 0, 1 or 2. Iterates over its records; draws itself byte by byte.

    What a format does not have is -1: producer ids and sequences before format 2, the count of an old compressed
    batch. `delete_horizon_ms` is when compaction may drop its tombstones. `position` is where the batch starts in the
    bytes or the file that it was read from.
    """

    position: int
    magic: int
    base_offset: int
    last_offset: int
    count: int
    codec: str
    base_timestamp: int
    max_timestamp: int
    log_append_time: bool
    partition_leader_epoch: int
    producer_id: int
    producer_epoch: int
    base_sequence: int
    is_transactional: bool
    is_control: bool
    delete_horizon_ms: int | None
    crc: int
    is_valid: bool
    data: bytes = field(repr=False)

    def __iter__(self) -> Iterator[Record]:
        return iter(self.records)

    @property
    def records(self) -> list[Record]:
        """The records, decompressed.

        Raises:
            CorruptRecordError: bytes that are not what the codec or the format demands.
        """
        return [Record(*values) for values in _core.record_records(self.data)]

    @property
    def control_records(self) -> list[ControlRecord]:
        """What the records of a control batch say; nothing for other batches.

        Raises:
            CorruptRecordError, InvalidRequestError: bytes that are no control records.
        """
        return [_control_record(record) for record in self.records] if self.is_control else []

    @property
    def size_bytes(self) -> int:
        """Length of the batch with its header."""
        return len(self.data)

    def fields(self) -> list[dict[str, Any]]:
        """Named byte ranges: name, begin, end, depth, value, hex. Every byte has one owner."""
        return _core.record_fields(self.data)

    def to_dict(self) -> dict[str, Any]:
        """The header's facts, size_bytes, and fields."""
        facts = {item.name: getattr(self, item.name) for item in fields(self) if item.repr}
        return {**facts, "size_bytes": self.size_bytes, "fields": self.fields()}

    def picture(self) -> Picture:
        """The batch byte by byte."""
        return draw_batch(self.to_dict())

    def _repr_html_(self) -> str:
        return self.picture().html()


def batches(data: bytes) -> list[RecordBatch]:
    """The batches that stand one after another in `data`; one that is cut off at the end is left out.

    Raises:
        CorruptRecordError: something that is no batch.
    """
    return [RecordBatch(**facts) for facts in _core.record_batches(bytes(data))]


# Type by its number, and the message that its value is.
_CONTROL_TYPES = {
    0: ("ABORT", None),
    1: ("COMMIT", None),
    2: ("LEADER_CHANGE", "LeaderChangeMessage"),
    3: ("SNAPSHOT_HEADER", "SnapshotHeaderRecord"),
    4: ("SNAPSHOT_FOOTER", "SnapshotFooterRecord"),
    5: ("KRAFT_VERSION", "KRaftVersionRecord"),
    6: ("KRAFT_VOTERS", "VotersRecord"),
}


def _control_record(record: Record) -> ControlRecord:
    try:
        _, number = struct.unpack_from(">hh", record.key or b"")
        kind, message = _CONTROL_TYPES.get(number, (f"UNKNOWN({number})", None))
        value = record.value or b""
        if kind in ("ABORT", "COMMIT"):
            version, epoch = struct.unpack_from(">hi", value)
            return ControlRecord(
                record.offset, kind, {"version": version, "coordinatorEpoch": epoch}
            )
        if message is None:
            return ControlRecord(record.offset, kind, {})
        (version,) = struct.unpack_from(">h", value)
    except struct.error as error:
        raise CorruptRecordError(f"control record at offset {record.offset}: {error}") from None
    return ControlRecord(record.offset, kind, decode(message, version, value))
