"""Our log and Apache Kafka's, driven by the same requests: every answer and every file must be the same."""

from __future__ import annotations

import random
import shutil
import subprocess
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import apache_kafka
import pytest

from kafkascope import _core
from kafkascope.errors import KafkaError
from kafkascope.live_log import UnifiedLog
from kafkascope.log_files import read_batches, read_producer_snapshot

START_MS = 1_700_000_000_000
FIXTURES = Path(__file__).parents[1] / "data" / "fixtures" / "logs.tar.gz"


class ApacheLog:
    """Apache Kafka's UnifiedLog and Cleaner behind ApacheLog.java."""

    def __init__(self, classes: Path, dir: Path, config: dict[str, str], start_ms: int) -> None:
        settings = [f"{key}={value}" for key, value in config.items()]
        state = ["--clean-shutdown"] if (dir.parent / ".kafka_cleanshutdown").exists() else []
        checkpoint = dir.parent / "log-start-offset-checkpoint"
        for line in checkpoint.read_text().splitlines()[2:] if checkpoint.exists() else []:
            state.append(f"--log-start-offset={line.split(' ')[2]}")
        self.java = subprocess.Popen(
            ["java", "-cp", f"{classes}:{apache_kafka.class_path()}", "ApacheLog", str(dir), str(start_ms),
             *settings, *state],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self._line(("ready",))

    def _line(self, expected: tuple[str, ...] = ()) -> str:
        assert self.java.stdout is not None
        while line := self.java.stdout.readline().rstrip("\n"):
            if not line.startswith("[") and (not expected or line in expected):  # a warning
                return line
        raise AssertionError("ApacheLog ended")

    def ask(self, line: str) -> str:
        assert self.java.stdin is not None
        self.java.stdin.write(line + "\n")
        self.java.stdin.flush()
        return self._line()

    def close(self) -> None:
        self.ask("close")
        self.java.communicate()


class OurLog:
    """The same requests, answered by kafkascope."""

    def __init__(self, dir: Path, config: dict[str, str], start_ms: int) -> None:
        self.log = UnifiedLog(dir, config, clock_ms=start_ms)

    def ask(self, line: str) -> str:
        words = line.split(" ")
        try:
            return self._answer(words[0], words[1:])
        except KafkaError:
            return "error"

    def _answer(self, verb: str, words: list[str]) -> str:
        log = self.log
        if verb == "append":
            offsets = log.append_batch(
                bytes.fromhex(words[0]),
                leader_epoch=int(words[1]),
                coordinator=words[2] == "coordinator",
            )
            return f"{offsets.start} {offsets.stop - 1}"
        if verb == "read":
            data = log._log.read(int(words[0]), int(words[1]))
            return f"{len(data)} {zlib.crc32(data)}"
        if verb == "time":
            found = log.offset_for_time(int(words[0]))
            return "none" if found is None else f"{found[0]} {found[1]}"
        if verb == "truncate":
            return str(log.truncate_to(int(words[0]))).lower()
        if verb == "delete_records":
            return str(log.delete_records(int(words[0])))
        if verb == "retention":
            return str(log.delete_old_segments())
        if verb == "clean":
            stats = log.clean()
            return "none" if stats is None else str(stats.to_offset)
        if verb == "offsets":
            now = log.snapshot()
            return f"{now.log_start_offset} {now.last_stable_offset} {now.high_watermark} {now.log_end_offset}"
        if verb == "advance":
            log.advance_clock(int(words[0]) / 1000)
        else:
            {"roll": log.roll, "flush": log.flush, "close": log.close}[verb]()
        return "ok"


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if apache_kafka.absent():
        pytest.skip(apache_kafka.absent())
    home = tmp_path_factory.mktemp("classes")
    source = Path(__file__).parent / "ApacheLog.java"
    command = ["javac", "-cp", apache_kafka.class_path(), "-d", str(home), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return home


def files_of(dir: Path) -> dict[str, bytes]:
    """All files of a partition but those that wait for their deletion.

    Without snapshots that no segment begins with: Kafka removes them when it next starts. Without empty indexes: Kafka
    makes them when somebody asks.
    """
    found = {p.name: p.read_bytes() for p in sorted(dir.iterdir()) if p.suffix != ".deleted"}
    found = {name: data for name, data in found.items() if data or not name.endswith("index")}
    stray = [
        n for n in found if n.endswith(".snapshot") and n.replace("snapshot", "log") not in found
    ]
    return {name: data for name, data in found.items() if name not in stray}


def expect_same_files(ours: Path, theirs: Path) -> None:
    mine, wanted = files_of(ours), files_of(theirs)
    # Ours keeps the snapshot of the segment that the log start lies in; Kafka does not.
    first = min(mine)
    kept = {name for name in mine if name.endswith(".snapshot") and name[:20] == first[:20]}
    assert mine.keys() - kept == wanted.keys() - kept
    for name in kept:
        mine.pop(name)
    snapshots = [name for name in mine if name.endswith(".snapshot")]
    for name in snapshots:  # in any order
        assert sorted(read_producer_snapshot(ours / name), key=str) == sorted(
            read_producer_snapshot(theirs / name), key=str
        ), name
    different = [name for name in mine if mine[name] != wanted[name] and name not in snapshots]
    for name in [name for name in different if name.endswith(".log")]:
        assert batches_of(ours / name) == batches_of(theirs / name), name
        compressed = any(batch.codec != "none" for batch in read_batches(ours / name))
        assert compressed, f"{name}: the same records in other bytes"
        # Codecs differ in the bytes that they make of the same records, and positions with them.
        different = [n for n in different if n.split(".")[0] != name.split(".")[0]]
    assert not different


def batches_of(path: Path) -> list[object]:
    """What a .log file says, whatever its codecs made of it."""
    facts = ("magic", "base_offset", "last_offset", "count", "codec", "base_timestamp", "max_timestamp",
             "partition_leader_epoch", "producer_id", "producer_epoch", "base_sequence", "is_transactional",
             "is_control", "delete_horizon_ms", "is_valid")  # fmt: skip
    return [
        ([getattr(batch, fact) for fact in facts], batch.records) for batch in read_batches(path)
    ]


def first_from(log: UnifiedLog, timestamp: int) -> str:
    """The first record with the timestamp or a later one, by reading all."""
    now = log.snapshot()
    for record in now.records(now.log_start_offset):
        if record.timestamp >= timestamp >= 0:
            return f"{record.timestamp} {record.offset}"
    return "none"


class Workload:
    """Requests by seed: producers of all kinds, in all codecs, among rolls, look-ups, truncations and deletions."""

    def __init__(self, seed: int, compact: bool) -> None:
        self.random = random.Random(seed)
        self.compact = compact
        self.epoch = 0
        self.end = 0
        self.starts = [0]
        self.sequences: dict[int, int] = {}
        self.open: set[int] = set()

    def requests(self, count: int) -> Iterator[str]:
        choose = self.random.random
        for _ in range(count):
            what = choose()
            if what < 0.45:
                yield self.append()
            elif what < 0.55 and self.open:
                yield self.end_transaction()
            elif what < 0.7:
                yield f"read {self.random.randint(0, self.end)} {self.random.choice([1, 500, 5000])}"
            elif what < 0.8:
                yield f"time {START_MS + self.random.randint(-100, 120_000)}"
            elif what < 0.84 and not self.compact:
                # Where a batch begins: within one Kafka leaves a gap, ours ends before it.
                yield f"truncate {self.random.choice(self.starts[-8:])}"
                self.open.clear()  # what a truncation took of a transaction is not known here
                self.sequences.clear()
                self.epoch += 1
            elif what < 0.87:
                yield f"advance {self.random.randint(1, 3000)}"
            elif what < 0.9:
                yield "clean" if self.compact else "retention"
            elif what < 0.92 and not self.compact:
                yield f"delete_records {self.random.randint(0, max(self.end // 3, 1))}"
            elif what < 0.94:
                yield "flush"
            yield "offsets"
        yield "roll"
        yield "clean" if self.compact else "retention"
        yield "advance 10000"
        yield "append " + self.batch(3, {}) + f" {self.epoch} client"
        yield "roll"
        yield "clean" if self.compact else "retention"
        yield "offsets"
        for offset in range(0, self.end, 3):
            yield f"read {offset} 1"
        for timestamp in range(START_MS - 100, START_MS + 130_000, 4_001):
            yield f"time {timestamp}"
        for special in (-1, -2, -3):
            yield f"time {special}"

    def append(self) -> str:
        kind = self.random.random()
        count = self.random.randint(1, 6)
        if kind < 0.4:
            return f"append {self.batch(count, {})} {self.epoch} client"
        producer = self.random.randint(7, 9) if kind < 0.7 else self.random.randint(20, 22)
        producer += 100 * self.epoch  # a new one after a truncation
        sequence = self.sequences.get(producer, 0)
        self.sequences[producer] = sequence + count
        transactional = kind >= 0.7
        if transactional:
            self.open.add(producer)
        state = {"producer_id": producer, "producer_epoch": 0, "base_sequence": sequence}
        data = self.batch(count, {**state, "transactional": transactional})
        return f"append {data} {self.epoch} {'coordinator' if transactional else 'client'}"

    def batch(self, count: int, state: dict[str, int]) -> str:
        value = self.random.choice([b"v" * 10, b"w" * 200, b"x" * 900])
        at = START_MS + self.random.randint(0, 120_000)
        rows = []
        for n in range(count):
            key = f"key-{self.random.randint(0, 12)}".encode()
            empty = self.compact and self.random.random() < 0.2
            rows.append(
                (None, at + n, key, None if empty else value, [("h", b"1")] if n % 2 else [])
            )
        arguments = {"producer_id": -1, "producer_epoch": -1, "base_sequence": -1, **state}
        codec = self.random.choice(["none", "none", "gzip", "snappy", "lz4", "zstd"])
        if self.compact:  # the cleaner compresses anew, and codecs differ in their bytes
            codec = "none"
        return _core.record_build(
            rows, codec, 2, 0, arguments["producer_id"], arguments["producer_epoch"],
            arguments["base_sequence"], bool(state.get("transactional")),
        ).hex()  # fmt: skip

    def end_transaction(self) -> str:
        producer = self.random.choice(sorted(self.open))
        self.open.remove(producer)
        commit = self.random.random() < 0.5
        marker = _core.record_end_txn_marker(commit, producer, 0, START_MS)
        return f"append {marker.hex()} {self.epoch} coordinator"

    def learn(self, request: str, answer: str) -> None:
        if request.startswith("append") and not answer.startswith("error"):
            self.starts.append(int(answer.split(" ")[0]))
            self.end = int(answer.split(" ")[1]) + 1
        elif request == "offsets":
            self.end = int(answer.split(" ")[3])
            self.starts = [start for start in self.starts if start <= self.end]


@pytest.mark.parametrize("seed", range(1, 5))
@pytest.mark.parametrize("compact", [False, True], ids=["delete", "compact"])
def test_same_answers_and_same_files(
    classes: Path, tmp_path: Path, seed: int, compact: bool
) -> None:
    config = {
        "segment.bytes": "6000",
        "index.interval.bytes": "300",
        "retention.bytes": "40000",
        "retention.ms": "-1",
        "delete.retention.ms": "4000",
        "cleanup.policy": "compact" if compact else "delete",
    }
    theirs = ApacheLog(classes, tmp_path / "apache" / "t-0", config, START_MS)
    ours = OurLog(tmp_path / "ours" / "t-0", config, START_MS)
    workload = Workload(seed, compact)
    for asked, request in enumerate(workload.requests(300)):
        expected, found = theirs.ask(request), ours.ask(request)
        if expected.startswith("error"):  # which error, the unit tests say
            expected = "error"
        if request.startswith("time") and expected == "none":
            # Kafka looks into one segment only, although its records may lie below the log start.
            expected = first_from(ours.log, int(request.split(" ")[1]))
        assert found == expected, f"request {asked}: {request[:80]}"

        workload.learn(request, expected)
    theirs.close()
    ours.ask("close")
    expect_same_files(tmp_path / "ours" / "t-0", tmp_path / "apache" / "t-0")


def _fixtures() -> list[str]:
    with tarfile.open(FIXTURES) as archive:
        found = {p.split("/")[1] for p in archive.getnames() if p.endswith("/dump.txt")}
    return sorted(found - {"kraft-metadata"})


@pytest.mark.parametrize("name", _fixtures())
def test_same_after_cleaning_what_apache_kafka_wrote(
    classes: Path, tmp_path: Path, name: str
) -> None:
    """All that may be cleaned is; then again, when tombstones are past their retention."""
    config = {"cleanup.policy": "compact", "delete.retention.ms": "1000"}
    with tarfile.open(FIXTURES) as archive:
        archive.extractall(tmp_path, filter="data")
    source = tmp_path / "logs" / name
    dirs = {}
    for side in ("ours", "apache"):
        shutil.copytree(source, tmp_path / side)
        dirs[side] = next(p for p in (tmp_path / side).iterdir() if p.is_dir())
    start_ms = 1_700_600_000_000  # a day after the records: no producer is forgotten
    theirs = ApacheLog(classes, dirs["apache"], config, start_ms)
    (tmp_path / "ours" / "cleaner-offset-checkpoint").unlink(missing_ok=True)
    ours = OurLog(dirs["ours"], config, start_ms)
    marker = _core.record_build([(None, 1, b"k", b"v", [])], "none", 2, 0, -1, -1, -1, False).hex()
    append = f"append {marker} 0 client"
    for request in ("roll", "clean", append, "advance 10000", "roll", "clean", "offsets"):
        assert ours.ask(request) == theirs.ask(request), request
    theirs.close()
    ours.ask("close")
    expect_same_files(dirs["ours"], dirs["apache"])
