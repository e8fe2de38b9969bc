"""kafka-dump-log: the contents of a log's files as Kafka's own tool prints them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from kafkascope import __version__
from kafkascope import record_decoders as decoders
from kafkascope.errors import CorruptRecordError, KafkaError
from kafkascope.log_files import (
    base_offset_of,
    legacy_checksum,
    read_batches,
    read_offset_index,
    read_producer_snapshot,
    read_time_index,
    read_transaction_index,
)
from kafkascope.record import Record, RecordBatch

_ALL = 2**31 - 1
_DECODERS = {
    "StringDecoder": lambda data: data.decode("utf-8", "replace"),
    "IntegerDecoder": lambda data: str(int.from_bytes(data, "big", signed=True)),
    "LongDecoder": lambda data: str(int.from_bytes(data, "big", signed=True)),
    "DefaultDecoder": repr,
}


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "kafka-dump-log",
        description="Prints what the files of a log hold, for example to look into one that seems damaged.",
    )
    add = parser.add_argument
    add("--files", required=True, metavar="FILE,FILE,...", help="log and index files")
    add(
        "--print-data-log", action="store_true", help="print keys and values (set by every decoder)"
    )
    add("--deep-iteration", action="store_true", help="print each record (set by --print-data-log)")
    add("--verify-index-only", action="store_true", help="check the indexes without printing them")
    add("--index-sanity-check", action="store_true", help="what a broker checks when it starts")
    add("--max-message-size", type=int, default=5 * 1024 * 1024, metavar="BYTES")
    add("--max-bytes", type=int, default=_ALL, metavar="BYTES", help="of batches to read")
    add("--key-decoder-class", nargs="?", const="StringDecoder", metavar="CLASS")
    add("--value-decoder-class", nargs="?", const="StringDecoder", metavar="CLASS")
    add("--offsets-decoder", action="store_true", help="records of __consumer_offsets")
    add("--transaction-log-decoder", action="store_true", help="records of __transaction_state")
    add("--cluster-metadata-decoder", action="store_true", help="records of __cluster_metadata")
    add("--skip-record-metadata", action="store_true", help="no metadata of each record")
    add("--version", action="version", version=__version__)
    options = parser.parse_args(arguments)
    for given in (options.key_decoder_class, options.value_decoder_class):
        if given and given.rsplit(".", 1)[-1] not in _DECODERS:
            parser.error(f"{given}: expected one of {', '.join(_DECODERS)}")
    return options


class DumpLogSegments:
    """One run of the tool; `findings` is what it says on stderr at the end."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.decoder = self._decoder()
        chosen = options.key_decoder_class or options.value_decoder_class
        special = self.decoder not in (decoders.string_decoder, self._by_class)
        self.print_data = bool(options.print_data_log or chosen or special)
        self.deep = self.print_data or options.deep_iteration
        self.findings: dict[str, list[str]] = {}

    def _decoder(self) -> decoders.Decoder:
        options = self.options
        if options.offsets_decoder:
            return decoders.offsets_decoder
        if options.transaction_log_decoder:
            return decoders.transaction_decoder
        if options.cluster_metadata_decoder:
            return decoders.metadata_decoder
        if options.key_decoder_class or options.value_decoder_class:
            return self._by_class
        return decoders.string_decoder

    def _by_class(self, record: Record) -> tuple[str | None, str | None]:
        def apply(name: str | None, data: bytes | None) -> str | None:
            return (
                None
                if data is None
                else _DECODERS[(name or "StringDecoder").rsplit(".", 1)[-1]](data)
            )

        return (
            apply(self.options.key_decoder_class, record.key),
            apply(self.options.value_decoder_class, record.value),
        )

    def run(self) -> None:
        """Prints all files, then what was found wrong."""
        kinds = {
            ".log": self.dump_log,
            ".checkpoint": self.dump_log,
            ".index": self.dump_index,
            ".timeindex": self.dump_time_index,
            ".snapshot": self.dump_snapshot,
            ".txnindex": self.dump_transaction_index,
        }
        for name in self.options.files.split(","):
            path = Path(name)
            print(f"Dumping {path}")
            if path.suffix in kinds:
                kinds[path.suffix](path)
            else:
                print(f"Ignoring unknown file {path}", file=sys.stderr)
        for title, lines in self.findings.items():
            print(title, *lines, sep="\n", file=sys.stderr)

    def _found(self, title: str, line: str, first: bool = False) -> None:
        lines = self.findings.setdefault(title, [])
        lines.insert(0 if first else len(lines), f"  {line}")

    def dump_log(self, path: Path) -> None:
        """A .log file, or a snapshot of KRaft's."""
        if path.suffix == ".log":
            print(f"Log starting offset: {base_offset_of(path)}")
        elif path.name == "bootstrap.checkpoint":
            print("KRaft bootstrap snapshot")
        else:
            offset, epoch = path.stem.split("-")
            print(f"Snapshot end offset: {int(offset)}, epoch: {int(epoch)}")
        valid, last = 0, -1
        for batch in read_batches(path, max_bytes=self.options.max_bytes):
            print(_batch_line(batch))
            valid += batch.size_bytes
            if not self.deep:
                continue
            for record in batch.records:
                if last not in (-1, record.offset - 1):
                    self._found(
                        f"Non-consecutive offsets in {path.absolute()}",
                        f"{last} is followed by {record.offset}",
                        first=True,
                    )
                last = record.offset
                print(self._record_line(batch, record))
        trailing = path.stat().st_size - valid
        if trailing > 0 and self.options.max_bytes == _ALL:
            print(f"Found {trailing} invalid bytes at the end of {path.name}")

    def _record_line(self, batch: RecordBatch, record: Record) -> str:
        parts = [] if self.options.skip_record_metadata else list(_metadata(batch, record))
        if self.print_data and not batch.is_control:
            key, payload = self.decoder(record)
            if key is not None:
                parts.append(f"key: {key}")
            if payload is not None:
                parts.append(f"payload: {payload}")
        return "| " + " ".join(parts)

    def dump_index(self, path: Path) -> None:
        """An offset index, each entry held against the batch that it points at."""
        entries = list(read_offset_index(path))
        if not entries:
            print(f"{path} is empty.")
            return
        if self._sane(path, [entry.offset for entry in entries], 8):
            return
        for entry in entries:
            batch = next(read_batches(path.with_suffix(".log"), entry.position), None)
            if batch is None or batch.last_offset != entry.offset:
                found = -1 if batch is None else batch.last_offset
                self._found(
                    f"Mismatches in :{path.absolute()}",
                    f"Index offset: {entry.offset}, log offset: {found}",
                    first=True,
                )
            if not self.options.verify_index_only:
                print(f"offset: {entry.offset} position: {entry.position}")

    def dump_time_index(self, path: Path) -> None:
        """A time index, each entry held against the batch with its offset."""
        entries = list(read_time_index(path))
        if self._sane(path, [entry.timestamp for entry in entries], 12):
            return
        index = list(read_offset_index(path.with_suffix(".index")))
        before = -1
        for entry in entries:
            start = max((e.position for e in index if e.offset <= entry.offset), default=0)
            batches = read_batches(path.with_suffix(".log"), start)
            batch = next((b for b in batches if b.last_offset >= entry.offset), None)
            if batch is None or batch.last_offset != entry.offset:
                found = -1 if batch is None else batch.last_offset
                self._found(
                    "The following indexed offsets are not found in the log.",
                    f"Indexed offset: {entry.offset}, found log offset: {found}",
                )
            else:
                newest = max((record.timestamp for record in batch.records), default=-1)
                if newest != entry.timestamp:
                    self._found(
                        f"Found timestamp mismatch in :{path.absolute()}",
                        f"Index timestamp: {entry.timestamp}, log timestamp: {newest}",
                    )
                if before >= entry.timestamp:
                    self._found(
                        f"Found out of order timestamp in :{path.absolute()}",
                        f"Index timestamp: {entry.timestamp}, Previously indexed timestamp: {before}",
                    )
            if not self.options.verify_index_only:
                print(f"timestamp: {entry.timestamp} offset: {entry.offset}")
            before = entry.timestamp

    def _sane(self, path: Path, keys: list[int], entry_size: int) -> bool:
        """True when the sanity check was all that was asked for."""
        if not self.options.index_sanity_check:
            return False
        if path.stat().st_size % entry_size or (keys and keys[-1] < keys[0]):
            raise CorruptRecordError(f"{path}: a broker would build this index anew")
        print(f"{path} passed sanity check.")
        return True

    def dump_snapshot(self, path: Path) -> None:
        """A snapshot of producers."""
        try:
            entries = read_producer_snapshot(path)
        except CorruptRecordError as error:
            print(error, file=sys.stderr)
            return
        for entry in entries:
            first = entry.current_txn_first_offset
            line = (
                f"producerId: {entry.producer_id} producerEpoch: {entry.producer_epoch} "
                f"coordinatorEpoch: {entry.coordinator_epoch} "
                f"currentTxnFirstOffset: OptionalLong{'.empty' if first is None else f'[{first}]'} "
                f"lastTimestamp: {entry.timestamp} "
            )
            if entry.last_sequence >= 0:
                line += (
                    f"firstSequence: {entry.first_sequence} lastSequence: {entry.last_sequence} "
                    f"lastOffset: {entry.last_offset} offsetDelta: {entry.offset_delta} "
                    f"timestamp: {entry.timestamp}"
                )
            print(line)

    def dump_transaction_index(self, path: Path) -> None:
        """The aborted transactions of a segment."""
        for txn in read_transaction_index(path):
            print(
                f"version: {txn.version} producerId: {txn.producer_id} firstOffset: {txn.first_offset} "
                f"lastOffset: {txn.last_offset} lastStableOffset: {txn.last_stable_offset}"
            )


def _bool(value: bool) -> str:
    return "true" if value else "false"


def _timestamp_type(batch: RecordBatch) -> str:
    if batch.magic == 0:
        return "NoTimestampType"
    return "LogAppendTime" if batch.log_append_time else "CreateTime"


def _sequence(batch: RecordBatch, offset: int) -> int:
    if batch.base_sequence < 0:
        return -1
    return (batch.base_sequence + offset - batch.base_offset) % 2**31


def _batch_line(batch: RecordBatch) -> str:
    if batch.magic < 2:
        head = f"offset: {batch.last_offset}"
    else:
        horizon = batch.delete_horizon_ms
        head = (
            f"baseOffset: {batch.base_offset} lastOffset: {batch.last_offset} count: {batch.count} "
            f"baseSequence: {batch.base_sequence} lastSequence: {_sequence(batch, batch.last_offset)} "
            f"producerId: {batch.producer_id} producerEpoch: {batch.producer_epoch} "
            f"partitionLeaderEpoch: {batch.partition_leader_epoch} "
            f"isTransactional: {_bool(batch.is_transactional)} isControl: {_bool(batch.is_control)} "
            f"deleteHorizonMs: OptionalLong{'.empty' if horizon is None else f'[{horizon}]'}"
        )
    return (
        f"{head} position: {batch.position} {_timestamp_type(batch)}: {batch.max_timestamp} "
        f"size: {batch.size_bytes} magic: {batch.magic} compresscodec: {batch.codec} "
        f"crc: {batch.crc} isvalid: {_bool(batch.is_valid)}"
    )


def _metadata(batch: RecordBatch, record: Record) -> Iterator[str]:
    yield f"offset: {record.offset} {_timestamp_type(batch)}: {record.timestamp}"
    yield f"keySize: {-1 if record.key is None else len(record.key)}"
    yield f"valueSize: {-1 if record.value is None else len(record.value)}"
    if batch.magic >= 2:
        yield f"sequence: {_sequence(batch, record.offset)}"
        yield f"headerKeys: [{','.join(name for name, _ in record.headers)}]"
    elif batch.codec == "none":
        yield f"isValid: {_bool(batch.is_valid)} crc: {batch.crc}}}"
    else:
        # A message in a compressed one was checked when it was read.
        checksum = legacy_checksum(batch, record.timestamp, record.key, record.value)
        yield f"isValid: true crc: {checksum}}}"
    if batch.is_control:
        yield _control(batch, record)


def _control(batch: RecordBatch, record: Record) -> str:
    names = {"SNAPSHOT_HEADER": "SnapshotHeader", "SNAPSHOT_FOOTER": "SnapshotFooter"}
    names |= {"KRAFT_VERSION": "KRaftVersion", "KRAFT_VOTERS": "KRaftVoters"}
    control = next(c for c in batch.control_records if c.offset == record.offset)
    if control.type in ("ABORT", "COMMIT"):
        return f"endTxnMarker: {control.type} coordinatorEpoch: {control.value['coordinatorEpoch']}"
    if control.type in names:
        return f"{names[control.type]} {decoders.compact_json(control.value)}"
    number = int.from_bytes((record.key or b"")[2:4], "big", signed=True)
    return f"controlType: {control.type}({number})"


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the tool; what cannot be read becomes one line on stderr and exit status 1."""
    options = _options(arguments)
    try:
        DumpLogSegments(options).run()
    except (KafkaError, OSError, ValueError) as error:
        print(f"kafka-dump-log: {error}", file=sys.stderr)
        sys.exit(1)
