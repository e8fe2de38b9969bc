"""kafka-dump-log prints what Kafka's own tool printed of directories that Apache Kafka wrote."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from kafkascope.cli import dump_log

FIXTURES = Path(__file__).parents[1] / "data" / "fixtures" / "logs.tar.gz"
DECODERS = {
    "consumer-offsets": "--offsets-decoder",
    "transaction-state": "--transaction-log-decoder",
    "kraft-metadata": "--cluster-metadata-decoder",
}


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("fixtures")
    with tarfile.open(FIXTURES) as archive:
        archive.extractall(home, filter="data")
    return home / "logs"


def names() -> list[str]:
    with tarfile.open(FIXTURES) as archive:
        return sorted(p.split("/")[1] for p in archive.getnames() if p.endswith("/dump.txt"))


@pytest.mark.parametrize("name", names())
def test_prints_what_kafkas_tool_prints(
    name: str, logs: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = (logs / name / "dump.txt").read_text()
    files = [line.split(" ", 1)[1] for line in expected.splitlines() if line.startswith("Dumping ")]
    monkeypatch.chdir(logs / name)
    options = [DECODERS[name]] if name in DECODERS else []
    dump_log.main(["--files", ",".join(files), "--print-data-log", "--deep-iteration", *options])
    printed = capsys.readouterr()
    assert printed.out.splitlines() == expected.splitlines()
    told = logs / name / "dump-stderr.txt"
    wanted = told.read_text().splitlines() if told.exists() else []
    assert sorted(printed.err.replace(f"{logs / name}/", "").splitlines()) == sorted(wanted)


@pytest.fixture
def segment(logs: Path, tmp_path: Path) -> Path:
    """A copy of a .log file with its indexes, to be damaged."""
    source = logs / "segments" / "segments-0"
    for path in source.glob("00000000000000000000.*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path / "00000000000000000000.log"


def test_shallow_without_options(segment: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dump_log.main(["--files", str(segment)])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 2
    assert not any(line.startswith("|") for line in lines)


def test_what_is_cut_off_is_told(segment: Path, capsys: pytest.CaptureFixture[str]) -> None:
    segment.write_bytes(segment.read_bytes()[:-3])
    dump_log.main(["--files", str(segment)])
    assert "invalid bytes at the end of 00000000000000000000.log" in capsys.readouterr().out
    dump_log.main(["--files", str(segment), "--max-bytes", "300"])
    assert "invalid" not in capsys.readouterr().out


def test_damage_is_told(segment: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = bytearray(segment.read_bytes())
    data[70] ^= 1
    segment.write_bytes(data)
    dump_log.main(["--files", str(segment)])
    assert "isvalid: false" in capsys.readouterr().out
    segment.write_bytes(bytes(100))
    with pytest.raises(SystemExit, match="1"):
        dump_log.main(["--files", str(segment)])
    assert "no batch at position 0" in capsys.readouterr().err


def test_index_entries_are_held_against_the_log(
    segment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    index = segment.with_suffix(".index")
    entries = bytearray(index.read_bytes())
    assert len(entries) >= 16
    entries[3] += 1  # the first entry's offset
    index.write_bytes(entries)
    times = segment.with_suffix(".timeindex")
    entries = bytearray(times.read_bytes())
    entries[7] ^= 1  # the first entry's timestamp
    times.write_bytes(entries)
    dump_log.main(["--files", f"{index},{times}", "--verify-index-only"])
    printed = capsys.readouterr()
    assert "offset:" not in printed.out
    assert f"Mismatches in :{index}" in printed.err
    assert f"Found timestamp mismatch in :{times}" in printed.err
    dump_log.main(["--files", str(index), "--index-sanity-check"])
    assert "passed sanity check" in capsys.readouterr().out


def test_a_damaged_snapshot_is_told(
    logs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damaged = tmp_path / "00000000000000000121.snapshot"
    data = bytearray((logs / "txn" / "txn-0" / damaged.name).read_bytes())
    data[20] ^= 1
    damaged.write_bytes(data)
    dump_log.main(["--files", str(damaged)])
    assert "checksum" in capsys.readouterr().err


def test_missing_and_unknown_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.txt").write_text("")
    dump_log.main(["--files", str(tmp_path / "x.txt")])
    assert "Ignoring unknown file" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="1"):
        dump_log.main(["--files", str(tmp_path / "00000000000000000000.log")])
    assert "No such file" in capsys.readouterr().err


def test_decoder_classes(capsys: pytest.CaptureFixture[str], logs: Path) -> None:
    path = logs / "plain-v2" / "plain-v2-0" / "00000000000000000000.log"
    long = "org.apache.kafka.tools.api.LongDecoder"
    dump_log.main(["--files", str(path), "--key-decoder-class", long])
    assert "key: " in capsys.readouterr().out
    with pytest.raises(SystemExit, match="2"):
        dump_log.main(["--files", str(path), "--value-decoder-class", "Mine"])
    assert "Mine: expected one of" in capsys.readouterr().err
