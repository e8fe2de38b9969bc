"""A log's contents as pyarrow tables (`pip install kafkascope[arrow]`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from kafkascope import _core
from kafkascope.log import Log, LogSegment

__all__ = ["table"]

_CHUNK = 16 << 20  # bytes of a segment at a time
_HEADERS = pa.list_(pa.struct([("key", pa.large_string()), ("value", pa.large_binary())]))
_RECORDS = pa.schema(
    [
        pa.field("offset", pa.int64(), nullable=False),
        pa.field("timestamp", pa.timestamp("ms", tz="UTC"), nullable=False),
        ("key", pa.large_binary()),
        ("value", pa.large_binary()),
        pa.field("headers", _HEADERS, nullable=False),
    ]
)


def table(log: Log, what: str) -> pa.Table:
    """See Log.to_arrow."""
    kinds = {
        "records": _records,
        "batches": _batches,
        "offset_index": _offset_index,
        "time_index": _time_index,
    }
    if what not in kinds:
        raise ValueError(f"to_arrow({what!r}): expected one of {', '.join(kinds)}")
    return kinds[what](log)


def _records(log: Log) -> pa.Table:
    chunks = [chunk for segment in log.segments for chunk in _segment_records(segment)]
    return pa.Table.from_batches(chunks, schema=_RECORDS)


def _segment_records(segment: LogSegment) -> list[pa.RecordBatch]:
    chunks = []
    position, size = 0, _CHUNK
    while position < segment.size_bytes:
        columns = _core.record_columns(segment.data(position, size))
        if columns["consumed"] == 0:
            if position + size >= segment.size_bytes:
                break  # a batch that is cut off: segment.problem tells of it
            size *= 2  # a batch larger than that
            continue
        position += columns["consumed"]
        size = _CHUNK
        chunks.append(_record_batch(columns))
    return chunks


def _record_batch(columns: dict[str, Any]) -> pa.RecordBatch:
    count, headers = columns["count"], columns["header_count"]
    pairs = pa.StructArray.from_arrays(
        [
            _binary(pa.large_string(), headers, columns["header_key"]),
            _binary(pa.large_binary(), headers, columns["header_value"]),
        ],
        fields=list(_HEADERS.value_type),
    )
    ends = pa.Array.from_buffers(
        pa.int32(), count + 1, [None, pa.py_buffer(columns["header_ends"])]
    )
    arrays = [
        pa.Array.from_buffers(pa.int64(), count, [None, pa.py_buffer(columns["offset"])]),
        pa.Array.from_buffers(
            _RECORDS.field("timestamp").type, count, [None, pa.py_buffer(columns["timestamp"])]
        ),
        _binary(pa.large_binary(), count, columns["key"]),
        _binary(pa.large_binary(), count, columns["value"]),
        pa.ListArray.from_arrays(ends, pairs),
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=_RECORDS)


def _binary(kind: pa.DataType, count: int, buffers: tuple[bytes, bytes, bytes]) -> pa.Array:
    return pa.Array.from_buffers(kind, count, [pa.py_buffer(buffer) for buffer in buffers])


def _batches(log: Log) -> pa.Table:
    rows = [
        {"segment": segment.base_offset, **batch}
        for segment in log.segments
        for batch in segment.to_dict()["batches"]
    ]
    return pa.Table.from_pylist(rows)


def _offset_index(log: Log) -> pa.Table:
    rows = [(segment.base_offset, *e) for segment in log.segments for e in segment.offset_index]
    return _integers(("segment", "offset", "position"), rows)


def _time_index(log: Log) -> pa.Table:
    rows = [(segment.base_offset, *e) for segment in log.segments for e in segment.time_index]
    return _integers(("segment", "timestamp", "offset"), rows)


def _integers(names: tuple[str, ...], rows: Sequence[tuple[int, ...]]) -> pa.Table:
    return pa.table(
        {name: pa.array([row[n] for row in rows], pa.int64()) for n, name in enumerate(names)}
    )
