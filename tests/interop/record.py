"""What every client under test sends and reads, and the line of hex that carries it to clients in other languages."""

from __future__ import annotations

from typing import NamedTuple

CODECS = ("none", "gzip", "snappy", "lz4", "zstd")


class Record(NamedTuple):
    """Key and value may be absent (None); timestamps are milliseconds since 1970."""

    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    timestamp: int


def sample(count: int = 40) -> list[Record]:
    """Records of all shapes: absent and empty keys and values, headers, text beyond ASCII, a large value."""
    first = 1_357_034_400_000
    shapes = [
        Record(b"JFK", b"plain", (), first),
        Record(None, b"no key", (("origin", b"JFK"),), first + 1),
        Record(b"tombstone", None, (), first + 2),
        Record(b"empty", b"", (("one", b"1"), ("two", b"\x00\xff")), first + 3),
        Record("café".encode(), "日本".encode() * 50, (("trace", b"abc"),), first + 4),
    ]
    more = [
        Record(b"k%d" % (i % 7), b"value-%d-" % i * (i + 1), (), first + 10 + i)
        for i in range(count - len(shapes))
    ]
    return shapes + more


def to_line(record: Record) -> str:
    """timestamp, key, value, headers; bytes in hex, '-' for an absent one."""
    headers = ",".join(f"{name.encode().hex()}={value.hex()}" for name, value in record.headers)
    return f"{record.timestamp}\t{_hex(record.key)}\t{_hex(record.value)}\t{headers}"


def from_line(line: str) -> Record:
    """The record of a line that to_line, or a client's program, wrote."""
    timestamp, key, value, headers = line.rstrip("\n").split("\t")
    pairs = [pair.split("=") for pair in headers.split(",") if pair]
    return Record(
        _unhex(key),
        _unhex(value),
        tuple((bytes.fromhex(name).decode(), bytes.fromhex(data)) for name, data in pairs),
        int(timestamp),
    )


def _hex(data: bytes | None) -> str:
    return "-" if data is None else data.hex()


def _unhex(text: str) -> bytes | None:
    return None if text == "-" else bytes.fromhex(text)
